_base_ = ['../_base_/default_runtime.py']

# No person is located: the model learns from keypoint category labels alone.
# One view, the whole person, has tags: the paper's setting.
data_root = '{{$LFHPE_AP10K:data/ap10k}}/'
dataset_type = 'AP10KDataset'
location_fraction = 0.0
views_per_person = 1

max_epochs = 210
train_cfg = dict(by_epoch=True, max_epochs=max_epochs, val_interval=10)
val_cfg = dict()
test_cfg = dict()

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=5e-4, weight_decay=0.01),
    clip_grad=dict(max_norm=5.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),
    dict(
        type='MultiStepLR',
        by_epoch=True,
        begin=0,
        end=max_epochs,
        milestones=[170, 200],
        gamma=0.1,
    ),
]
# The learning rate is that of 8 devices with 64 persons each, as for MMPose's td-hm models.
auto_scale_lr = dict(base_batch_size=512)

codec = dict(type='MSRAHeatmap', input_size=(256, 256), heatmap_size=(64, 64), sigma=2)

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

train_pipeline = [
    dict(type='WithholdLocations', fraction=location_fraction, seed=0, views=views_per_person),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='RandomHalfBody'),
    dict(
        type='RandomBBoxTransform', shift_factor=0.08, scale_factor=(0.8, 1.25), rotate_factor=40
    ),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackTaggedInputs'),
]
# In evaluation every person is located and tagged: the metrics need the truth.
val_pipeline = [
    dict(type='WithholdLocations', fraction=1.0),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackTaggedInputs'),
]

train_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    collate_fn=dict(type='tagged_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='BlindAP10KDataset',
        data_root=data_root,
        data_mode='topdown',
        ann_file='annotations/ap10k-train-split1.json',
        data_prefix=dict(img='data/'),
        pipeline=train_pipeline,
    ),
)
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
        ann_file='annotations/ap10k-val-split1.json',
        data_prefix=dict(img='data/'),
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
        ann_file='annotations/ap10k-test-split1.json',
        data_prefix=dict(img='data/'),
        test_mode=True,
        pipeline=val_pipeline,
    ),
)

val_evaluator = [
    dict(
        type='CocoMetric',
        ann_file=data_root + 'annotations/ap10k-val-split1.json',
        prefix='ap10k',
    ),
    dict(type='KeypointCategoryMetric'),
]
test_evaluator = [
    dict(
        type='CocoMetric',
        ann_file=data_root + 'annotations/ap10k-test-split1.json',
        prefix='ap10k',
    ),
    dict(type='KeypointCategoryMetric'),
]

# The last epoch is the result: choosing one by the metrics would use located persons.
default_hooks = dict(checkpoint=dict(interval=10))
