"""Batches of synthetic persons, made by each model's own training pipeline.

The picture is noise and the pose random: time does not depend on them. Codec, tags, packing
and collate function are the config's.
"""

import copy
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.registry import FUNCTIONS, init_default_scope
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS, TRANSFORMS

from lfhpe_mmpose.errors import UserError

from .models import Subject

# Keys that MMPose's datasets add to every sample.
_META_KEYS = (
    'dataset_name',
    'upper_body_ids',
    'lower_body_ids',
    'flip_pairs',
    'dataset_keypoint_weights',
    'flip_indices',
    'skeleton_links',
)
# Height and width of the synthetic picture, pixels.
_PICTURE = (320, 240)


def make_samples(subject: Subject, number: int, seed: int = 0) -> list[dict[str, Any]]:
    """Make samples as the training loader gives them: ``inputs`` and ``data_samples``.

    Raises:
        UserError: If the pipeline drops a sample.
    """
    init_default_scope('mmpose')
    dataset = subject.cfg.train_dataloader.dataset
    meta = _metainfo(dataset)
    steps = [copy.deepcopy(s) for s in dataset.pipeline if not _left_out(s)]
    pipeline = Compose([TRANSFORMS.build(step) for step in steps])
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        samples = [pipeline(_person(i, meta)) for i in range(number)]
    finally:
        np.random.set_state(state)
    if any(sample is None for sample in samples):
        fault = 'The training pipeline drops a synthetic person.'
        raise UserError('pipeline-drops', subject.name, fault)
    return samples


def left_out_steps(subject: Subject) -> list[str]:
    """Types of training steps whose package is not installed.

    They change colours only, so batches without them cost a model the same.
    """
    steps = subject.cfg.train_dataloader.dataset.pipeline
    return [step['type'] for step in steps if _left_out(step)]


def collate_function(subject: Subject) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    """The collate function of the training loader; MMEngine's ``pseudo_collate`` by default.

    Raises:
        UserError: If the function is not registered.
    """
    cfg = subject.cfg.train_dataloader.get('collate_fn') or dict(type='pseudo_collate')
    collate = FUNCTIONS.get(cfg['type'])
    if collate is None:
        raise UserError(
            'unknown-collate',
            subject.name,
            f'collate_fn {cfg["type"]!r} is not in the registry.',
            'Import the module that registers it in custom_imports.',
        )
    return lambda samples: collate(copy.deepcopy(samples))


def _left_out(step: dict[str, Any]) -> bool:
    return step['type'] == 'Albumentation' and importlib.util.find_spec('albumentations') is None


def _metainfo(dataset: Config) -> dict[str, Any]:
    """The parsed keypoint set of a dataset's config."""
    given = dataset.get('metainfo') or DATASETS.get(dataset.type).METAINFO
    return parse_pose_metainfo(dict(given))


def _person(index: int, meta: dict[str, Any]) -> dict[str, Any]:
    """One annotated person, as MMPose's datasets describe it."""
    count = meta['num_keypoints']
    height, width = _PICTURE
    box = np.array([[0.1 * width, 0.1 * height, 0.9 * width, 0.9 * height]], dtype=np.float32)
    points = box[0, :2] + np.random.rand(1, count, 2) * (box[0, 2:] - box[0, :2])
    return dict(
        id=index,
        img_id=index,
        img=np.random.randint(0, 256, (height, width, 3), dtype=np.uint8),
        img_path=f'synthetic_{index}',
        bbox=box,
        bbox_score=np.ones(1, dtype=np.float32),
        keypoints=points.astype(np.float32),
        keypoints_visible=np.ones((1, count), dtype=np.float32),
        category_id=np.array(1),
        iscrowd=0,
        area=np.array(float(height * width), dtype=np.float32),
        **{key: copy.deepcopy(meta[key]) for key in _META_KEYS},
    )
