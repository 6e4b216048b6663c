"""A small COCO-style data set and a config that reads it; each test breaks one thing."""

import json
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from PIL import Image

import lfhpe_mmpose  # noqa: F401  (registers the modules)

from .words import COCO_NAMES


class DataSet:
    """A data set on disk, whose annotation file a test can change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = root / 'persons.json'
        (root / 'images').mkdir(parents=True)
        rng = np.random.default_rng(0)
        images, annotations = [], []
        for i in range(4):
            name = f'{i:03}.jpg'
            pixels = rng.integers(0, 255, (48, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / 'images' / name)
            images.append(dict(id=i + 1, file_name=name, width=40, height=48))
            keypoints = np.column_stack([rng.uniform(5, 35, (17, 2)), np.full(17, 2)])
            annotations.append(
                dict(
                    id=10 + i,
                    image_id=i + 1,
                    category_id=1,
                    bbox=[4.0, 5.0, 30.0, 40.0],
                    area=1200.0,
                    iscrowd=0,
                    num_keypoints=17,
                    keypoints=keypoints.ravel().tolist(),
                )
            )
        category = dict(id=1, name='person', keypoints=COCO_NAMES, skeleton=[])
        self.data = dict(images=images, annotations=annotations, categories=[category])
        self.write()

    def write(self, content: str | None = None) -> None:
        """Write the annotation file, as it is or with other content."""
        self.path.write_text(json.dumps(self.data) if content is None else content)

    def image(self, index: int = 0) -> Path:
        """The file of an image."""
        return self.root / 'images' / f'{index:03}.jpg'


@pytest.fixture
def data(tmp_path) -> DataSet:
    """A good data set of four persons."""
    return DataSet(tmp_path / 'data')


@pytest.fixture
def cfg(data, tmp_path) -> Config:
    """A good config of the location-free head on the data set."""
    codec = dict(type='MSRAHeatmap', input_size=(48, 64), heatmap_size=(12, 16), sigma=1)
    pipeline = [
        dict(type='WithholdLocations', fraction=0.0),
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale'),
        dict(type='TopdownAffine', input_size=(48, 64)),
        dict(type='GenerateTarget', encoder=codec),
        dict(type='PackTaggedInputs'),
    ]
    dataset = dict(
        type='CocoDataset',
        data_root=str(data.root),
        ann_file='persons.json',
        data_prefix=dict(img='images/'),
    )
    evaluation = [dict(type='WithholdLocations', fraction=1.0), *pipeline[1:4], pipeline[5]]
    val = dict(batch_size=2, dataset=dict(**dataset, test_mode=True, pipeline=evaluation))
    return Config(
        dict(
            default_scope='mmpose',
            model=dict(
                type='TopdownPoseEstimator',
                backbone=dict(
                    type='ResNet',
                    depth=18,
                    base_channels=4,
                    stem_channels=4,
                    num_stages=2,
                    strides=(1, 2),
                    dilations=(1, 1),
                    out_indices=(1,),
                ),
                head=dict(
                    type='HeatmapHead',
                    in_channels=8,
                    out_channels=17,
                    deconv_out_channels=None,
                    decoder=codec,
                ),
            ),
            train_dataloader=dict(batch_size=2, dataset=dict(**dataset, pipeline=pipeline)),
            val_dataloader=val,
            test_dataloader=val,
            val_cfg=dict(),
            val_evaluator=dict(type='CocoMetric', ann_file=str(data.path)),
            test_evaluator=dict(type='CocoMetric', ann_file=str(data.path)),
            optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3)),
            work_dir=str(tmp_path / 'work_dir'),
        )
    )
