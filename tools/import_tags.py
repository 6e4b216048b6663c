"""Make a tag file from an export of an annotation program, a COCO file or a table."""

import argparse
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('format', help='label-studio, cvat, coco or table')
    parser.add_argument('source', help='the file to read; of CVAT also its zip archive')
    parser.add_argument('--out', required=True, help='tag file to write')
    names = parser.add_mutually_exclusive_group()
    names.add_argument('--keypoints', help='names a,b,c in order; default: those of the file')
    names.add_argument('--metainfo', help="their metainfo: a file, or MMPose's name such as coco")
    parser.add_argument('--plan', help='plan.json, if the pictures of a plan were answered')
    parser.add_argument(
        '--conflicts',
        choices=('error', 'unknown'),
        default='error',
        help='two different answers to one question: an error (default), or unknown',
    )
    for kind, what in (('seen', '1'), ('absent', '0'), ('unknown', '-1')):
        parser.add_argument(
            f'--{kind}-words', nargs='+', default=[], metavar='WORD', help=f'more words for {what}'
        )
    parser.add_argument('--image-root', help='table, label-studio: image folder, to read sizes')
    parser.add_argument(
        '--ignore-columns', nargs='+', metavar='COLUMN', help='table: columns to leave out'
    )
    parser.add_argument('--label', help='cvat: label of the persons, where several could be')
    parser.add_argument(
        '--tags-only',
        action='store_true',
        help='write no coordinate; tags and views of located persons as WithholdLocations gives',
    )
    parser.add_argument('--views', type=int, help='with --tags-only: views a person (default 1)')
    parser.add_argument('--view-seed', type=int, help='with --tags-only: seed of the views')
    parser.add_argument(
        '--no-whole-person',
        dest='whole_person',
        action='store_false',
        default=None,
        help='with --tags-only: all views are sub-crops',
    )
    parser.add_argument(
        '--occluded',
        choices=('positive', 'negative', 'unknown'),
        help='with --tags-only: tag of an occluded keypoint (default positive)',
    )
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Read the source, write the tag file, and print what is in it."""
    from lfhpe_mmpose.annotation.converters import import_tags
    from lfhpe_mmpose.annotation.converters.summary import summary

    options = {k: v for k, v in vars(args).items() if k not in ('format', 'source', 'out')}
    tags = import_tags(args.format, args.source, **options)
    tags.save(args.out)
    print(summary(tags, args.out))
    print(f'\nNext: lfhpe check {args.out}')


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
