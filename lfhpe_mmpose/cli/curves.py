"""Draw the losses and metrics of trainings, without TensorBoard.

Example:
    lfhpe curves run --out curves.png
    lfhpe curves run1 run2 --out both.svg
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('runs', nargs='+', help='work directories of trainings')
    parser.add_argument(
        '--out', default='curves.png', help='picture: .png, .svg or .pdf (default: curves.png)'
    )


def run(args: argparse.Namespace) -> None:
    """Draw, and print what was drawn."""
    from lfhpe_mmpose.study.curves import draw_curves

    drawn = draw_curves(args.runs, args.out)
    print(f'{args.out}: {", ".join(drawn)}')
