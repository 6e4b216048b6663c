# Your own tags with the recipe for photographs: ResNet-18 up to stage 3 at 128x128, small enough
# for a processor. `lfhpe new-config tags.json` writes this file with the values filled in.
# This one is for two keypoints of a pen; copied, it works anywhere.

# Values to change.
train_tags = 'data/pen/train.json'
val_tags = 'data/pen/val.json'
images = 'data/pen/images/'
metainfo = dict(from_file='{{fileDirname}}/keypoints.py')
num_keypoints = 2
# Persons with coordinates in train_tags are located. False: their coordinates are not used.
use_locations = False
# Persons with coordinates in val_tags: the share of keypoints near their place is measured too.
measure_locations = False
# Simulated views of each person that has coordinates and no tag_views.
views_per_person = 4
batch_size = 32
max_epochs = 50
# At most a tenth of all steps.
warmup_steps = 100
# Weights to start from: ImageNet (init_cfg of the backbone), or a whole model (load_from).
init_cfg = dict(type='Pretrained', checkpoint='torchvision://resnet18')
load_from = None
# End of the values.

train_cfg = dict(by_epoch=True, max_epochs=max_epochs, val_interval=max_epochs)
val_cfg = dict()
test_cfg = dict()

optim_wrapper = dict(
    type='Bf16OptimWrapper',
    # Half the rate of the recipes for large data sets, which forgets less of the start.
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.01),
    clip_grad=dict(max_norm=5.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=warmup_steps),
    dict(
        type='CosineAnnealingLR',
        eta_min=1e-6,
        by_epoch=True,
        begin=0,
        end=max_epochs,
        T_max=max_epochs,
        convert_to_iter_based=True,
    ),
]
auto_scale_lr = dict(base_batch_size=32)

codec = dict(type='MSRAHeatmap', input_size=(128, 128), heatmap_size=(32, 32), sigma=1.5)

model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='StagedResNet',
        depth=18,
        num_stages=3,
        out_indices=(1, 2),
        output_stride=16,
        frozen_stages=1,
        init_cfg=init_cfg,
    ),
    neck=dict(
        type='MultiScaleContextEncoder',
        in_channels=[128, 256],
        embed_dims=128,
        num_layers=1,
        num_heads=4,
        pool_sizes=(4, 2),
    ),
    head=dict(
        type='LocationFreeHead',
        in_channels=128,
        out_channels=num_keypoints,
        metainfo=metainfo,
        embed_dims=128,
        # The region loss says where, and needs little help (docs/results).
        losses=dict(category_weights=(0.25, 0.25, 0.5), background_weight=0.5),
        peak_window=0.07,
        decoder=codec,
    ),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False),
)

# Pictures are changed more than in the recipes for large data sets: few are seen often.
train_pipeline = [
    dict(type='WithholdLocations', fraction=float(use_locations), seed=0, views=views_per_person),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(
        type='RandomBBoxTransform',
        shift_factor=0.15,
        scale_factor=(0.6, 1.4),
        rotate_factor=60,
    ),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PhotometricDistortion'),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackTaggedInputs'),
]
# In evaluation coordinates are used where there are any.
val_pipeline = [
    dict(type='WithholdLocations', fraction=1.0),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackTaggedInputs'),
]

train_dataloader = dict(
    batch_size=batch_size,
    num_workers=2,
    persistent_workers=True,
    collate_fn=dict(type='tagged_collate'),
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='TaggedCocoDataset',
        metainfo=metainfo,
        data_mode='topdown',
        ann_file=train_tags,
        data_prefix=dict(img=images),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type='TaggedCocoDataset',
        metainfo=metainfo,
        data_mode='topdown',
        ann_file=val_tags,
        data_prefix=dict(img=images),
        test_mode=True,
        pipeline=val_pipeline,
    ),
)
test_dataloader = val_dataloader

val_evaluator = [dict(type='KeypointCategoryMetric')]
if measure_locations:
    val_evaluator.append(dict(type='PCKAccuracy', thr=0.2, norm_item='bbox', prefix='pck@0.2'))
test_evaluator = val_evaluator

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
    # The last epoch is the result: choosing one by the metrics would use located persons.
    checkpoint=dict(type='CheckpointHook', interval=max(1, max_epochs // 10), max_keep_ckpts=1),
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
    dict(type='ChannelsLastHook'),
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
resume = False
