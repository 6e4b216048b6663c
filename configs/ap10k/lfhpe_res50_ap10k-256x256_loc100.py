# Every person is located and tagged: the upper bound.
_base_ = ['./lfhpe_res50_ap10k-256x256_loc0.py']

location_fraction = 1.0
_base_.train_pipeline[0].fraction = location_fraction
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
