"""Make a tag file of what an annotation program exported, or of a COCO file or a table."""

import argparse
import sys
from pathlib import Path
from typing import Any

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# Options that some formats alone have, as arguments of their `read`.
OWN_OPTIONS = {
    'image_root': ('table', 'label-studio'),
    'ignore_columns': ('table',),
    'label': ('cvat',),
}


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('format', help='label-studio, cvat, coco or table')
    parser.add_argument('source', help='the file to read; of CVAT also its zip archive')
    parser.add_argument('--out', required=True, help='tag file to write')
    names = parser.add_mutually_exclusive_group()
    names.add_argument('--keypoints', help='names a,b,c in order; default: those of the file')
    names.add_argument('--metainfo', help="their metainfo: a file, or MMPose's name such as coco")
    parser.add_argument(
        '--plan', help='plan.json of tools/plan_tags.py, if its pictures were asked'
    )
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
    parser.add_argument(
        '--image-root', help='table, label-studio: image folder, to read the sizes of images'
    )
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
    """Read the source, write the tag file, and say what is in it."""
    from lfhpe_mmpose.annotation.converters import DEFAULT_WORDS, check_format
    from lfhpe_mmpose.annotation.converters.coco import save
    from lfhpe_mmpose.annotation.converters.keypoint_names import listed_names, metainfo_names
    from lfhpe_mmpose.annotation.converters.summary import summary
    from lfhpe_mmpose.annotation.withhold import withhold
    from lfhpe_mmpose.errors import UserError
    from lfhpe_mmpose.tags import load_tag_file

    module = check_format(args.format)
    options: dict[str, Any] = {}
    for option, owners in OWN_OPTIONS.items():
        value = getattr(args, option)
        if value is not None and args.format not in owners:
            raise UserError(
                f'--{option.replace("_", "-")} belongs to the format {" and ".join(owners)}, not '
                f'to {args.format}. Leave it out.'
            )
        if value is not None:
            options[option] = value
    drawing = {k: getattr(args, k) for k in ('views', 'view_seed', 'whole_person', 'occluded')}
    drawing = {k: v for k, v in drawing.items() if v is not None}
    if drawing and not args.tags_only:
        raise UserError(
            f'{_flag(next(iter(drawing)))} needs --tags-only: otherwise '
            'WithholdLocations of the config draws views and reads the flags.'
        )
    names = listed_names(args.keypoints) if args.keypoints is not None else None
    if args.metainfo is not None:
        names = metainfo_names(args.metainfo)
    words = DEFAULT_WORDS.extended(args.seen_words, args.absent_words, args.unknown_words)
    tags = module.read(
        args.source,
        names=names,
        plan=load_tag_file(args.plan) if args.plan else None,
        words=words,
        conflicts=args.conflicts,
        **options,
    )
    if args.tags_only:
        tags = withhold(tags, **drawing)
    save(tags, args.out)
    print(summary(tags, args.out))
    print(f'\nNext: python tools/check_tags.py {args.out}')


def _flag(option: str) -> str:
    """An option as it is written."""
    return '--no-whole-person' if option == 'whole_person' else f'--{option.replace("_", "-")}'


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
