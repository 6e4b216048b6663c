"""Keep the persons of a tag file that meet all given conditions."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('file', help='tag file, or COCO keypoint file')
    parser.add_argument('--out', required=True, help='file to write')
    parser.add_argument('--images', help='list of images, a file_name a line')
    parser.add_argument('--category', nargs='+', help='names of categories')
    parser.add_argument('--min-size', type=float, help='least width and height of the box, px')
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument('--located', action='store_true', help='persons with coordinates')
    kind.add_argument(
        '--tagged', action='store_true', help='persons without coordinates, with tags or views'
    )
    parser.add_argument('--with-views', action='store_true', help='persons with tagged views')
    parser.add_argument(
        '--max-persons', type=int, help='so many of those left; fewer lie inside more'
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of that choice; 0')
    parser.add_argument(
        '--keep-images', action='store_true', help='keep images in which nobody is left'
    )


def run(args: argparse.Namespace) -> None:
    """Choose and write."""
    from lfhpe_mmpose.annotation.edit import Conditions, subset_file

    wanted = Conditions(
        categories=args.category,
        min_size=args.min_size,
        kind='located' if args.located else 'tagged' if args.tagged else None,
        with_views=args.with_views,
        max_persons=args.max_persons,
        seed=args.seed,
        keep_images=args.keep_images,
    )
    print(subset_file(args.file, args.out, wanted, args.images))
