_base_ = ['../_base_/default_runtime.py']

# No animal is located: the model learns from keypoint category labels alone.
# Each animal has four tagged views: the whole animal and three sub-crops. The recipe is that of
# LSP-extended, with as many steps: ResNet-18 up to stage 3 at 128x128, bfloat16 if the processor
# has it.
data_root = '{{$LFHPE_ANIMALPOSE:data/animalpose/}}'
dataset_type = 'TaggedCocoDataset'
metainfo = dict(from_file='configs/_base_/datasets/animalpose.py')
location_fraction = 0.0
views_per_person = 4

max_epochs = 11
train_cfg = dict(by_epoch=True, max_epochs=max_epochs, val_interval=max_epochs)
val_cfg = dict()
test_cfg = dict()

optim_wrapper = dict(
    type='Bf16OptimWrapper',
    optimizer=dict(type='AdamW', lr=2e-3, weight_decay=0.01),
    clip_grad=dict(max_norm=5.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=100),
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
        init_cfg=dict(type='Pretrained', checkpoint='{{$LFHPE_RESNET18:torchvision://resnet18}}'),
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
        out_channels=20,
        metainfo=metainfo,
        embed_dims=128,
        # The region loss says where, and needs little help (docs/results).
        losses=dict(category_weights=(0.25, 0.25, 0.5), background_weight=0.5),
        peak_window=0.07,
        decoder=codec,
    ),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False),
)

train_pipeline = [
    dict(type='WithholdLocations', fraction=location_fraction, seed=0, views=views_per_person),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(
        type='RandomBBoxTransform',
        shift_factor=0.05,
        scale_factor=(0.85, 1.15),
        rotate_factor=30,
    ),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackTaggedInputs'),
]
# In evaluation every animal is located and tagged: the metrics need the truth.
val_pipeline = [
    dict(type='WithholdLocations', fraction=1.0),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackTaggedInputs'),
]

train_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    collate_fn=dict(type='tagged_collate'),
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        metainfo=metainfo,
        data_root=data_root,
        data_mode='topdown',
        ann_file='annotations/animalpose_train.json',
        data_prefix=dict(img='images/'),
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
        type=dataset_type,
        metainfo=metainfo,
        data_root=data_root,
        data_mode='topdown',
        ann_file='annotations/animalpose_val.json',
        data_prefix=dict(img='images/'),
        test_mode=True,
        pipeline=val_pipeline,
    ),
)
test_dataloader = val_dataloader

val_evaluator = [
    dict(type='PCKAccuracy', thr=0.2, norm_item='bbox', prefix='pck@0.2'),
    dict(type='PCKAccuracy', thr=0.1, norm_item='bbox', prefix='pck@0.1'),
    dict(type='KeypointErrorMetric', group='species'),
    dict(type='KeypointCategoryMetric'),
]
test_evaluator = val_evaluator

# The last epoch is the result: choosing one by the metrics would use located animals.
default_hooks = dict(checkpoint=dict(interval=1, max_keep_ckpts=1))
custom_hooks = [
    dict(type='SyncBuffersHook'),
    dict(type='PlainCheckpointHook'),
    dict(type='CollapseWatchHook'),
    dict(type='ChannelsLastHook'),
]
