# The first of two steps from one tag set for the whole person (see docs/results): a local head on
# frozen features learns which small parts of the picture go with which tag. A recipe takes these
# parts; see configs/lspet/lfhpe_res18_lspet-160x160_whole-local.py.
local_codec = dict(type='MSRAHeatmap', input_size=(160, 160), heatmap_size=(40, 40), sigma=1.5)
local_head = dict(
    type='LocalEvidenceHead',
    in_channels=(128, 256),
    decoder=local_codec,
)
# Rotated and scaled crops do not help local evidence.
local_pipeline = [
    dict(type='WithholdLocations', fraction=0.0, seed=0, views=1),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='TopdownAffine', input_size=local_codec['input_size']),
    dict(type='PackTaggedInputs'),
]
# From a third of some 1,500 steps on, the head learns from its own peaks as well.
self_training = dict(type='SelfTrainingHook', begin=500)
