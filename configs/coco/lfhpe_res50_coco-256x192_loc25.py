# 25% of the persons are located; all are tagged: the paper's mixed setting.
_base_ = ['./lfhpe_res50_coco-256x192_loc0.py']

location_fraction = 0.25
_base_.train_pipeline[0].fraction = location_fraction
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
