"""Run the whole method on generated people: train without locations, test, draw.

It takes a few minutes on a CPU, and needs no data and no network.
"""

import argparse
from pathlib import Path

from .options import positive_int

IF_INTERRUPTED = 'The same command continues.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        '--work-dir',
        type=Path,
        default='work_dirs/demo',
        help='folder of all results (default: work_dirs/demo)',
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of people, views and training')
    parser.add_argument(
        '--train-size', type=positive_int, default=3000, help='persons to train on'
    )
    parser.add_argument('--val-size', type=positive_int, default=500, help='persons to test on')
    parser.add_argument(
        '--epochs', type=positive_int, help='number of epochs (default: that of the config)'
    )


def run(args: argparse.Namespace) -> None:
    """Run the demo."""
    from lfhpe_mmpose.study.demo import run_demo

    run_demo(args.work_dir, args.seed, args.train_size, args.val_size, args.epochs)
