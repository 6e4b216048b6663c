"""Draw what the network is given: crop, tagged views, tags, located or not.

The pictures are drawn from the packed samples, after the whole pipeline. They cannot show a
coordinate that the pipeline withheld.

Example:
    lfhpe browse lfhpe_res50_coco-256x192_loc25 --number 24
"""

import argparse

from .options import add_cfg_options, add_config, positive_int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    parser.add_argument(
        '--split',
        choices=('train', 'val', 'test'),
        default='train',
        help='part of the data (default: train)',
    )
    parser.add_argument(
        '--number', type=positive_int, default=12, help='persons to draw (default: 12)'
    )
    parser.add_argument('--out-dir', default='work_dirs/browse', help='folder to write')
    parser.add_argument('--seed', type=int, default=0, help='seed of selection and augmentation')
    add_cfg_options(parser)


def run(args: argparse.Namespace) -> None:
    """Draw, and print where the pictures are."""
    from lfhpe_mmpose.apis.browse import browse

    print(browse(args.config, args.split, args.number, args.out_dir, args.seed, args.cfg_options))
