"""Self-training of the models of four views and of one sub-crop, on animals.

    for name in v4 sub_crop: lfhpe pseudo-locate, see docs/results/whole-image-tags.md
    lfhpe study tools/studies/second_step.py --out work_dirs/second_step

What the second step for whole-animal tags does, tried where the tags say more: the places that
the model of the first step found are its own labels.
"""

_base_ = 'animalpose.py'

base = 'lfhpe_res18_animalpose-128x128_whole-full'

_sub_crops = {'train_dataloader.dataset.pipeline.0.whole_person': False}


def _places(name):
    return {'train_dataloader.dataset.pipeline.1.file': f'work_dirs/places/{name}.json'}


recipes = dict(
    v4=dict(note='ours, and the places of the model of four views', options=_places('v4')),
    sub_crop=dict(
        note='sub_crops, and the places of the model of one sub-crop',
        options={**_sub_crops, **_places('sub_crop')},
    ),
)

runs = [
    dict(recipes=['v4'], fractions=[0], views=[4], seeds=[0]),
    dict(recipes=['sub_crop'], fractions=[0], views=[1], seeds=[0]),
]
