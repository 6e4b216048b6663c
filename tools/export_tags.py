"""Write a tag file for another program: Label Studio, CVAT, COCO's tools, or a table."""

import argparse
import sys
from pathlib import Path
from typing import Any

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# Options that some formats alone have: format, and the argument of its `write`.
OWN_OPTIONS = {
    'located_only': {'coco': 'located_only'},
    'drop_tags': {'coco': 'drop_tags'},
    'locations': {'cvat': 'locations', 'label-studio': 'keypoints'},
    'image_url_prefix': {'label-studio': 'prefix'},
}


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('format', help='label-studio, cvat, coco or table')
    parser.add_argument('tags', help='tag file')
    parser.add_argument(
        '--out', required=True, help='file to write; a table in Parquet if it ends in .parquet'
    )
    parser.add_argument(
        '--located-only', action='store_true', help='coco: leave out who has no coordinates'
    )
    parser.add_argument(
        '--drop-tags', action='store_true', help='coco: leave out tags and tagged views'
    )
    parser.add_argument(
        '--locations',
        action='store_true',
        help='cvat, label-studio: write coordinates as well (default: none leaves)',
    )
    parser.add_argument(
        '--image-url-prefix', help="label-studio: what comes before an image's name in its address"
    )
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Read the tag file, and write the other."""
    from lfhpe_mmpose.annotation.converters import check_format
    from lfhpe_mmpose.annotation.converters.summary import summary
    from lfhpe_mmpose.errors import UserError
    from lfhpe_mmpose.tags import load_tag_file

    module = check_format(args.format)
    options: dict[str, Any] = {}
    for option, owners in OWN_OPTIONS.items():
        value = getattr(args, option)
        if value in (None, False):
            continue
        if args.format not in owners:
            raise UserError(
                f'--{option.replace("_", "-")} belongs to the format {" and ".join(owners)}, not '
                f'to {args.format}. Leave it out.'
            )
        options[owners[args.format]] = value
    tags = load_tag_file(args.tags)
    module.write(tags, args.out, **options)
    print(summary(tags, args.tags))
    print(f'\nWritten for {args.format}: {args.out}')
    untagged = sum(
        'keypoints' in a and 'keypoint_tags' not in a and 'tag_views' not in a
        for a in tags.annotations
    )
    if untagged and args.format != 'coco' and not args.locations:
        print(
            f'{untagged} persons have coordinates and no tags; they are written without answers. '
            'For tags of their visibility flags run first: '
            f'python tools/import_tags.py coco {args.tags} --tags-only --out FILE'
        )


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
