"""What chosen questions are worth in training, on animals; its results are in docs/results.

lfhpe study tools/studies/asked_animals.py --out work_dirs/asked_animals

The recipe is that of tools/studies/animalpose.py, with as many steps: 450 of 32 animals. The tags
come from files of a simulated annotator, as in tools/studies/asked.py.
"""

_base_ = 'animalpose.py'

# 460 animals are 14 batches.
_ALL, _TENTH = 3, 32


def _asked(name, note, epochs=_TENTH, **options):
    return dict(
        note=note,
        options={
            'train_dataloader.dataset.ann_file': f'annotations/asked/{name}.json',
            'train_cfg.max_epochs': epochs,
            'train_cfg.val_interval': epochs,
            'param_scheduler.1.end': epochs,
            'param_scheduler.1.T_max': epochs,
            **options,
        },
    )


_hard = {'model.head.losses.region': dict(type='KeypointRegionLoss', answer_error=0.0)}

recipes = dict(
    _delete_=True,
    windows10=_asked('windows10', '10% of the animals; the whole animal and six windows'),
    windows10_2=_asked(
        'windows10_2', '10% of the animals; the whole animal and two windows: before confirm10'
    ),
    windows10_e5=_asked(
        'windows10_e5', 'windows10 with 5% wrong answers, which the loss allows for'
    ),
    windows10_e5_hard=_asked(
        'windows10_e5', 'windows10 with 5% wrong answers, taken as right', **_hard
    ),
    confirm10=_asked(
        'confirm10',
        '10% of the animals; the whole animal and two windows, a training on these, then three '
        'pictures of any kind',
    ),
    chosen1=_asked('chosen1', 'all animals; one chosen window', _ALL),
    chosen2=_asked('chosen2', 'all animals; the whole animal and one chosen window', _ALL),
    chosen4=_asked('chosen4', 'all animals; the whole animal and three chosen windows', _ALL),
    confirm4=_asked(
        'confirm4',
        'all animals; four random views, a training on these, then one confirm picture and one '
        'window',
        _ALL,
    ),
    drawn2=_asked('drawn2', 'chosen2, new rule', _ALL),
    drawn4=_asked('drawn4', 'chosen4, new rule', _ALL),
)

runs = [
    dict(
        recipes=[
            'windows10',
            'windows10_2',
            'windows10_e5',
            'windows10_e5_hard',
            'confirm10',
            'chosen1',
            'chosen2',
            'chosen4',
            'confirm4',
        ],
        fractions=[0],
        views=[1],
        seeds=[0, 1, 2],
    ),
    dict(recipes=['drawn2', 'drawn4'], fractions=[0], views=[1], seeds=[0]),
]
