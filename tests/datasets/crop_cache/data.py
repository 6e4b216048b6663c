"""A small data set of several persons an image, and a pipeline that asks for much."""

import json
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import ConfigDict
from mmpose.registry import DATASETS

from lfhpe_mmpose.datasets.crop_cache import CropPlan
from lfhpe_mmpose.datasets.crop_cache.build import build_cache
from lfhpe_mmpose.datasets.crop_cache.people import make_settings, read_persons

GIB = 2**30


def write_people(folder: Path, keypoints='truth', images: int = 4) -> None:
    """Write images with three persons each; ``keypoints`` is all that a call may change."""
    (folder / 'images').mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    entries, persons = [], []
    for i in range(images):
        noise = rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)
        image = cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(folder / 'images' / f'{i}.jpg'), image)
        entries.append(dict(id=i + 1, file_name=f'{i}.jpg', width=320, height=240))
        for j, box in enumerate(([20, 30, 40, 60], [150, 100, 60, 70], [240, 20, 60, 190])):
            xy = rng.uniform(0, 1, (17, 2)) * box[2:] + box[:2]
            if keypoints == 'nan':
                xy = np.full_like(xy, np.nan)
            elif keypoints == 'noise':
                xy = np.random.default_rng(i * 9 + j).uniform(1, 200, (17, 2))
            points = np.concatenate([xy, rng.integers(0, 3, (17, 1))], axis=1)
            persons.append(
                dict(
                    id=10 * i + j,
                    image_id=i + 1,
                    category_id=1,
                    bbox=box,
                    area=box[2] * box[3],
                    iscrowd=0,
                    num_keypoints=17,
                    keypoints=points.ravel().tolist(),
                )
            )
    content = dict(images=entries, annotations=persons, categories=[dict(id=1, name='person')])
    (folder / 'persons.json').write_text(json.dumps(content))


def dataset_cfg(folder: Path, fraction: float = 0.5, half_body: float = 0.0) -> ConfigDict:
    """The config of the data set with a training pipeline, without a cache."""
    codec = dict(type='MSRAHeatmap', input_size=(48, 64), heatmap_size=(12, 16), sigma=1)
    pipeline = [
        dict(type='WithholdLocations', fraction=fraction, views=3),
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale'),
        dict(type='RandomFlip', direction='horizontal'),
        dict(type='RandomHalfBody', prob=half_body, min_total_keypoints=4),
        dict(type='RandomBBoxTransform', shift_factor=0.1, rotate_factor=50),
        dict(type='TopdownAffine', input_size=(48, 64)),
        dict(type='GenerateTarget', encoder=codec),
        dict(type='PackTaggedInputs'),
    ]
    return ConfigDict(
        type='CocoDataset',
        data_root=str(folder),
        ann_file='persons.json',
        data_prefix=dict(img='images/'),
        pipeline=pipeline,
    )


def with_cache(cfg: ConfigDict, cache: Path) -> ConfigDict:
    """The same data set, with pictures from a cache."""
    cfg = ConfigDict(cfg.to_dict())
    for step in cfg.pipeline:
        if step.type == 'LoadImage':
            step.update(type='LoadCachedCrop', cache=str(cache))
        elif step.type == 'TopdownAffine':
            step.type = 'CachedTopdownAffine'
    return cfg


def build(
    folder: Path, cache: Path, form='raw', workers=0, margin=1.0, over=16.0, **kwargs
) -> int:
    """Build a cache of the data set."""
    cfg = dataset_cfg(folder)
    plan = CropPlan.from_steps(cfg.pipeline, 'pipeline', margin, over)
    name, images = read_persons(cfg, 'dataset')
    settings = make_settings(name, plan, form, 95)
    options = dict(max_bytes=GIB, progress=False, log=lambda text: None)
    return build_cache(cache, images, settings, workers=workers, **{**options, **kwargs})


def samples(cfg: ConfigDict, epochs: int = 2):
    """The packed samples of some epochs, by a seed each."""
    dataset = DATASETS.build(cfg)
    for epoch in range(epochs):
        for i in range(len(dataset)):
            np.random.seed(100 * epoch + i)
            yield dataset[i]
