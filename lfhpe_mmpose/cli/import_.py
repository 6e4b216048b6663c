"""Make a tag file from an export of an annotation program, from COCO or a table.

Example:
    lfhpe import label-studio export.json --plan round1/plan.json --out tags.json
"""

import argparse

from .options import add_occluded, add_views


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        'format', help='label-studio, cvat, coco, table, deeplabcut, labelme, sleap or yolo'
    )
    parser.add_argument(
        'source',
        help='the file to read; cvat: also its zip archive; deeplabcut, labelme: also a folder; '
        'yolo: data.yaml',
    )
    parser.add_argument('--out', required=True, help='tag file to write')
    names = parser.add_mutually_exclusive_group()
    names.add_argument(
        '--keypoints', help='keypoint names a,b,c in order (default: those of the source)'
    )
    names.add_argument(
        '--metainfo', help='metainfo file with the names, or the name of one in MMPose (coco)'
    )
    parser.add_argument('--plan', help='plan.json of `lfhpe plan`, if its pictures were annotated')
    parser.add_argument(
        '--conflicts',
        choices=('error', 'unknown'),
        default='error',
        help='result of two different answers to one question (default: error)',
    )
    for kind, what in (('seen', '1'), ('absent', '0'), ('unknown', '-1')):
        parser.add_argument(
            f'--{kind}-words', nargs='+', default=[], metavar='WORD', help=f'more words for {what}'
        )
    parser.add_argument(
        '--image-root', help='image folder, to read image sizes that the source does not contain'
    )
    parser.add_argument(
        '--ignore-columns', nargs='+', metavar='COLUMN', help='table: columns to ignore'
    )
    parser.add_argument(
        '--label', help='cvat, yolo: label of the persons, if several are possible'
    )
    parser.add_argument('--split', help='yolo: train (default), val or test')
    simulated = parser.add_argument_group('simulate tags from coordinates')
    simulated.add_argument(
        '--tags-only',
        action='store_true',
        help='write no coordinates; located persons get the tags and views of WithholdLocations',
    )
    add_views(simulated, default=None)
    add_occluded(simulated, default=None)


def run(args: argparse.Namespace) -> None:
    """Read the source, write the tag file, and print what is in it."""
    from lfhpe_mmpose.annotation.converters import import_tags
    from lfhpe_mmpose.annotation.converters.summary import summary

    options = {k: v for k, v in vars(args).items() if k not in ('format', 'source', 'out')}
    tags = import_tags(args.format, args.source, **options)
    tags.save(args.out)
    print(summary(tags, args.out))
    print(f'\nNext: lfhpe check {args.out}')
