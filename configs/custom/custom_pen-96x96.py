_base_ = ['../_base_/default_runtime.py']

# Two keypoints of one's own, and not one coordinate: a pen, its tip and its cap. Copy this file,
# and put the metainfo file that tools/make_metainfo.py writes beside it.
data_root = '{{$LFHPE_PEN:data/pen/}}'
dataset_type = 'TaggedCocoDataset'
metainfo = dict(from_file='{{fileDirname}}/pen_keypoints.py')
num_keypoints = 2

max_epochs = 10
train_cfg = dict(by_epoch=True, max_epochs=max_epochs, val_interval=max_epochs)
val_cfg = dict()
test_cfg = dict()

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=2e-3, weight_decay=0.01),
    clip_grad=dict(max_norm=5.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(
        type='CosineAnnealingLR',
        eta_min=1e-5,
        by_epoch=True,
        begin=0,
        end=max_epochs,
        T_max=max_epochs,
        convert_to_iter_based=True,
    ),
]
auto_scale_lr = dict(base_batch_size=32)

codec = dict(type='MSRAHeatmap', input_size=(96, 96), heatmap_size=(24, 24), sigma=1.5)

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
        base_channels=32,
        num_stages=3,
        out_indices=(1, 2),
        output_stride=16,
    ),
    neck=dict(
        type='MultiScaleContextEncoder',
        in_channels=[64, 128],
        embed_dims=96,
        num_layers=1,
        num_heads=4,
        pool_sizes=(6, 3),
    ),
    head=dict(
        type='LocationFreeHead',
        in_channels=96,
        out_channels=num_keypoints,
        metainfo=metainfo,
        embed_dims=96,
        decoder=codec,
    ),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False),
)

train_pipeline = [
    # Tags and tagged views are in train.json; a coordinate would be dropped here.
    dict(type='WithholdLocations', fraction=0.0),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(
        type='RandomBBoxTransform', shift_factor=0.08, scale_factor=(0.85, 1.15), rotate_factor=30
    ),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackTaggedInputs'),
]
# In evaluation a coordinate may be used, where there is one.
val_pipeline = [
    dict(type='WithholdLocations', fraction=1.0),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackTaggedInputs'),
]

train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    persistent_workers=True,
    collate_fn=dict(type='tagged_collate'),
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        metainfo=metainfo,
        data_root=data_root,
        data_mode='topdown',
        ann_file='train.json',
        data_prefix=dict(img='images/'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        metainfo=metainfo,
        data_root=data_root,
        data_mode='topdown',
        ann_file='val.json',
        data_prefix=dict(img='images/'),
        test_mode=True,
        pipeline=val_pipeline,
    ),
)
test_dataloader = val_dataloader

# Of pens that nobody has located only the tags can be tested. With coordinates in val.json add
# dict(type='PCKAccuracy', thr=0.2, norm_item='bbox').
val_evaluator = dict(type='KeypointCategoryMetric')
test_evaluator = val_evaluator

# The last epoch is the result: choosing one by the metrics would use located persons.
default_hooks = dict(checkpoint=dict(interval=1))
