"""The study of the first recipe on LSP-extended; its results are in docs/results/first_recipe.md.

python tools/study.py tools/studies/lspet_first.py --jobs 2

Category losses of full weight and smaller steps. What it showed led to the recipe of
lspet.py.
"""

base = 'lfhpe_res18_lspet-128x128_loc0'
split = 'LSP-extended val'

# Two epochs of 9,000 persons, batches of 32, for every run alike.
_epochs = 2
options = {
    'train_cfg.max_epochs': _epochs,
    'train_cfg.val_interval': _epochs,
    'param_scheduler.1.end': _epochs,
    'param_scheduler.1.T_max': _epochs,
    'train_dataloader.num_workers': 0,
    'train_dataloader.persistent_workers': False,
    'val_dataloader.num_workers': 0,
    'val_dataloader.persistent_workers': False,
    'optim_wrapper.optimizer.lr': 1e-3,
    'optim_wrapper.paramwise_cfg': dict(custom_keys={'backbone': dict(lr_mult=0.3)}),
}
_category = {'model.head.category_weights': (1.0, 1.0, 0.5)}

# A plain CAM head on the backbone's two levels, with one convolution.
_no_prototypes = {'model.head.prototypes': None}
_no_encoder = {
    **_no_prototypes,
    'model.neck': None,
    'model.head.in_channels': [128, 256],
    'model.head.num_convs': 1,
}
_located_share = {'train_dataloader.sampler': dict(type='LocatedShareSampler')}
_heatmap_head = {
    # The accuracy that its loss reports is computed with NumPy, which has no bfloat16.
    'model.train_cfg': dict(compute_acc=False),
    'model.neck': None,
    'model.backbone.out_indices': (2,),
    'model.head': dict(
        _delete_=True,
        type='HeatmapHead',
        in_channels=256,
        out_channels=14,
        deconv_out_channels=(256, 256),
        deconv_kernel_sizes=(4, 4),
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
        decoder=dict(type='MSRAHeatmap', input_size=(128, 128), heatmap_size=(32, 32), sigma=1.5),
    ),
    'val_evaluator': [dict(type='KeypointErrorMetric')],
    'test_evaluator': [dict(type='KeypointErrorMetric')],
}

recipes = dict(
    ours=dict(note='the packaged recipe: encoder, prototypes, all three losses of tags'),
    mix=dict(
        note='ours with some persons located; their share of a batch is the square root of that '
        'of the data',
        options=_located_share,
    ),
    mix_twentieth=dict(
        note='mix in which the located persons have their own share of a batch, or a twentieth',
        options={'train_dataloader.sampler': dict(type='LocatedShareSampler', share=0.05)},
    ),
    mix_full_weight=dict(
        note='an eighth of each batch located, and the full weight of the location loss',
        options={
            'train_dataloader.sampler': dict(type='LocatedShareSampler', share=0.125),
            'model.head.full_location_share': 0.0,
        },
    ),
    alone=dict(
        note='ours on the located persons only, as many steps as the others',
        options={'train_dataloader.sampler': dict(type='LocatedShareSampler', share=1.0)},
    ),
    heatmap_head=dict(note="MMPose's HeatmapHead on the same backbone", options=_heatmap_head),
    encoder=dict(note='ours without prototypes', options=_no_prototypes),
    two_layers=dict(
        note='ours with an encoder of two layers and a further pooled grid of 8',
        options={'model.neck.num_layers': 2, 'model.neck.pool_sizes': (8, 4, 2)},
    ),
    pool_8=dict(
        note='ours with a further pooled grid of 8',
        options={'model.neck.pool_sizes': (8, 4, 2)},
    ),
    cam=dict(note='ours without prototypes and encoder', options=_no_encoder),
    cam_only=dict(
        note='a plain CAM: no prototypes, encoder, region and background loss',
        options={
            **_no_encoder,
            'model.head.loss_region': None,
            'model.head.background_weight': 0.0,
        },
    ),
    no_region=dict(note='ours without the region loss', options={'model.head.loss_region': None}),
    no_background=dict(
        note='ours without the background loss', options={'model.head.background_weight': 0.0}
    ),
    no_category=dict(
        note='ours without the category losses',
        options={'model.head.category_weights': (0.0, 0.0, 0.0)},
    ),
)
_mixed = []
for _name in ('encoder', 'cam', 'cam_only', 'no_region', 'no_background'):
    _mixed.append(f'mix_{_name}')
    recipes[_mixed[-1]] = dict(
        note=f'{_name} with some persons located, as mix',
        options={**recipes[_name]['options'], **_located_share},
    )

for _name, _recipe in recipes.items():
    if _name != 'heatmap_head':
        _recipe['options'] = {**_category, **_recipe.get('options', {})}

# The first rows are those that others are compared with.
runs = [
    dict(recipes=['ours'], fractions=[0], views=[1, 2, 4, 16], seeds=[0]),
    dict(recipes=['mix', 'heatmap_head'], fractions=[1.0], views=[4], seeds=[0]),
    dict(recipes=['ours'], fractions=[0], views=['unlimited'], seeds=[0]),
    dict(recipes=['ours'], fractions=[0], views=[4], seeds=[1]),
    dict(recipes=['pool_8', 'two_layers'], fractions=[0], views=[4], seeds=[0]),
    dict(recipes=['mix', 'alone'], fractions=[0.25], views=[4], seeds=[0]),
    dict(recipes=['mix', 'alone'], fractions=[0.1], views=[4], seeds=[0]),
    dict(recipes=['mix'], fractions=[0.01, 0.05], views=[4], seeds=[0]),
    dict(recipes=['mix', 'alone'], fractions=[0.5], views=[4], seeds=[0]),
    dict(recipes=['mix'], fractions=[0.25], views=[1], seeds=[0]),
    dict(recipes=['no_region'], fractions=[0], views=[4], seeds=[0]),
    dict(recipes=['no_background', 'no_category'], fractions=[0], views=[4], seeds=[0]),
    dict(recipes=_mixed, fractions=[0.25], views=[4], seeds=[0]),
    dict(recipes=['alone'], fractions=[0.01, 0.05], views=[4], seeds=[0]),
    dict(recipes=['mix_twentieth'], fractions=[0.01, 0.05, 0.25], views=[4], seeds=[0]),
    dict(recipes=['mix_full_weight'], fractions=[0.01], views=[4], seeds=[0]),
    dict(recipes=['cam', 'cam_only', 'encoder'], fractions=[0], views=[4], seeds=[0]),
]
