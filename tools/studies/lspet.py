"""What keypoint categories are worth on LSP-extended; its results are in docs/results.

lfhpe study tools/studies/lspet.py --jobs 2

One data set, one small network, one schedule of two epochs; what differs is the supervision.
Recipes with `_six` in their name have the six epochs of the packaged model, `_twelve` twelve.
"""

base = 'lfhpe_res18_lspet-128x128_loc0'
split = 'LSP-extended val'


def _schedule(epochs):
    return {
        'train_cfg.max_epochs': epochs,
        'train_cfg.val_interval': epochs,
        'param_scheduler.1.end': epochs,
        'param_scheduler.1.T_max': epochs,
    }


# Two epochs of 9,000 persons, batches of 32, for every run but those of six epochs.
options = {
    **_schedule(2),
    'train_dataloader.num_workers': 0,
    'train_dataloader.persistent_workers': False,
    'val_dataloader.num_workers': 0,
    'val_dataloader.persistent_workers': False,
}

_no_prototypes = {'model.head.prototypes': None}
# A plain CAM head on the backbone's two levels, with one convolution.
_no_encoder = {
    **_no_prototypes,
    'model.neck': None,
    'model.head.in_channels': [128, 256],
    'model.head.num_convs': 1,
}
_located_share = {'train_dataloader.sampler': dict(type='LocatedShareSampler')}
_located_only = {'train_dataloader.sampler': dict(type='LocatedShareSampler', share=1.0)}
_sub_crops = {'train_dataloader.dataset.pipeline.0.whole_person': False}
_location_3 = {
    'model.head.losses.location': dict(type='HeatmapCrossEntropyLoss', loss_weight=3.0),
}
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
    mix_location_3=dict(
        note='mix with three times the weight of the location loss',
        options={**_located_share, **_location_3},
    ),
    alone=dict(
        note='ours on the located persons only, as many steps as the others',
        options=_located_only,
    ),
    sub_crops=dict(
        note='ours; all views are sub-crops, the whole person is not asked', options=_sub_crops
    ),
    mix_sub_crops=dict(
        note='sub_crops with some persons located, as mix',
        options={**_sub_crops, **_located_share},
    ),
    heatmap_head=dict(note="MMPose's HeatmapHead on the same backbone", options=_heatmap_head),
    small_crops_six=dict(
        note='ours_six; sub-crops have 30% to 70% of each side, instead of 40% to 100%',
        options={**_schedule(6), 'train_dataloader.dataset.pipeline.0.view_scale': (0.3, 0.7)},
    ),
    ours_six=dict(note='ours, six epochs: the packaged model', options=_schedule(6)),
    mix_six=dict(note='mix, six epochs', options={**_located_share, **_schedule(6)}),
    alone_six=dict(note='alone, six epochs', options={**_located_only, **_schedule(6)}),
    heatmap_head_six=dict(
        note='heatmap_head, six epochs', options={**_heatmap_head, **_schedule(6)}
    ),
    mix_twelve=dict(note='mix, twelve epochs', options={**_located_share, **_schedule(12)}),
    alone_twelve=dict(note='alone, twelve epochs', options={**_located_only, **_schedule(12)}),
    sub_crops_six=dict(note='sub_crops, six epochs', options={**_sub_crops, **_schedule(6)}),
    mix_sub_crops_six=dict(
        note='mix_sub_crops, six epochs',
        options={**_sub_crops, **_located_share, **_schedule(6)},
    ),
    mix_location_3_six=dict(
        note='mix_location_3, six epochs',
        options={**_located_share, **_location_3, **_schedule(6)},
    ),
    encoder=dict(note='ours without prototypes', options=_no_prototypes),
    cam=dict(note='ours without prototypes and encoder', options=_no_encoder),
    cam_only=dict(
        note='a plain CAM: no prototypes, encoder, region and background loss',
        options={
            **_no_encoder,
            'model.head.losses.region': None,
            'model.head.losses.background_weight': 0.0,
        },
    ),
    no_region=dict(
        note='ours without the region loss', options={'model.head.losses.region': None}
    ),
    no_background=dict(
        note='ours without the background loss',
        options={'model.head.losses.background_weight': 0.0},
    ),
    no_category=dict(
        note='ours without the category losses',
        options={'model.head.losses.category_weights': (0.0, 0.0, 0.0)},
    ),
)
_alone_tags = [n for n in recipes if n in ('encoder', 'cam', 'cam_only') or n.startswith('no_')]
_mixed = []
for _name in _alone_tags:
    _mixed.append(f'mix_{_name}')
    recipes[_mixed[-1]] = dict(
        note=f'{_name} with some persons located, as mix',
        options={**recipes[_name]['options'], **_located_share},
    )

