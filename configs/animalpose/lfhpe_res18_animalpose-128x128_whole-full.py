# One tag set for the whole animal, and no location: the second of two steps (see docs/results).
# The full network learns from the places that the local head found by
# `lfhpe pseudo-locate lfhpe_res18_animalpose-160x160_whole-local --weights WEIGHTS`.
_base_ = ['./lfhpe_res18_animalpose-128x128_loc0.py']

views_per_person = 1
_base_.train_pipeline[0].views = views_per_person
train_pipeline = [
    _base_.train_pipeline[0],
    dict(
        type='LoadPseudoLocations',
        file='{{$LFHPE_PSEUDO:pseudo_locations.json}}',
        min_score=0.0,
    ),
    *_base_.train_pipeline[1:],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
