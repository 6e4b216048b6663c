"""Do locations that a teacher predicts help? Results in docs/results, beside the main study's.

The teachers are runs of tools/studies/lspet.py:

    for run in ours_loc0 alone_loc25; do
        folder=work_dirs/lspet/${run}_v4_s0
        lfhpe pseudo-locate $folder/config.py $folder/epoch_2.pth --out $run.json
    done
    lfhpe study tools/studies/lspet_teacher.py
"""

_base_ = 'lspet.py'

_codec = dict(type='MSRAHeatmap', input_size=(128, 128), heatmap_size=(32, 32), sigma=1.5)


def _pipeline(teacher):
    return [
        dict(type='WithholdLocations', fraction=0.0, seed=0, views=4),
        dict(type='LoadPseudoLocations', file=f'{teacher}.json', min_score=0.15),
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale'),
        dict(type='RandomFlip', direction='horizontal'),
        dict(
            type='RandomBBoxTransform',
            shift_factor=0.05,
            scale_factor=(0.85, 1.15),
            rotate_factor=30,
        ),
        dict(type='TopdownAffine', input_size=(128, 128)),
        dict(type='GenerateTarget', encoder=_codec),
        dict(type='PackTaggedInputs'),
    ]


recipes = dict(
    self_training=dict(
        note='ours with the locations that ours predicted',
        options={'train_dataloader.dataset.pipeline': _pipeline('ours_loc0')},
    ),
    teacher_mix=dict(
        note='ours, some persons located, the others where alone finds them; each comes once '
        'an epoch',
        options={'train_dataloader.dataset.pipeline': _pipeline('alone_loc25')},
    ),
)
runs = [
    dict(recipes=['self_training'], fractions=[0], views=[4], seeds=[0]),
    dict(recipes=['teacher_mix'], fractions=[0.25], views=[4], seeds=[0]),
]
