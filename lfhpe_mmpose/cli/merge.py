"""Merge tag files: an image or a person in several files becomes one entry."""

import argparse

from .options import add_occluded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        'files', nargs='+', help='tag files; the first one sets keypoint order and ids'
    )
    parser.add_argument('--out', required=True, help='file to write')
    parser.add_argument(
        '--keep-ids', action='store_true', help='fail if ids clash (default: assign new ids)'
    )
    parser.add_argument(
        '--conflicts',
        choices=['error', 'unknown', 'first'],
        default='error',
        help='result of two contradicting answers (default: error)',
    )
    add_occluded(parser)


def run(args: argparse.Namespace) -> None:
    """Merge and write."""
    from lfhpe_mmpose.annotation.edit import merge_files

    print(merge_files(args.files, args.out, args.keep_ids, args.conflicts, args.occluded))
