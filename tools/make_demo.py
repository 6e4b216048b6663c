"""The main job on data of its own: people, training without a location, test, picture."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# In a checkout the package beside this folder is the one to run.
if (ROOT / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(ROOT))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--work-dir', default='work_dirs/demo', help='folder of all results')
    parser.add_argument('--seed', type=int, default=0, help='seed of people, views and training')
    parser.add_argument('--train-size', type=int, default=3000, help='persons to train on')
    parser.add_argument('--val-size', type=int, default=500, help='persons to test on')
    parser.add_argument('--epochs', type=int, help='default: those of the config')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Run the demo."""
    from lfhpe_mmpose.study.demo import run_demo

    run_demo(Path(args.work_dir), args.seed, args.train_size, args.val_size, args.epochs)


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args(), if_interrupted='The same command continues where it stopped.')
