"""Write a tag file for another program: Label Studio, CVAT, COCO's tools, or a table."""

import argparse
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

OPTIONS = ('located_only', 'drop_tags', 'locations', 'image_url_prefix')


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
    from lfhpe_mmpose.annotation.converters import export_labels
    from lfhpe_mmpose.annotation.converters.summary import summary
    from lfhpe_mmpose.tags import load_tag_file

    tags = load_tag_file(args.tags)
    options = {option: getattr(args, option) for option in OPTIONS}
    note = export_labels(args.format, tags, args.out, **options)
    print(summary(tags, args.tags))
    print(f'\nWritten for {args.format}: {args.out}')
    if note:
        print(note)


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
