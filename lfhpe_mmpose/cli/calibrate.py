"""Turn scores into probabilities, from tagged windows of persons that were held out.

The new weights predict the same keypoints. A score is then the probability that a visible keypoint
lies within 0.1 of the longer side of the person's box. No location is read. docs/scores.md
explains which persons to give.

Example:
    lfhpe calibrate my_config.py held_out.json --weights my-1a2b3c4d.pth --out my_calibrated.pth
"""

import argparse
import math

from .options import add_cfg_options, add_config, add_weights, positive_int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    parser.add_argument(
        'tags',
        help='tag file with tagged views, or a COCO file; its views are simulated',
    )
    add_weights(parser)
    parser.add_argument(
        '--out',
        help='file or folder; a hash is added to the name (default: the name of the weights, '
        'beside them)',
    )
    parser.add_argument(
        '--images', metavar='DIR', help="folder of the images (default: the config's)"
    )
    parser.add_argument(
        '--persons', type=positive_int, help='number of persons to use (default: all)'
    )
    parser.add_argument(
        '--views',
        type=positive_int,
        default=8,
        help='simulated views of a person with coordinates (default: 8)',
    )
    parser.add_argument(
        '--view-seed', type=int, default=1, help='seed of the simulated views (default: 1)'
    )
    add_cfg_options(parser)


def run(args: argparse.Namespace) -> None:
    """Calibrate, and print what the scores mean now."""
    import sys

    from lfhpe_mmpose.apis.calibrate import calibrate_weights

    report = calibrate_weights(
        args.config,
        args.tags,
        args.weights,
        args.out,
        args.images,
        args.views,
        args.view_seed,
        args.persons,
        args.cfg_options,
    )
    if report.warning:
        print(f'warning: {report.warning}', file=sys.stderr)
    print(f'{report.persons} persons, {report.answers:,} answers, no location')
    print('raw score    ' + ''.join(f'{raw:7.2f}' for raw in _SHOWN))
    print('probability  ' + ''.join(f'{p:7.2f}' for p in report.calibration(_SHOWN)))
    print(
        f'expected calibration error (10 bins), estimated from answers of other persons: '
        f'{report.error:.3f}'
        if math.isfinite(report.error)
        else 'too few persons to estimate the calibration error'
    )
    print(f'calibrated weights: {report.path}')


_SHOWN = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7)
