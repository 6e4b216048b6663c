# Runtime settings that all recipes share.
custom_imports = dict(imports=['lfhpe_mmpose'], allow_failed_imports=False)
default_scope = 'mmpose'
# MMPose's inferencer asks the config for it.
data_mode = 'topdown'

default_hooks = dict(
    # MMEngine's hook, without a wait for the device in each iteration.
    runtime_info=dict(type='DeferredLogHook'),
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='CheckpointHook', interval=10, max_keep_ckpts=3),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    visualization=dict(type='PoseVisualizationHook', enable=False),
)
custom_hooks = [
    # One set of batch norm statistics for all processes at the end of an epoch.
    dict(type='SyncBuffersHook'),
    # Checkpoints that load with weights_only=True.
    dict(type='PlainCheckpointHook'),
    # Warns when the maps no longer depend on the picture.
    dict(type='CollapseWatchHook'),
]

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    # tools/train.py takes gloo instead where there is no GPU.
    dist_cfg=dict(backend='nccl'),
)
randomness = dict(seed=0)

vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='LocationFreeVisualizer', vis_backends=vis_backends, name='visualizer')

log_processor = dict(type='LogProcessor', window_size=50, by_epoch=True, num_digits=6)
log_level = 'INFO'
backend_args = dict(backend='local')
load_from = None
resume = False
