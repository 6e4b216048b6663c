"""Turn a checkpoint into a small weights file that loads with weights_only=True.

Example:
    lfhpe publish work_dirs/my/epoch_6.pth weights/
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('checkpoint', help='checkpoint of `lfhpe train`')
    parser.add_argument(
        'out', nargs='?', help='file name or folder (default: beside the checkpoint)'
    )
    parser.add_argument('--half', action='store_true', help='store weights as float16')
    parser.add_argument(
        '--no-ema',
        action='store_true',
        help='use the last weights instead of their running average',
    )
    parser.add_argument(
        '--trust',
        action='store_true',
        help='load a checkpoint with Python objects, which can execute code from the file',
    )


def run(args: argparse.Namespace) -> None:
    """Publish, and print the size."""
    import os

    from lfhpe_mmpose.apis.publish import publish_model

    path = publish_model(args.checkpoint, args.out, args.half, not args.no_ema, args.trust)
    sizes = [os.path.getsize(file) / 1e6 for file in (path, args.checkpoint)]
    print(f'{path}: {sizes[0]:.1f} MB (the checkpoint has {sizes[1]:.1f} MB)')
    print('It loads with torch.load(..., weights_only=True).')
