# One tag set for the whole person, and no location: the first of two steps (see docs/results).
# About 1,500 steps of 32; only the number of epochs depends on the data set.
_base_ = ['./lfhpe_res18_lspet-128x128_loc0.py', '../_base_/whole_local.py']

views_per_person = 1
max_epochs = 6
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
_base_.param_scheduler[1].end = max_epochs
_base_.param_scheduler[1].T_max = max_epochs
param_scheduler = _base_.param_scheduler

codec = _base_.local_codec
model = dict(
    backbone=dict(frozen_stages=3),
    neck=None,
    head=dict(
        _base_.local_head,
        _delete_=True,
        out_channels=14,
        metainfo=_base_.model.head.metainfo,
    ),
)

train_pipeline = _base_.local_pipeline
_base_.val_pipeline[3].input_size = codec.input_size
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader

custom_hooks = [*_base_.custom_hooks, _base_.self_training]
