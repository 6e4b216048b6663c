"""Split a tag file into parts, by fractions or by lists of images.

With fractions, an image stays in its part when images are added later.
"""

import argparse

from .options import add_occluded, add_views


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('file', help='tag file, or COCO keypoint file')
    parser.add_argument(
        '--out', required=True, help='folder; a part is written to OUT/<part>.json'
    )
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument('--fractions', help='for example train=0.8,val=0.1,test=0.1, in order')
    how.add_argument('--lists', nargs='+', help='text files <part>.txt, one file_name a line')
    parser.add_argument(
        '--seed', type=int, default=0, help='seed of parts and located persons (default: 0)'
    )
    parser.add_argument(
        '--group-by',
        default='image',
        help='what stays together: image (default), folder, or an entry of the images',
    )
    parser.add_argument('--write-lists', action='store_true', help='also write OUT/<part>.txt')
    located = parser.add_argument_group('remove coordinates')
    located.add_argument(
        '--located-fraction',
        type=float,
        help='fraction of persons that stay located; the others lose their coordinates',
    )
    located.add_argument(
        '--located-parts', nargs='+', help='parts that lose coordinates (default: train)'
    )
    add_occluded(located)
    add_views(located)


def run(args: argparse.Namespace) -> None:
    """Split, remove coordinates if requested, and write all parts or none."""
    from lfhpe_mmpose.annotation.edit import LocatedParts, split_file

    located = LocatedParts(
        args.located_fraction,
        args.located_parts or (),
        args.occluded,
        args.views,
        args.view_seed,
        args.whole_person,
    )
    print(
        split_file(
            args.file,
            args.out,
            args.fractions,
            args.lists or (),
            args.seed,
            args.group_by,
            args.write_lists,
            located,
        )
    )
