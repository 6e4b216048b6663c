"""Train a pose model.

Example:
    lfhpe train my/config.py --work-dir work_dirs/my
    lfhpe train my/config.py --from lfhpe_res18_animalpose-128x128_loc0
"""

import argparse

from .options import add_cfg_options, add_config, add_launcher, add_show, positive_int

IF_INTERRUPTED = 'Add --resume to the same command to continue.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    parser.add_argument('--work-dir', help='folder for logs and checkpoints')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='PATH',
        help='continue from a checkpoint of this run; without a path, from its latest one',
    )
    parser.add_argument(
        '--from',
        dest='start_from',
        metavar='MODEL',
        help='start from a packaged model (`lfhpe models`) or a weights file; keypoints are '
        'matched by name',
    )
    parser.add_argument('--tensorboard', action='store_true', help='log for TensorBoard as well')
    parser.add_argument(
        '--maps',
        type=positive_int,
        metavar='STEPS',
        help='draw eight validation persons with their maps every STEPS steps, into WORK_DIR/maps',
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument('--no-validate', action='store_true', help='train without validation')
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate by the real batch size over auto_scale_lr.base_batch_size',
    )
    add_show(parser)
    add_launcher(parser)
    add_cfg_options(parser)


def run(args: argparse.Namespace) -> None:
    """Train."""
    from lfhpe_mmpose.launch.train_test import train

    train(args)
