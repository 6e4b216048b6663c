"""Test a pose model."""

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
    parser = argparse.ArgumentParser(description='Test a pose model')
    parser.add_argument('config', help='config file, or the short name of a packaged config')
    parser.add_argument('checkpoint', help='checkpoint of a training, or a published file')
    parser.add_argument('--work-dir', help='folder for logs')
    parser.add_argument('--out', help='write the metrics to this file (.json, .yaml, .pkl)')
    parser.add_argument('--dump', help='write the predictions to this file (.pkl)')
    parser.add_argument('--show-dir', help='folder for pictures of the predictions')
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
        'for example test_dataloader.batch_size=8',
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
    """Import torch and test."""
    from lfhpe_mmpose.launch.train_test import test

    test(args)


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
