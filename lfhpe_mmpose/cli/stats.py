"""Count persons, questions, tags of each keypoint, and boxes of a tag file."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('file', help='tag file, or COCO keypoint file')
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')


def run(args: argparse.Namespace) -> None:
    """Count and print."""
    from lfhpe_mmpose.annotation.edit import count_file

    print(count_file(args.file, args.json))
