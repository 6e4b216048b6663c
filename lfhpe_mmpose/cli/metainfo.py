"""Write the MMPose metainfo file for the keypoints of a tag file."""

import argparse

from .options import add_metainfo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('file', help='tag file, or COCO keypoint file')
    parser.add_argument('--out', required=True, help='file to write (.py)')
    parser.add_argument('--name', help='name of the data set (default: that of the category)')
    parser.add_argument('--category', help='name of the category, if there are several')
    add_metainfo(parser)
    parser.add_argument(
        '--sigma', nargs='+', default=[], metavar='NAME=VALUE', help="sigmas for COCO's AP"
    )


def run(args: argparse.Namespace) -> None:
    """Describe the keypoints and write the file."""
    from lfhpe_mmpose.annotation.metainfo_file import MetainfoOptions, metainfo_file

    options = MetainfoOptions(args.name, args.category, args.swap, args.limbs, args.sigma)
    print(metainfo_file(args.file, args.out, options))
