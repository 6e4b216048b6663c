"""Build a crop cache: decode the images of a config once, not once a person and epoch.

Each person's surroundings, as large as the augmentation of the config may ask for, go into an
LMDB. No coordinate and no tag is read for it. Interrupted, it goes on with the same command.
See docs/data-loading.md.

Example:
    python tools/cache_crops.py lfhpe_res50_coco-256x192_loc25 data/coco_crops --workers 8
    python tools/cache_crops.py lfhpe_res50_coco-256x192_loc25 data/coco_crops --verify
"""

import argparse
import os
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mmengine.config import DictAction
from mmengine.registry import init_default_scope

from lfhpe_mmpose.datasets.crop_cache import CropPlan, CropStore
from lfhpe_mmpose.datasets.crop_cache.build import build_cache
from lfhpe_mmpose.datasets.crop_cache.encoding import FORMATS
from lfhpe_mmpose.datasets.crop_cache.people import check_loading, make_settings, read_persons
from lfhpe_mmpose.datasets.crop_cache.verify import verify_cache
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.checks.annotations import check_coco, read_json
from lfhpe_mmpose.launch.checks.report import problem
from lfhpe_mmpose.launch.checks.sources import Source, find_sources, is_remote
from lfhpe_mmpose.launch.command_line import load_config, merge_options


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help="a config file, or a packaged config's short name")
    parser.add_argument('out', help='folder of the cache')
    parser.add_argument('--split', choices=('train', 'val', 'test'), default='train')
    parser.add_argument(
        '--dataset',
        type=int,
        default=0,
        metavar='N',
        help='which data set, where the config joins several; each has a cache of its own',
    )
    parser.add_argument(
        '--format',
        choices=sorted(FORMATS),
        default='jpeg',
        help='jpeg: smallest; png: lossless, slow; raw: lossless, fastest, large (default: jpeg)',
    )
    parser.add_argument('--quality', type=int, default=95, help='of JPEG (default: 95)')
    parser.add_argument(
        '--margin',
        type=float,
        default=1.0,
        help='size of the crops; 1 is the worst case of the augmentation, less is smaller and '
        'reads the image where the crop does not reach (default: 1)',
    )
    parser.add_argument(
        '--oversample',
        type=float,
        default=2.0,
        help='least crop pixels for an input pixel, at least 1; finer ones are scaled down '
        '(default: 2)',
    )
    parser.add_argument(
        '--max-gib', type=float, default=20.0, help='bound on the size, GiB (default: 20)'
    )
    parser.add_argument(
        '--workers',
        type=int,
        default=min(8, os.cpu_count() or 1),
        help='processes (default: the processors, at most 8); 0 for none',
    )
    parser.add_argument(
        '--verify',
        nargs='?',
        type=int,
        const=0,
        metavar='IMAGES',
        help='build nothing; compare a cache with its source, all images or so many',
    )
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='entries of the config to change'
    )
    return parser.parse_args(argv)


def choose_source(args: argparse.Namespace) -> Source:
    """Find the data set that the command line names.

    Args:
        args (argparse.Namespace): The command line.

    Returns:
        Source: The data set's config, without wrappers.

    Raises:
        UserError: If the config has none, or its annotation file cannot be used.
    """
    cfg = load_config(args.config)
    merge_options(cfg, args.config, args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    sources = find_sources(cfg, [f'{args.split}_dataloader'])
    if not 0 <= args.dataset < len(sources):
        raise UserError(
            f'{args.config}: {args.split}_dataloader has {len(sources)} data set(s), there is no '
            f'--dataset {args.dataset}.'
        )
    source = sources[args.dataset]
    if source.kind is None:
        raise UserError(
            f'{args.config}: {source.entry}.type {source.cfg.get("type")!r} is not registered. '
            'Correct it, or add its module to custom_imports.'
        )
    path = source.path('ann_file')
    if path and not is_remote(path) and (source.reads_coco or source.reads_tags):
        entry = f'{source.entry}.ann_file'
        data, found = read_json(path, entry)
        if not found:
            found = check_coco(data, path, entry, source.reads_tags)[1]
        if found:
            raise UserError('\n'.join(found))
    return source


def build(args: argparse.Namespace, source: Source) -> None:
    """Build the cache, or go on building it, and say how to use it."""
    if not args.max_gib > 0:
        raise UserError(f'--max-gib must be above 0, got {args.max_gib}.')
    steps = [step.cfg for step in source.steps]
    entry = f'{source.entry}.pipeline'
    backend_args = check_loading(steps, entry)
    plan = CropPlan.from_steps(steps, entry, args.margin, args.oversample)
    name, images = read_persons(source.cfg, source.entry)
    settings = make_settings(name, plan, args.format, args.quality)
    written = build_cache(
        args.out, images, settings, int(args.max_gib * 2**30), args.workers, backend_args
    )
    size = sum(f.stat().st_size for f in Path(args.out).iterdir()) / 2**20
    print(f'{args.out}: {written} crops written, {size:.1f} MiB. In the pipeline of {entry}')
    print(f"  dict(type='LoadCachedCrop', cache='{args.out}')      in place of LoadImage")
    print(f"  dict(type='CachedTopdownAffine', input_size={plan.input_size})   of TopdownAffine")


def verify(args: argparse.Namespace, source: Source) -> None:
    """Compare a cache with its source.

    Args:
        args (argparse.Namespace): The command line.
        source (Source): The data set.

    Raises:
        UserError: If they differ.
    """
    store = CropStore(args.out)
    backend_args = check_loading([s.cfg for s in source.steps], f'{source.entry}.pipeline')
    name, images = read_persons(source.cfg, source.entry)
    found = verify_cache(store, name, images, args.verify or None, backend_args)
    if found:
        what = f'{args.out}: {len(found)} crops differ from {source.path("ann_file")}.'
        raise UserError(problem(what, source.entry, 'remove the cache and build it again', found))
    print(f'{args.out}: {sum(map(len, images))} persons, all as in the source.')


def main(argv: list[str] | None = None) -> int:
    """Build or verify; return the exit status."""
    args = parse_args(argv)
    try:
        source = choose_source(args)
        (build if args.verify is None else verify)(args, source)
    except UserError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print('interrupted: run the same command to go on', file=sys.stderr)
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
