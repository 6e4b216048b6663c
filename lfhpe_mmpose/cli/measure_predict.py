"""Measure the memory or the speed of predicting many images.

`memory` calls a predictor repeatedly, as a server would, and reads the memory of the process
(Linux). `speed` compares one image at a time with batches. See docs/inference.md.

Example:
    lfhpe measure-predict memory lfhpe_res18_lspet-128x128_loc0 data/lspet/images
"""

import argparse

from .options import add_config, add_detector, add_device, add_weights, positive_int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('what', choices=('memory', 'speed'))
    add_config(parser)
    parser.add_argument('images', help='folder of images; repeated if there are too few')
    add_weights(parser)
    add_detector(parser)
    add_device(parser)
    parser.add_argument(
        '--count', type=positive_int, help='number of images (default: 10000; speed: 32)'
    )
    parser.add_argument(
        '--every',
        type=positive_int,
        default=500,
        help='memory: images between readings (default: 500)',
    )
    parser.add_argument(
        '--call', type=positive_int, default=50, help='memory: images per call (default: 50)'
    )
    parser.add_argument(
        '--rounds', type=positive_int, default=5, help='speed: rounds (default: 5)'
    )
    parser.add_argument(
        '--batch-sizes',
        type=positive_int,
        nargs='+',
        default=[1, 4, 8, 16, 32],
        help='persons per batch; memory uses the last (default: 1 4 8 16 32)',
    )
    parser.add_argument('--out', help='JSON file to write')


def run(args: argparse.Namespace) -> None:
    """Measure, print, and write."""
    import json

    from lfhpe_mmpose.benchmark.prediction import measure_prediction
    from lfhpe_mmpose.files.writing import write_text

    options = {k: v for k, v in vars(args).items() if k != 'out'}
    text = json.dumps(measure_prediction(**options), indent=1)
    print(text)
    if args.out:
        write_text(args.out, text + '\n')
