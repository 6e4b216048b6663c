"""Test a pose model on the test set of a config.

Example:
    lfhpe test my/config.py work_dirs/my/epoch_6.pth --out metrics.json
"""

import argparse

from .options import add_cfg_options, add_config, add_launcher, add_show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    parser.add_argument('checkpoint', help='checkpoint of `lfhpe train`, or a weights file')
    parser.add_argument('--work-dir', help='folder for logs')
    parser.add_argument('--out', help='write the metrics to this file (.json, .yaml, .pkl)')
    parser.add_argument('--dump', help='write the predictions to this file (.pkl)')
    add_show(parser)
    add_launcher(parser)
    add_cfg_options(parser)


def run(args: argparse.Namespace) -> None:
    """Test."""
    from lfhpe_mmpose.launch.train_test import test

    test(args)
