"""EfficientNet-Lite0 on animals; docs/results/trials.md says what it gave.

lfhpe study tools/studies/trials_animals.py --out work_dirs/trials_animals
"""

_base_ = 'animalpose.py'

custom_imports = dict(imports=['tools.studies.lite0'])

recipes = dict(
    lite0=dict(
        note='ours with EfficientNet-Lite0 instead of ResNet-18, as many steps',
        options={
            'custom_imports': dict(imports=['lfhpe_mmpose', 'tools.studies.lite0']),
            'model.backbone': dict(_delete_=True, type='EfficientNetLite0'),
            'model.neck.in_channels': [40, 112],
            'model.data_preprocessor.mean': [127, 127, 127],
            'model.data_preprocessor.std': [128, 128, 128],
        },
    ),
)

runs = [dict(recipes=['lite0'], fractions=[0], views=[4], seeds=[0])]