# The first rows are those that others are compared with.
runs = [
    dict(recipes=['ours'], fractions=[0], views=[1, 2, 4, 16, 'unlimited'], seeds=[0]),
    dict(recipes=['mix', 'heatmap_head'], fractions=[1.0], views=[4], seeds=[0]),
    dict(recipes=['mix', 'alone'], fractions=[0.25, 0.01, 0.05, 0.1, 0.5], views=[4], seeds=[0]),
    dict(recipes=['mix'], fractions=[0.25], views=[1], seeds=[0]),
    dict(recipes=['mix_location_3'], fractions=[1.0, 0.25], views=[4], seeds=[0]),
    dict(recipes=['ours_six'], fractions=[0], views=[4], seeds=[0]),
    dict(recipes=['mix_six', 'alone_six'], fractions=[0.25, 0.5], views=[4], seeds=[0]),
    dict(recipes=['mix_six'], fractions=[0.01], views=[4], seeds=[0]),
    dict(recipes=['mix_six'], fractions=[0.25], views=[1], seeds=[0]),
    dict(recipes=['mix_six', 'heatmap_head_six'], fractions=[1.0], views=[4], seeds=[0]),
    dict(recipes=_alone_tags, fractions=[0], views=[4], seeds=[0]),
    dict(recipes=_mixed, fractions=[0.25], views=[4], seeds=[0]),
    dict(recipes=['ours'], fractions=[0], views=[4], seeds=[1, 2]),
    dict(recipes=['mix', 'alone'], fractions=[0.25], views=[4], seeds=[1, 2]),
    dict(recipes=['sub_crops'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['mix_location_3_six'], fractions=[1.0], views=[4], seeds=[0]),
    dict(recipes=['mix_six', 'alone_six'], fractions=[0.25], views=[4], seeds=[1, 2]),
    dict(recipes=['mix_sub_crops_six'], fractions=[0.25], views=[1], seeds=[0]),
    dict(recipes=['sub_crops_six'], fractions=[0], views=[1], seeds=[0]),
    dict(recipes=['mix_sub_crops'], fractions=[0.01], views=[1], seeds=[0]),
    dict(recipes=['sub_crops'], fractions=[0], views=[2, 4], seeds=[0]),
    dict(recipes=['sub_crops'], fractions=[0], views=[1], seeds=[1, 2]),
    dict(recipes=['ours_six'], fractions=[0], views=[4], seeds=[1, 2]),
    dict(recipes=['mix', 'alone'], fractions=[0.05, 0.1], views=[4], seeds=[1, 2]),
    dict(recipes=['mix_twelve', 'alone_twelve'], fractions=[0.5], views=[4], seeds=[0]),
    dict(
        recipes=['mix_location_3_six', 'heatmap_head_six'], fractions=[1.0], views=[4], seeds=[1]
    ),
    dict(recipes=['mix_six'], fractions=[0.01], views=[4], seeds=[1]),
    dict(recipes=['small_crops_six'], fractions=[0], views=[4], seeds=[0]),
]
