"""Pictures of what the network is given."""

from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import set_random_seed
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.paths import is_remote
from lfhpe_mmpose.launch.checks import PreflightError
from lfhpe_mmpose.launch.checks.annotations import check_coco, read_json
from lfhpe_mmpose.launch.checks.images import check_images
from lfhpe_mmpose.launch.checks.sources import find_sources
from lfhpe_mmpose.launch.command_line import load_config, merge_options
from lfhpe_mmpose.visualization import draw_given, make_grid, save_picture

_A_PAGE = 12


def browse(
    config: str, split: str, number: int, out_dir: str, seed: int, options: dict[str, Any] | None
) -> str:
    """Draw persons of a split, several a picture.

    Args:
        split: 'train', 'val' or 'test'.
        number: Persons to draw, at most.
        seed: Seed of the choice and of the augmentation.

    Returns:
        What was drawn, for the screen.

    Raises:
        UserError: If the config or its data cannot be used.
    """
    cfg = load_config(config)
    merge_options(cfg, config, options)
    dataset = build_dataset(cfg, split, config)
    pictures, located = draw_samples(dataset, number, seed, config)
    paths = [
        save_picture(
            make_grid(pictures[i : i + _A_PAGE]),
            Path(out_dir) / f'{split}_{i // _A_PAGE:03d}.png',
        )
        for i in range(0, len(pictures), _A_PAGE)
    ]
    lines = [
        f'{len(pictures)} of {len(dataset)} persons of the {split} split, '
        f'{located} located and {len(pictures) - located} tagged:'
    ]
    return '\n'.join([*lines, *(f'  {path}' for path in paths)])


def pack_keypoints(cfg: Any) -> None:
    """Make every packing step of a data set's config keep the keypoints of the crop, in place."""
    if isinstance(cfg, dict):
        if str(cfg.get('type', '')).endswith(('PackTaggedInputs', 'PackPoseInputs')):
            cfg['pack_transformed'] = True
        for value in cfg.values():
            pack_keypoints(value)
    elif isinstance(cfg, list | tuple):
        for value in cfg:
            pack_keypoints(value)


def check_files(cfg: Config, split: str) -> None:
    """Check annotation files and images before MMPose reads them.

    Raises:
        PreflightError: With a message for each problem.
    """
    problems = []
    for source in find_sources(cfg, [f'{split}_dataloader']):
        path = source.path('ann_file')
        if path is None or is_remote(path) or not source.reads_coco:
            continue
        entry = f'{source.entry}.ann_file'
        data, found = read_json(path, entry)
        if not found:
            annotations, found = check_coco(data, path, entry)
            found += check_images(annotations, source) if annotations else []
        problems += found
    if problems:
        raise PreflightError(problems)


def build_dataset(cfg: Config, split: str, name: str) -> Any:
    """Build MMPose's data set of one split.

    Raises:
        UserError: If the config has no such split, or its files cannot be read.
    """
    loader = cfg.get(f'{split}_dataloader')
    place = f'{name}: {split}_dataloader'
    if not loader:
        fault = 'There is no such entry.'
        raise UserError('no-split', place, fault, 'Choose another --split.')
    pack_keypoints(loader['dataset'])
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    check_files(cfg, split)
    dataset = DATASETS.build(loader['dataset'])
    if not len(dataset):
        raise UserError('no-persons', place, 'The data set has no persons.')
    return dataset


def draw_samples(dataset: Any, number: int, seed: int, name: str) -> tuple[list[np.ndarray], int]:
    """Draw persons chosen at random.

    Returns:
        tuple[list[np.ndarray], int]: Pictures, RGB uint8 (H_i, W_i, 3), and the number of located
        persons among them.

    Raises:
        UserError: 'no-tags' if the samples have no tags.
    """
    set_random_seed(seed)
    number = min(number, len(dataset))
    chosen = np.random.default_rng(seed).choice(len(dataset), number, replace=False)
    pictures, located = [], 0
    for index in sorted(chosen.tolist()):
        packed = dataset[index]
        try:
            pictures.append(draw_given(packed['inputs'], packed['data_samples'], dataset.metainfo))
        except ValueError as error:
            raise UserError('no-tags', name, str(error)) from error
        located += int(packed['data_samples'].gt_instance_labels.located[0])
    return pictures, located
