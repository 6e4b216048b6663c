"""What keypoint categories are worth on animals; its results are in docs/results.

lfhpe study tools/studies/animalpose.py --table docs/results/animalpose

The recipes, losses and weights are those of the study on people. Three epochs of 4,823 animals
are 450 steps; two epochs of people are 562.
"""

_base_ = 'lspet.py'

base = 'lfhpe_res18_animalpose-128x128_loc0'
split = 'Animal-Pose val'

_three_epochs = {
    'train_cfg.max_epochs': 3,
    'train_cfg.val_interval': 3,
    'param_scheduler.1.end': 3,
    'param_scheduler.1.T_max': 3,
}
options = _three_epochs


def _part(name, note, epochs):
    """ours, on a file of tools/studies/animal_sets.py."""
    schedule = {key: epochs for key in _three_epochs}
    file = f'annotations/sets/{name}.json'
    return dict(note=note, options={**schedule, 'train_dataloader.dataset.ann_file': file})


def _without(species):
    """Four epochs of four species are 424 to 516 steps."""
    return _part(f'without_{species}', f'ours, trained without {species}', 4)


recipes = dict(
    without_cat=_without('cat'),
    without_cow=_without('cow'),
    without_dog=_without('dog'),
    without_horse=_without('horse'),
    without_sheep=_without('sheep'),
    of_100=_part('of_100', 'ours on 100 animals, 450 steps', 150),
    of_300=_part('of_300', 'ours on 300 animals, 450 steps', 50),
    of_1000=_part('of_1000', 'ours on 1,000 animals, 465 steps', 15),
    heatmap_head=dict(options={'model.head': dict(out_channels=20)}),
    whole_local=dict(
        base='lfhpe_res18_animalpose-160x160_whole-local',
        note='a local head on frozen features, 10 epochs: the first step for whole-animal tags',
        options={
            'train_cfg.max_epochs': 10,
            'train_cfg.val_interval': 10,
            'param_scheduler.1.end': 10,
            'param_scheduler.1.T_max': 10,
        },
    ),
)

# The first rows are those that others are compared with.
runs = [
    dict(recipes=['ours'], fractions=[0], views=[4], seeds=[0]),
    dict(recipes=['sub_crops'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['mix', 'alone'], fractions=[0.25], views=[4], seeds=[0]),
    dict(recipes=['mix'], fractions=[1.0], views=[4], seeds=[0]),
    dict(recipes=['whole_local'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['heatmap_head'], fractions=[1.0], views=[4], seeds=[0]),
    dict(recipes=['mix', 'alone'], fractions=[0.1], views=[4], seeds=[0]),
    dict(recipes=['ours'], fractions=[0], views=[1, 16], seeds=[0]),
    dict(recipes=['whole_local'], fractions=[0], views=[1], seeds=[1, 2]),
    dict(recipes=['ours'], fractions=[0], views=[4], seeds=[1, 2]),
    dict(recipes=['sub_crops'], fractions=[0], views=[1], seeds=[1, 2]),
    dict(recipes=['mix'], fractions=[0.25], views=[4], seeds=[1, 2]),
    dict(recipes=['mix'], fractions=[1.0], views=[4], seeds=[1, 2]),
    dict(recipes=['alone'], fractions=[0.25], views=[4], seeds=[1, 2]),
    dict(recipes=['mix', 'alone'], fractions=[0.1], views=[4], seeds=[1, 2]),
    dict(recipes=['of_100', 'of_300', 'of_1000'], fractions=[0], views=[4], seeds=[0, 1, 2]),
    dict(
        recipes=['without_cat', 'without_cow', 'without_dog', 'without_horse', 'without_sheep'],
        fractions=[0],
        views=[4],
        seeds=[0, 1, 2],
    ),
]
