"""Count what a tag file holds: persons, questions, tags of each keypoint, boxes."""

import argparse
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('file', help='tag file, or COCO keypoint file')
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Count and print."""
    from lfhpe_mmpose.annotation.edit import count_file

    print(count_file(args.file, args.json))


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
