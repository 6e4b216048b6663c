"""Draw persons that a model gets wrong, half right and right: input, maps, prediction, truth."""

import argparse
import sys
from pathlib import Path

from mmengine.config import DictAction

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file, or the short name of a packaged config')
    parser.add_argument(
        'weights', nargs='?', help='published weights; default: those that come with the package'
    )
    parser.add_argument('--out', default='cases.png', help='picture (default: cases.png)')
    parser.add_argument(
        '--ranks',
        type=float,
        nargs='+',
        default=[0.05, 0.1, 0.2, 0.5, 0.8, 0.95],
        help='persons by the share of keypoints found: 0 the worst, 1 the best',
    )
    parser.add_argument(
        '--no-photo',
        action='store_true',
        help='draw on grey, where the photographs may not be passed on',
    )
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='key=value ...')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Predict the whole test set, then draw the persons of the given ranks."""
    from lfhpe_mmpose.study.cases import write_cases

    photo = not args.no_photo
    size = write_cases(args.config, args.weights, args.out, args.ranks, photo, args.cfg_options)
    print(f'\n{len(args.ranks)} of {size} persons: {args.out}')


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
