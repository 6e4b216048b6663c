"""Prepare a public data set for the packaged configs, from its authors' files.

`lfhpe prepare synthetic` draws people instead, in COCO's format, and needs no files.

Example:
    lfhpe prepare mpii --source mpii_human_pose_v1/ --out data/mpii
    lfhpe prepare synthetic --out data/synthetic --num-train 4000 --num-val 500
"""

import argparse
from pathlib import Path

from .options import positive_int

NAMES = (
    *('aic', 'animalpose', 'animalpose-crops', 'ap10k', 'coco', 'crowdpose'),
    *('lsp', 'lspet', 'mpii', 'ochuman', 'synthetic'),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('name', choices=NAMES, help='the data set')
    parser.add_argument('--source', type=Path, help='folder of the unpacked files')
    parser.add_argument(
        '--out', required=True, type=Path, help='folder to write, which the configs read'
    )
    parser.add_argument(
        '--images',
        choices=['link', 'copy'],
        default='link',
        help='link to the image folder (default), or copy the images that are used',
    )
    parser.add_argument(
        '--missing',
        choices=['error', 'skip'],
        default='error',
        help='result of a missing image: an error (default), or leave it out',
    )
    parser.add_argument(
        '--val-list',
        type=Path,
        help='animalpose, lspet, mpii: file that lists the validation images',
    )
    parser.add_argument(
        '--persons',
        choices=['all', 'single'],
        default='all',
        help='mpii: all persons (default), or those that stand apart from others',
    )
    drawn = parser.add_argument_group('synthetic')
    drawn.add_argument('--num-train', type=positive_int, default=4000, help='default: 4000')
    drawn.add_argument('--num-val', type=positive_int, default=500, help='default: 500')
    drawn.add_argument('--seed', type=int, default=0, help='seed of the people (default: 0)')
    drawn.add_argument('--keypoints', choices=('coco', 'lsp'), default='lsp', help='default: lsp')
    drawn.add_argument(
        '--image-size', type=positive_int, default=176, help='side in pixels (default: 176)'
    )
    drawn.add_argument('--persons-per-image', type=positive_int, default=1, help='default: 1')
    drawn.add_argument('--workers', type=positive_int, default=1, help='processes (default: 1)')


def run(args: argparse.Namespace) -> None:
    """Prepare, and print how to continue."""
    from lfhpe_mmpose.annotation.prepare.command import prepare

    print(prepare(**vars(args)))
