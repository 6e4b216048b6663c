# One tag set for the whole animal, and no location: the first of two steps (see docs/results).
# A local head on frozen features learns which small parts of the picture go with which tag.
# About 1,500 steps of 32; only the number of epochs depends on the data set.
_base_ = ['./lfhpe_res18_animalpose-128x128_loc0.py']

views_per_person = 1
max_epochs = 10
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
_base_.param_scheduler[1].end = max_epochs
_base_.param_scheduler[1].T_max = max_epochs
param_scheduler = _base_.param_scheduler

codec = dict(type='MSRAHeatmap', input_size=(160, 160), heatmap_size=(40, 40), sigma=1.5)

model = dict(
    backbone=dict(frozen_stages=3),
    neck=None,
    head=dict(
        _delete_=True,
        type='LocalEvidenceHead',
        in_channels=(128, 256),
        out_channels=20,
        metainfo=_base_.model.head.metainfo,
        decoder=codec,
    ),
)

# Rotated and scaled crops do not help local evidence.
train_pipeline = [
    dict(type='WithholdLocations', fraction=0.0, seed=0, views=views_per_person),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackTaggedInputs'),
]
_base_.val_pipeline[3].input_size = codec['input_size']
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader

# From a third of the steps on, the head learns from its own peaks as well.
custom_hooks = [*_base_.custom_hooks, dict(type='SelfTrainingHook', begin=500)]
