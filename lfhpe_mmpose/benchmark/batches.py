"""Batches of synthetic persons, made by each model's own training pipeline.

The picture is noise and the pose is drawn at random: time does not depend on what is seen.
The targets are those of the config: its codec, its tags, its packing, its collate function.
"""

import copy
import importlib.util
from collections.abc import Callable

import numpy as np
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.registry import FUNCTIONS, init_default_scope
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS, TRANSFORMS

from lfhpe_mmpose.errors import UserError

from .models import Subject

# What MMPose's data sets add to every sample.
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


def make_samples(subject: Subject, number: int, seed: int = 0) -> list[dict]:
    """Make samples as the training loader gives them.

    Args:
        subject (Subject): The model.
        number (int): Samples.
        seed (int): Seed of pictures, poses and augmentation. Defaults to 0.

    Returns:
        list[dict]: ``inputs`` (3, H, W) uint8 and ``data_samples`` of each.

    Raises:
        UserError: If the pipeline cannot be built or drops the sample.
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
        raise UserError(f'{subject.name}: the training pipeline drops a synthetic person.')
    return samples


def left_out_steps(subject: Subject) -> list[str]:
    """Steps of the training pipeline that need a package which is not installed.

    They change colours alone, so that batches without them cost a model the same.

    Args:
        subject (Subject): The model.

    Returns:
        list[str]: Their types.
    """
    steps = subject.cfg.train_dataloader.dataset.pipeline
    return [step['type'] for step in steps if _left_out(step)]


def collate_function(subject: Subject) -> Callable[[list[dict]], dict]:
    """The collate function of a config's training loader.

    Args:
        subject (Subject): The model.

    Returns:
        Callable[[list[dict]], dict]: From samples to a batch; MMEngine's
        ``pseudo_collate`` where the config names none.

    Raises:
        UserError: If the function is not registered.
    """
    cfg = subject.cfg.train_dataloader.get('collate_fn') or dict(type='pseudo_collate')
    collate = FUNCTIONS.get(cfg['type'])
    if collate is None:
        raise UserError(
            f'{subject.name}: collate_fn {cfg["type"]!r} is not in the registry. Import the '
            'module that registers it in custom_imports.'
        )
    return lambda samples: collate(copy.deepcopy(samples))


def _left_out(step: dict) -> bool:
    return step['type'] == 'Albumentation' and importlib.util.find_spec('albumentations') is None


def _metainfo(dataset: Config) -> dict:
    """The parsed keypoint set of a data set's config."""
    given = dataset.get('metainfo') or DATASETS.get(dataset.type).METAINFO
    return parse_pose_metainfo(dict(given))


def _person(index: int, meta: dict) -> dict:
    """One annotated person, as MMPose's data sets describe it."""
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
