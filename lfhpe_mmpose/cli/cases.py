"""Draw persons with wrong, partly correct and correct predictions.

Each row shows input, maps, prediction and ground truth.
"""

import argparse

from .options import add_cfg_options, add_config, add_weights


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    add_weights(parser)
    parser.add_argument('--out', default='cases.png', help='picture to write (default: cases.png)')
    parser.add_argument(
        '--ranks',
        type=float,
        nargs='+',
        default=[0.05, 0.1, 0.2, 0.5, 0.8, 0.95],
        help='ranks of the persons by the share of keypoints found: 0 worst, 1 best',
    )
    parser.add_argument(
        '--no-photo',
        action='store_true',
        help='draw on grey if the photographs may not be redistributed',
    )
    add_cfg_options(parser)


def run(args: argparse.Namespace) -> None:
    """Predict the whole test set, then draw the persons of the given ranks."""
    from lfhpe_mmpose.study.cases import write_cases

    count = write_cases(
        args.config, args.weights, args.out, args.ranks, not args.no_photo, args.cfg_options
    )
    print(f'\n{len(args.ranks)} of {count} persons: {args.out}')
