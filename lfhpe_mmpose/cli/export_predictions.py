"""Write predictions as COCO, as a table, or as answers to correct in Label Studio.

The source is a tag file or a plan whose persons --model looks at, or JSON that MMPose wrote.

Example:
    lfhpe export-predictions round1/plan.json --model lfhpe_res18_lspet-128x128_loc0 \\
        --format label-studio --out round1/tasks.json
"""

import argparse

from .options import add_device


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('source', help="MMPose's JSON or a folder of it; with --model a tag file")
    parser.add_argument('--format', required=True, choices=('coco', 'csv', 'label-studio'))
    parser.add_argument('--out', required=True, help='file to write')
    parser.add_argument('--images', help='folder of the images (not needed for a plan)')
    parser.add_argument('--model', metavar='CONFIG', help='run this model on a tag file or plan')
    parser.add_argument('--weights', help='its weights (default: those of the package)')
    names = parser.add_mutually_exclusive_group()
    names.add_argument('--keypoints', help='names of the keypoints in the JSON, commas between')
    names.add_argument('--metainfo', help="or a metainfo file, or the name of one of MMPose's")
    names.add_argument('--like', help='or a tag file with the keypoints')
    parser.add_argument(
        '--score-thr', type=float, default=0.3, help='least score of a place (default: 0.3)'
    )
    parser.add_argument(
        '--sure', type=float, default=0.8, help='least probability of a tag (default: 0.8)'
    )
    parser.add_argument('--tags-only', action='store_true', help='leave all places out')
    parser.add_argument(
        '--form',
        choices=('questions', 'ticks'),
        default='questions',
        help='form of the Label Studio project of a plan',
    )
    parser.add_argument('--image-url-prefix', help="what stands before a picture's name there")
    add_device(parser)


def run(args: argparse.Namespace) -> None:
    """Read or make predictions, and write them."""
    from lfhpe_mmpose.annotation.predictions import ExportOptions, export_predictions

    for line in export_predictions(ExportOptions(**vars(args))):
        print(line)
