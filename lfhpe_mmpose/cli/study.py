"""Run a study (recipes x location fractions x views x seeds), and write its tables."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('study', help='study file, for example tools/studies/lspet.py')
    parser.add_argument('--out', help='folder of the runs (default: work_dirs/<name of the file>)')
    parser.add_argument(
        '--table', help='name of the tables; runs in TABLE.csv are skipped (default: OUT/results)'
    )
    parser.add_argument('--jobs', type=int, default=1, help='runs at a time (default: 1)')
    parser.add_argument('--only', help='only runs whose name matches, for example "ours_*"')
    parser.add_argument('--list', action='store_true', help='list the runs and exit')
    parser.add_argument(
        '--no-train', action='store_true', help='only write tables and plots of the finished runs'
    )
    parser.add_argument('--device', help='description of the machine, for the table')


def run(args: argparse.Namespace) -> None:
    """Train the missing runs, then write the results."""
    from lfhpe_mmpose.study.command import study

    study(args)
