"""What chosen questions are worth in training; its results are in docs/results.

python tools/studies/asking_tags.py ...  (docs/results/asking.md lists the calls)
lfhpe study tools/studies/asked.py --out work_dirs/asked

The recipe is that of tools/studies/lspet.py, with as many steps: 562 of 32 persons. The tags
come from files of a simulated annotator, so the number of views says nothing here. asking_tags.py
writes files of the new rule; those of the others were written before it.
Run it from the folder of the checkout.
"""

_base_ = 'lspet.py'

# 894 persons are 27 batches, 2,223 are 69.
_ALL, _SIX, _QUARTER, _TENTH = 2, 6, 8, 21


def _asked(name, note, epochs=_TENTH, **options):
    return dict(
        note=note,
        options={
            'train_dataloader.dataset.type': 'TaggedCocoDataset',
            'train_dataloader.dataset.metainfo': dict(
                from_file='lfhpe_mmpose/datasets/metainfo/lspet.py'
            ),
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
    windows10=_asked('windows10', '10% of the persons; the whole person and six windows'),
    windows25=_asked(
        'windows25', '25% of the persons; the whole person and six windows', _QUARTER
    ),
    windows10_2=_asked(
        'windows10_2', '10% of the persons; the whole person and two windows: before confirm10'
    ),
    windows10_e5=_asked(
        'windows10_e5', 'windows10 with 5% wrong answers, which the loss allows for'
    ),
    windows10_e5_hard=_asked(
        'windows10_e5', 'windows10 with 5% wrong answers, taken as right', **_hard
    ),
    confirm10=_asked(
        'confirm10',
        '10% of the persons; the whole person and two windows, a training on these, then three '
        'pictures of any kind',
    ),
    chosen1=_asked('chosen1', 'all persons; one chosen window', _ALL),
    chosen2=_asked('chosen2', 'all persons; the whole person and one chosen window', _ALL),
    chosen4=_asked('chosen4', 'all persons; the whole person and three chosen windows', _ALL),
    chosen4_six=_asked('chosen4', 'chosen4, six epochs, as the packaged model', _SIX),
    confirm4=_asked(
        'confirm4',
        'all persons; four random views, a training on these, then one confirm picture and one '
        'window',
        _ALL,
    ),
    drawn2=_asked('drawn2', 'chosen2, new rule', _ALL),
    drawn4=_asked('drawn4', 'chosen4, new rule', _ALL),
)

runs = [
    dict(recipes=['windows10', 'windows10_2'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['windows10_e5', 'windows10_e5_hard'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['chosen4', 'chosen2'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['windows10'], fractions=[0], views=[1], seeds=[1, 2]),
    dict(recipes=['windows10_e5', 'windows10_e5_hard'], fractions=[0], views=[1], seeds=[1, 2]),
    dict(recipes=['confirm4', 'confirm10', 'chosen1'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['confirm10', 'chosen4', 'confirm4'], fractions=[0], views=[1], seeds=[1, 2]),
    dict(recipes=['chosen4_six', 'windows25'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['drawn2', 'drawn4'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['drawn2', 'chosen1'], fractions=[0], views=[1], seeds=[1, 2]),
]
