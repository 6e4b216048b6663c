"""Merge tag files: an image or a person that several have becomes one entry."""

import argparse
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('files', nargs='+', help='tag files; the first sets order and ids')
    parser.add_argument('--out', required=True, help='file to write')
    parser.add_argument(
        '--keep-ids', action='store_true', help='fail where ids clash; default: give new ones'
    )
    parser.add_argument(
        '--conflicts',
        choices=['error', 'unknown', 'first'],
        default='error',
        help='where two answers contradict one another (default error)',
    )
    parser.add_argument(
        '--occluded',
        choices=['positive', 'negative', 'unknown'],
        default='positive',
        help='tag of visibility 1 where coordinates meet tags (default positive)',
    )
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Merge and write."""
    from lfhpe_mmpose.annotation.edit import merge_files

    print(merge_files(args.files, args.out, args.keep_ids, args.conflicts, args.occluded))


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
