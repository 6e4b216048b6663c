"""Train a pose model."""

import argparse
import os
import sys
from pathlib import Path

from mmengine.config import DictAction

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Train a pose model')
    parser.add_argument('config', help='config file, or the short name of a packaged config')
    parser.add_argument('--work-dir', help='folder for logs and checkpoints')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='PATH',
        help='go on from a checkpoint of this run; without a path, from the latest in the folder',
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument('--no-validate', action='store_true', help='train without validation')
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate by the real batch size over auto_scale_lr.base_batch_size',
    )
    parser.add_argument('--show-dir', help='folder for pictures of the validation')
    parser.add_argument('--show', action='store_true', help='show the pictures in a window')
    parser.add_argument(
        '--interval', type=int, default=1, help='one picture every so many samples'
    )
    parser.add_argument('--wait-time', type=float, default=1, help='seconds to show a picture')
    parser.add_argument(
        '--skip-checks', action='store_true', help='do not check data and weights before the run'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='change entries of the config: key=value, a.b=value, list.0.a=value, key="[1,2]"; '
        'for example randomness.seed=1',
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='job launcher',
    )
    # torch.distributed.launch passes it.
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    args = parser.parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return args


def main(args: argparse.Namespace) -> None:
    """Import torch and train."""
    from lfhpe_mmpose.launch.train_test import train

    train(args)


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args(), if_interrupted='Add --resume to the same command to continue.')
