"""Three trials on animals beside the recipes of animalpose.py, see docs/results/trials.md.

lfhpe study tools/studies/trials_animals.py --out work_dirs/trials_animals
"""

_base_ = 'animalpose.py'

custom_imports = dict(
    imports=[f'tools.studies.{name}' for name in ('lite0', 'hide', 'equivariance')]
)
_imports = dict(imports=['lfhpe_mmpose', *custom_imports['imports']])
_ten_epochs = {
    'train_cfg.max_epochs': 10,
    'train_cfg.val_interval': 10,
    'param_scheduler.1.end': 10,
    'param_scheduler.1.T_max': 10,
}

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
    hide=dict(
        base='lfhpe_res18_animalpose-160x160_whole-local',
        note='whole_local with a quarter of each training picture hidden',
        options={
            **_ten_epochs,
            'custom_imports': _imports,
            # The step that cuts the input out.
            'train_dataloader.dataset.pipeline.4.type': 'HidingAffine',
        },
    ),
    equivariance=dict(
        base='lfhpe_res18_animalpose-160x160_whole-local',
        note='whole_local whose maps must move with the picture',
        options={
            **_ten_epochs,
            'custom_imports': _imports,
            'model.type': 'EquivariantEstimator',
            # The names of the mirrored keypoints.
            'train_dataloader.dataset.pipeline.5.meta_keys': ('input_size', 'flip_indices'),
        },
    ),
)

runs = [
    dict(recipes=['lite0'], fractions=[0], views=[4], seeds=[0]),
    dict(recipes=['hide', 'equivariance'], fractions=[0], views=[1], seeds=[0]),
]
