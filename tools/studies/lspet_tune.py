"""What the recipe was chosen by: located persons of the training set, held out of it.

lfhpe study tools/studies/lspet_tune.py --jobs 2

Trains on the first 8,000 persons of LSP-extended's training file and measures on its last 1,000;
the validation set is not read. Results are in docs/results.
"""

_base_ = 'lspet.py'

split = 'last 1,000 of LSP-extended train'
options = {
    'train_dataloader.dataset.indices': 8000,
    'val_dataloader.dataset.ann_file': 'annotations/train.json',
    'val_dataloader.dataset.indices': -1000,
}


def _category(cam, prototype):
    return {'model.head.losses.category_weights': (cam, cam, prototype)}


# The steps of the first recipe, and steps between these and the present ones.
_slow = {
    'optim_wrapper.optimizer.lr': 1e-3,
    'optim_wrapper.paramwise_cfg': dict(custom_keys={'backbone': dict(lr_mult=0.3)}),
}
_middle = {'optim_wrapper.optimizer.lr': 1e-3}
# Without the parts that the first recipe's ablation found idle.
_light = {'model.head.prototypes': None, 'model.head.losses.background_weight': 0.0}
_light_tenth = {**_light, **_category(0.1, 0.05)}
_light_quarter = {**_light, **_category(0.25, 0.125)}
# A third level, and maps of 32x32.
_fine = {'model.backbone.out_indices': (0, 1, 2), 'model.neck.in_channels': [64, 128, 256]}
_share = {'train_dataloader.sampler': dict(type='LocatedShareSampler')}
_small_views = {'train_dataloader.dataset.pipeline.0.view_scale': (0.3, 0.7)}
_conv = {'model.head.num_convs': 1}

recipes = dict(
    first=dict(note='the first recipe', options={**_slow, **_category(1.0, 0.5)}),
    first_fine=dict(
        note='first with a third level and maps of 32x32',
        options={**_slow, **_category(1.0, 0.5), **_fine},
    ),
    tenth=dict(
        note='first with category weights of a tenth for the maps',
        options={**_slow, **_category(0.1, 0.5)},
    ),
    light_tenth=dict(
        note='first without prototypes and background loss, category weights of a tenth',
        options={**_slow, **_light_tenth},
    ),
    light_tenth_conv=dict(
        note='light_tenth with a convolution in the head',
        options={**_slow, **_light_tenth, **_conv},
    ),
    light_quarter=dict(
        note='light_tenth with category weights of a quarter',
        options={**_slow, **_light_quarter},
    ),
    light_tenth_middle=dict(
        note='light_tenth with 1e-3 for the backbone as well',
        options={**_middle, **_light_tenth},
    ),
    ours_middle=dict(note='ours with a learning rate of 1e-3', options=_middle),
    ours=dict(note='the recipe: all parts, category weights 0.25, 0.25, 0.5, 2e-3 for all'),
    light_quarter_fast=dict(
        note='ours without prototypes and background loss', options=_light_quarter
    ),
    mix_light_tenth=dict(
        note='light_tenth, located persons', options={**_slow, **_light_tenth, **_share}
    ),
    mix_light_tenth_fine=dict(
        note='the same with a third level and maps of 32x32',
        options={**_slow, **_light_tenth, **_fine, **_share},
    ),
    mix_conv=dict(
        note='ours with a convolution in the head, located persons', options={**_share, **_conv}
    ),
    mix_two_convs=dict(
        note='ours with two convolutions in the head, located persons',
        options={**_share, 'model.head.num_convs': 2},
    ),
    mix_wide=dict(
        note='ours with 256 channels, located persons',
        options={
            **_share,
            'model.neck.embed_dims': 256,
            'model.head.in_channels': 256,
            'model.head.embed_dims': 256,
        },
    ),
    small_views=dict(
        note='ours with sub-crops of 30% to 70% of each side instead of 40% to 100%',
        options=_small_views,
    ),
    sub_crops_small=dict(
        note='sub_crops with sub-crops of 30% to 70% of each side',
        options={**_small_views, 'train_dataloader.dataset.pipeline.0.whole_person': False},
    ),
    full_weight=dict(note='ours with category losses of full weight', options=_category(1.0, 0.5)),
)
# mix, mix_location_3 and sub_crops are those of lspet.py.
runs = [
    dict(
        recipes=[
            'first_fine',
            'tenth',
            'light_tenth',
            'light_tenth_conv',
            'light_quarter',
            'light_tenth_middle',
            'ours_middle',
            'ours',
            'light_quarter_fast',
            'small_views',
        ],
        fractions=[0],
        views=[4],
        seeds=[0],
    ),
    dict(
        recipes=['first', 'full_weight', 'sub_crops', 'sub_crops_small'],
        fractions=[0],
        views=[1],
        seeds=[0],
    ),
    dict(
        recipes=[
            'mix_light_tenth',
            'mix_light_tenth_fine',
            'mix',
            'mix_conv',
            'mix_two_convs',
            'mix_wide',
            'mix_location_3',
        ],
        fractions=[1.0],
        views=[4],
        seeds=[0],
    ),
]
