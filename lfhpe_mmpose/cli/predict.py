"""Find keypoints in images: a file of JSON lines, and pictures if asked for.

With a detector every person gets a box; without one each image is taken as one person. Options
and the form of the file: docs/inference.md.

Example:
    lfhpe predict lfhpe_res18_lspet-128x128_loc0 photos/ --out found.jsonl --draw drawn/
"""

import argparse

from .options import add_config, add_detector, add_device, add_weights, positive_int

IF_INTERRUPTED = 'Add --resume to the same command to continue.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    parser.add_argument('images', nargs='+', help='images, and folders (with their sub-folders)')
    add_weights(parser)
    parser.add_argument('--out', help='JSON lines to write (default: DRAW/keypoints.jsonl)')
    parser.add_argument('--resume', action='store_true', help='continue with --out')
    parser.add_argument('--draw', metavar='DIR', help='write pictures with the keypoints')
    parser.add_argument(
        '--draw-heatmap', action='store_true', help='put the refined maps below the pictures'
    )
    parser.add_argument(
        '--kpt-thr', type=float, default=0.3, help='minimum score of a drawn keypoint (0.3)'
    )
    add_detector(parser)
    add_device(parser)
    speed = parser.add_argument_group('speed')
    speed.add_argument('--batch-size', type=positive_int, default=32, help='persons (32)')
    speed.add_argument('--det-batch-size', type=positive_int, default=8, help='images (8)')
    speed.add_argument('--workers', type=positive_int, default=2, help='decoding threads (2)')
    speed.add_argument(
        '--precision', choices=('float32', 'bf16', 'fp16'), default='float32', help='(float32)'
    )
    speed.add_argument('--channels-last', action='store_true', help='memory layout')
    speed.add_argument('--fuse-bn', action='store_true', help='fold the batch norms')
    speed.add_argument('--compile', action='store_true', help='torch.compile')


def run(args: argparse.Namespace) -> None:
    """Predict."""
    from lfhpe_mmpose.apis.predict_files import predict_files

    predict_files(**vars(args))
