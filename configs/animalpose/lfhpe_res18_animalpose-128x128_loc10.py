# 10% of the animals are located; all are tagged.
_base_ = ['./lfhpe_res18_animalpose-128x128_loc0.py']

location_fraction = 0.1
_base_.train_pipeline[0].fraction = location_fraction
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
