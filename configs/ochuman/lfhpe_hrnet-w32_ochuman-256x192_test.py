_base_ = ['../_base_/default_runtime.py']

# For tests only: OCHuman has no training set. The model is that of lfhpe_hrnet-w32_coco-256x192.
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
        type='HRNet',
        in_channels=3,
        extra=dict(
            stage1=dict(
                num_modules=1,
                num_branches=1,
                block='BOTTLENECK',
                num_blocks=(4,),
                num_channels=(64,),
            ),
            stage2=dict(
                num_modules=1,
                num_branches=2,
                block='BASIC',
                num_blocks=(4, 4),
                num_channels=(32, 64),
            ),
            stage3=dict(
                num_modules=4,
                num_branches=3,
                block='BASIC',
                num_blocks=(4, 4, 4),
                num_channels=(32, 64, 128),
            ),
            stage4=dict(
                num_modules=3,
                num_branches=4,
                block='BASIC',
                num_blocks=(4, 4, 4, 4),
                num_channels=(32, 64, 128, 256),
                multiscale_output=True,
            ),
        ),
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmpose/'
            'pretrain_models/hrnet_w32-36af842e.pth',
        ),
    ),
    # Level 1 has stride 8, the grid of the encoder.
    neck=dict(
        type='MultiScaleContextEncoder',
        in_channels=[32, 64, 128, 256],
        embed_dims=256,
        grid_level=1,
    ),
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
