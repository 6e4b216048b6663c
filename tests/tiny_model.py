"""A small location-free model on disk: config, a run's checkpoint, published weights."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS, MODELS

from lfhpe_mmpose.apis import publish_model

DATASET_TYPES = {14: 'LspExtendedDataset', 17: 'CocoDataset'}

_CONFIG = """
custom_imports = dict(imports=['lfhpe_mmpose'], allow_failed_imports=False)
default_scope = 'mmpose'
data_mode = 'topdown'
dataset_type = '{dataset_type}'
data_root = '{data_root}'
codec = dict(type='MSRAHeatmap', input_size=(48, 64), heatmap_size=(12, 16), sigma=1)
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='StagedResNet',
        depth=18,
        base_channels=8,
        num_stages=3,
        out_indices=(1, 2),
        output_stride=16,
    ),
    neck=dict(
        type='MultiScaleContextEncoder',
        in_channels=[16, 32],
        embed_dims=32,
        num_layers=1,
        num_heads=4,
    ),
    head=dict(
        type='LocationFreeHead',
        in_channels=32,
        out_channels={num_keypoints},
        metainfo=dataset_type,
        embed_dims=32,
        decoder=codec,
    ),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False),
)
train_pipeline = [
    dict(type='WithholdLocations', fraction={fraction}, seed=0),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='RandomBBoxTransform'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackTaggedInputs'),
]
val_pipeline = [
    dict(type='WithholdLocations', fraction=1.0),
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackTaggedInputs'),
]
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_mode='topdown',
        ann_file='annotations.json',
        data_prefix=dict(img='images/'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_mode='topdown',
        ann_file='annotations.json',
        data_prefix=dict(img='images/'),
        test_mode=True,
        pipeline=val_pipeline,
    ),
)
test_dataloader = val_dataloader
visualizer = dict(
    type='LocationFreeVisualizer', vis_backends=[dict(type='LocalVisBackend')], name='visualizer'
)
"""


@dataclass
class TinyModel:
    """Where the files of a small model lie."""

    num_keypoints: int
    config: str
    run_checkpoint: Path
    weights: Path


def write_config(folder: Path, num_keypoints: int = 17, fraction: float = 0.0) -> str:
    """Write a small config; its data root is the folder."""
    path = folder / f'tiny_{num_keypoints}_loc{round(100 * fraction)}.py'
    path.write_text(
        _CONFIG.format(
            dataset_type=DATASET_TYPES[num_keypoints],
            num_keypoints=num_keypoints,
            data_root=f'{folder.as_posix()}/',
            fraction=fraction,
        )
    )
    return str(path)


def dataset_meta(num_keypoints: int) -> dict:
    """The parsed metainfo that a run saves, with NumPy arrays."""
    init_default_scope('mmpose')
    return parse_pose_metainfo(DATASETS.get(DATASET_TYPES[num_keypoints]).METAINFO)


def make_tiny_model(folder: Path, num_keypoints: int = 17) -> TinyModel:
    """Write a config, a checkpoint as MMEngine's runner writes it, and published weights."""
    config = write_config(folder, num_keypoints)
    cfg = Config.fromfile(config)
    init_default_scope('mmpose')
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    checkpoint = folder / f'run_{num_keypoints}.pth'
    torch.save(
        dict(
            state_dict=model.state_dict(),
            meta=dict(
                dataset_meta=dataset_meta(num_keypoints),
                cfg=cfg.pretty_text,
                epoch=3,
                iter=30,
                time=np.float64(1.5),
            ),
            optimizer=dict(state={0: dict(exp_avg=torch.ones(1000))}),
            message_hub=dict(loss=np.ones(3)),
        ),
        checkpoint,
    )
    weights = publish_model(checkpoint, folder / 'weights.pth', trust=True)
    return TinyModel(num_keypoints, config, checkpoint, weights)
