"""Keep the persons of a tag file that meet all given conditions."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('file', help='tag file, or COCO keypoint file')
    parser.add_argument('--out', required=True, help='file to write')
    parser.add_argument('--images', help='list of images, one file_name a line')
    parser.add_argument('--category', nargs='+', help='only persons of these categories')
    parser.add_argument(
        '--min-size', type=float, help='minimum width and height of the box in pixels'
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument('--located', action='store_true', help='only persons with coordinates')
    kind.add_argument(
        '--tagged', action='store_true', help='only persons with tags or views but no coordinates'
    )
    parser.add_argument('--with-views', action='store_true', help='only persons with tagged views')
    parser.add_argument(
        '--max-persons',
        type=int,
        help='maximum number; a smaller selection is part of a larger one',
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of the selection (default: 0)')
    parser.add_argument('--keep-images', action='store_true', help='keep images without persons')


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
