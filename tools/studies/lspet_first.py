"""The study of the first recipe on LSP-extended; its results are in docs/results/first_recipe.md.

python tools/study.py tools/studies/lspet_first.py --jobs 2

Category losses of full weight and smaller steps. What it showed led to the recipe of
lspet.py, whose schedule and parts these are.
"""

_base_ = 'lspet.py'

options = {
    'optim_wrapper.optimizer.lr': 1e-3,
    'optim_wrapper.paramwise_cfg': dict(custom_keys={'backbone': dict(lr_mult=0.3)}),
}
_category = {'model.head.category_weights': (1.0, 1.0, 0.5)}
_mixed = [f'mix_{part}' for part in ('encoder', 'cam', 'cam_only', 'no_region', 'no_background')]
_others = ['ours', 'mix', 'alone', 'encoder', 'cam', 'cam_only', 'no_region', 'no_background']

# These are merged into the recipes of lspet.py; no_category and heatmap_head stay as they are.
recipes = {name: dict(options=_category) for name in [*_others, *_mixed]}
recipes.update(
    mix_twentieth=dict(
        note='mix in which the located persons have their own share of a batch, or a twentieth',
        options={
            **_category,
            'train_dataloader.sampler': dict(type='LocatedShareSampler', share=0.05),
        },
    ),
    mix_full_weight=dict(
        note='an eighth of each batch located, and the full weight of the location loss',
        options={
            **_category,
            'train_dataloader.sampler': dict(type='LocatedShareSampler', share=0.125),
            'model.head.full_location_share': 0.0,
        },
    ),
    two_layers=dict(
        note='ours with an encoder of two layers and a further pooled grid of 8',
        options={
            **_category,
            'model.neck.num_layers': 2,
            'model.neck.pool_sizes': (8, 4, 2),
        },
    ),
    pool_8=dict(
        note='ours with a further pooled grid of 8',
        options={**_category, 'model.neck.pool_sizes': (8, 4, 2)},
    ),
)

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
