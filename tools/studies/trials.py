"""Two trials on people beside the recipe of lspet.py; docs/results/trials.md says what they gave.

lfhpe study tools/studies/trials.py --out work_dirs/trials

Needs PYTHONPATH=. and the two packages that tools/studies/lite0.py names.
"""

_base_ = 'lspet.py'

custom_imports = dict(imports=['tools.studies.lite0', 'tools.studies.viewpoint'])
_imports = dict(imports=['lfhpe_mmpose', *custom_imports['imports']])

recipes = dict(
    lite0=dict(
        note='ours with EfficientNet-Lite0 instead of ResNet-18, as many steps',
        options={
            'custom_imports': _imports,
            'model.backbone': dict(_delete_=True, type='EfficientNetLite0'),
            'model.neck.in_channels': [40, 112],
            'model.data_preprocessor.mean': [127, 127, 127],
            'model.data_preprocessor.std': [128, 128, 128],
        },
    ),
    viewpoint=dict(
        note='ours with a simulated tag of front or back',
        options={
            'custom_imports': _imports,
            # The step that packs the sample.
            'train_dataloader.dataset.pipeline.7.meta_keys': ('input_size', 'viewpoint'),
            'model.head.type': 'ViewpointHead',
        },
    ),
)

runs = [dict(recipes=['lite0', 'viewpoint'], fractions=[0], views=[4], seeds=[0])]
