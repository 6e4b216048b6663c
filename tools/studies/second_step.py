"""The second step for whole-animal tags, and the same where the tags say more, on animals.

    lfhpe study tools/studies/animalpose.py --out work_dirs/animalpose
    lfhpe pseudo-locate lfhpe_res18_animalpose-128x128_loc0 --out work_dirs/places/v4_s0.json \\
        --weights work_dirs/animalpose/ours_loc0_v4_s0/epoch_3.pth
    lfhpe study tools/studies/second_step.py --out work_dirs/second_step

The places that a model of the first study found are labels of a training anew. Each recipe and
seed needs a file of places: v4 by the model of ours_loc0_v4, sub_crop by that of
sub_crops_loc0_v1, mix by that of mix_loc25_v4, and whole by that of whole_local_loc0_v1 with the
config lfhpe_res18_animalpose-160x160_whole-local.
"""

_base_ = 'animalpose.py'

base = 'lfhpe_res18_animalpose-128x128_whole-full'

_sub_crops = {'train_dataloader.dataset.pipeline.0.whole_person': False}


def _places(name):
    return {'train_dataloader.dataset.pipeline.1.file': f'work_dirs/places/{name}_sSEED.json'}


recipes = dict(
    whole=dict(
        note='whole-animal tags, and the places of the local head',
        options=_places('whole'),
    ),
    v4=dict(note='ours, and the places of the model of four views', options=_places('v4')),
    sub_crop=dict(
        note='sub_crops, and the places of the model of one sub-crop',
        options={**_sub_crops, **_places('sub_crop')},
    ),
    mix=dict(
        note='ours with 25% located, and the places of the model of that',
        options=_places('mix'),
    ),
    longer=dict(
        base='lfhpe_res18_animalpose-128x128_loc0',
        note='ours, six epochs: as many steps as both steps together',
        options={
            'train_cfg.max_epochs': 6,
            'train_cfg.val_interval': 6,
            'param_scheduler.1.end': 6,
            'param_scheduler.1.T_max': 6,
        },
    ),
)

runs = [
    dict(recipes=['whole'], fractions=[0], views=[1], seeds=[0, 1, 2]),
    dict(recipes=['v4'], fractions=[0], views=[4], seeds=[0, 1]),
    dict(recipes=['sub_crop'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['mix'], fractions=[0.25], views=[4], seeds=[0]),
    dict(recipes=['longer'], fractions=[0], views=[4], seeds=[0]),
]
