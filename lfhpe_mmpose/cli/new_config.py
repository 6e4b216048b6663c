"""Write a training config for your own tags, with keypoints and paths filled in.

OUT contains config.py, keypoints.py (the metainfo), train.json and val.json. The recipe is the
small one for photographs.

Example:
    lfhpe new-config tags.json --images photos/ --out my
    lfhpe train my/config.py
"""

import argparse

from .options import add_metainfo, positive_int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('file', help='tag file to train on')
    parser.add_argument('--images', required=True, help='folder of the images')
    parser.add_argument('--out', required=True, help='folder to write')
    parser.add_argument('--val', metavar='TAGS', help='tag file for validation')
    parser.add_argument(
        '--val-fraction',
        type=float,
        default=0.1,
        help='fraction of the images for validation, without --val (default: 0.1)',
    )
    parser.add_argument(
        '--start',
        default='packaged',
        help="initial weights: 'packaged' (people), a model of `lfhpe models`, 'imagenet' (is "
        "downloaded), 'none', or a file (default: packaged)",
    )
    add_metainfo(parser)
    parser.add_argument(
        '--epochs', type=positive_int, help='number of epochs (default: that of the recipe)'
    )


def run(args: argparse.Namespace) -> None:
    """Write the folder, and print what is in it."""
    from lfhpe_mmpose.annotation.metainfo_file import MetainfoOptions
    from lfhpe_mmpose.annotation.new_config import new_config

    metainfo = MetainfoOptions(swap=args.swap, limbs=args.limbs)
    val = (args.val, args.val_fraction)
    print(new_config(args.file, args.images, args.out, *val, args.start, args.epochs, metainfo))
