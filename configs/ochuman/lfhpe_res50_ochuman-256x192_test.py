_base_ = ['../_base_/default_runtime.py']

# For tests only: OCHuman has no training set. The model is that of lfhpe_res50_coco-256x192.
data_root = '{{$LFHPE_OCHUMAN:data/ochuman}}/'
dataset_type = 'OCHumanDataset'

val_cfg = dict()
test_cfg = dict()

codec = dict(type='MSRAHeatmap', input_size=(192, 256), heatmap_size=(48, 64), sigma=2)

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
        depth=50,
        num_stages=3,
        out_indices=(1, 2),
        output_stride=16,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    neck=dict(type='MultiScaleContextEncoder', in_channels=[512, 1024], embed_dims=256),
    head=dict(
        type='LocationFreeHead',
        in_channels=256,
        out_channels=17,
        metainfo=dataset_type,
        embed_dims=256,
        decoder=codec,
    ),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False),
)

# In evaluation every person is located and tagged: the metrics need the truth.
val_pipeline = [
    dict(type='WithholdLocations', fraction=1.0),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackTaggedInputs'),
]

val_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_mode='topdown',
        ann_file='annotations/ochuman_coco_format_val_range_0.00_1.00.json',
        data_prefix=dict(img='images/'),
        test_mode=True,
        pipeline=val_pipeline,
    ),
)
test_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_mode='topdown',
        ann_file='annotations/ochuman_coco_format_test_range_0.00_1.00.json',
        data_prefix=dict(img='images/'),
        test_mode=True,
        pipeline=val_pipeline,
    ),
)

val_evaluator = [
    dict(
        type='CocoMetric',
        ann_file=data_root + 'annotations/ochuman_coco_format_val_range_0.00_1.00.json',
        prefix='ochuman',
    ),
    dict(type='KeypointCategoryMetric'),
]
test_evaluator = [
    dict(
        type='CocoMetric',
        ann_file=data_root + 'annotations/ochuman_coco_format_test_range_0.00_1.00.json',
        prefix='ochuman',
    ),
    dict(type='KeypointCategoryMetric'),
]
