"""Draw what the network is given: crop, tagged views, tags, located or not.

The pictures are made from the packed samples alone, after the whole pipeline:
a coordinate that the pipeline withheld cannot be in them.

Example:
    python tools/browse_dataset.py lfhpe_res50_coco-256x192_loc25 --number 24
"""

import argparse
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from mmengine.config import Config, DictAction
from mmengine.registry import init_default_scope
from mmengine.runner import set_random_seed
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import is_remote
from lfhpe_mmpose.launch.checks import PreflightError
from lfhpe_mmpose.launch.checks.annotations import check_coco, read_json
from lfhpe_mmpose.launch.checks.images import check_images
from lfhpe_mmpose.launch.checks.sources import find_sources
from lfhpe_mmpose.launch.command_line import load_config, merge_options
from lfhpe_mmpose.visualization import draw_given, make_grid, save_picture

_A_PAGE = 12


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help="a config file, or a packaged config's short name")
    parser.add_argument('--split', choices=('train', 'val', 'test'), default='train')
    parser.add_argument('--number', type=int, default=12, help='persons to draw (default: 12)')
    parser.add_argument('--out-dir', default='work_dirs/browse', help='folder of the pictures')
    parser.add_argument('--seed', type=int, default=0, help='of the choice and the augmentation')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='entries of the config to change'
    )
    return parser.parse_args(argv)


def pack_keypoints(cfg) -> None:
    """Have every packing step keep the keypoints of the crop, in place.

    Args:
        cfg: A data set's config; wrapped data sets are searched as well.
    """
    if isinstance(cfg, dict):
        if str(cfg.get('type', '')).endswith(('PackTaggedInputs', 'PackPoseInputs')):
            cfg['pack_transformed'] = True
        for value in cfg.values():
            pack_keypoints(value)
    elif isinstance(cfg, list | tuple):
        for value in cfg:
            pack_keypoints(value)


def check_files(cfg: Config, split: str) -> None:
    """Look at annotation files and images before MMPose stumbles over them.

    Args:
        cfg (Config): The config.
        split (str): ``'train'``, ``'val'`` or ``'test'``.

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


def build_dataset(cfg: Config, split: str, name: str):
    """Build the data set of one split.

    Args:
        cfg (Config): The config.
        split (str): ``'train'``, ``'val'`` or ``'test'``.
        name (str): The config's name, for error messages.

    Returns:
        Dataset: MMPose's data set.

    Raises:
        UserError: If the config has no such split, or its files cannot be read.
    """
    loader = cfg.get(f'{split}_dataloader')
    if not loader:
        raise UserError(f'{name}: there is no entry {split}_dataloader. Choose another --split.')
    pack_keypoints(loader['dataset'])
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    check_files(cfg, split)
    dataset = DATASETS.build(loader['dataset'])
    if not len(dataset):
        raise UserError(f'{name}: {split}_dataloader.dataset holds no persons.')
    return dataset


def draw_samples(dataset, number: int, seed: int, name: str) -> tuple[list[np.ndarray], int]:
    """Draw persons chosen at random.

    Args:
        dataset: MMPose's data set.
        number (int): How many, at most.
        seed (int): Seed of the choice and of the augmentation.
        name (str): The config's name, for error messages.

    Returns:
        tuple[list[np.ndarray], int]: Pictures, RGB uint8 (H_i, W_i, 3), and the
        number of located persons among them.

    Raises:
        UserError: If the samples hold no tags.
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
            raise UserError(f'{name}: {error}') from error
        located += int(packed['data_samples'].gt_instance_labels.located[0])
    return pictures, located


def main(argv: list[str] | None = None) -> int:
    """Draw; return the exit status."""
    args = parse_args(argv)
    try:
        if args.number < 1:
            raise UserError(f'--number must be at least 1, got {args.number}.')
        cfg = load_config(args.config)
        merge_options(cfg, args.config, args.cfg_options)
        dataset = build_dataset(cfg, args.split, args.config)
        pictures, located = draw_samples(dataset, args.number, args.seed, args.config)
        paths = [
            save_picture(
                make_grid(pictures[i : i + _A_PAGE]),
                Path(args.out_dir) / f'{args.split}_{i // _A_PAGE:03d}.png',
            )
            for i in range(0, len(pictures), _A_PAGE)
        ]
    except UserError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    print(
        f'{len(pictures)} of {len(dataset)} persons of the {args.split} split, '
        f'{located} located and {len(pictures) - located} tagged:'
    )
    for path in paths:
        print(f'  {path}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
