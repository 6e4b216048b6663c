"""Write a tag file for another program: Label Studio, CVAT, COCO tools, or a table."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('format', help='label-studio, cvat, coco or table')
    parser.add_argument('tags', help='tag file')
    parser.add_argument(
        '--out', required=True, help='file to write; a table that ends in .parquet is Parquet'
    )
    parser.add_argument(
        '--located-only', action='store_true', help='coco: leave out persons without coordinates'
    )
    parser.add_argument(
        '--drop-tags', action='store_true', help='coco: leave out tags and tagged views'
    )
    parser.add_argument(
        '--locations',
        action='store_true',
        help='cvat, label-studio: also write coordinates',
    )
    parser.add_argument('--image-url-prefix', help='label-studio: prefix of the image URLs')


def run(args: argparse.Namespace) -> None:
    """Read the tag file, and write the other."""
    from lfhpe_mmpose.annotation.converters import export_labels
    from lfhpe_mmpose.annotation.converters.summary import summary
    from lfhpe_mmpose.tags import load_tag_file

    tags = load_tag_file(args.tags)
    options = {k: v for k, v in vars(args).items() if k not in ('format', 'tags', 'out')}
    note = export_labels(args.format, tags, args.out, **options)
    print(summary(tags, args.tags))
    print(f'\nWritten for {args.format}: {args.out}')
    if note:
        print(note)
