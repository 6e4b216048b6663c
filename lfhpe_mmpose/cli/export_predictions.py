"""Write predictions as COCO, as a table, or as answers to correct in Label Studio.

With --model, the source is a tag file or a plan, and the model predicts its persons. Without it,
the source is JSON that MMPose's inferencer wrote.

Example:
    lfhpe export-predictions round1/plan.json --model lfhpe_res18_lspet-128x128_loc0 \\
        --format label-studio --out round1/tasks.json
"""

import argparse

from lfhpe_mmpose.scores import SCORE_THRESHOLD

from .options import add_device


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        'source', help="tag file or plan (with --model), or MMPose's JSON: a file or folder"
    )
    parser.add_argument('--format', required=True, choices=('coco', 'csv', 'label-studio'))
    parser.add_argument('--out', required=True, help='file to write')
    parser.add_argument('--images', help='folder of the images (not needed for a plan)')
    parser.add_argument('--model', metavar='CONFIG', help='run this model on a tag file or plan')
    parser.add_argument('--weights', help='weights of this model (default: the packaged ones)')
    names = parser.add_mutually_exclusive_group()
    names.add_argument('--keypoints', help='keypoint names in the JSON, separated by commas')
    names.add_argument('--metainfo', help='metainfo file, or the name of one in MMPose (coco)')
    names.add_argument('--like', help='tag file whose keypoints are used')
    parser.add_argument(
        '--score-thr',
        type=float,
        default=SCORE_THRESHOLD,
        help=f'minimum score of a location (default: {SCORE_THRESHOLD:g})',
    )
    parser.add_argument(
        '--sure', type=float, default=0.8, help='minimum probability of a tag (default: 0.8)'
    )
    parser.add_argument('--tags-only', action='store_true', help='write no locations')
    parser.add_argument(
        '--form',
        choices=('questions', 'ticks'),
        default='questions',
        help='Label Studio form of the plan (default: questions)',
    )
    parser.add_argument('--image-url-prefix', help='label-studio: prefix of the picture URLs')
    add_device(parser)


def run(args: argparse.Namespace) -> None:
    """Read or make predictions, and write them."""
    from lfhpe_mmpose.annotation.predictions import ExportOptions, export_predictions

    for line in export_predictions(ExportOptions(**vars(args))):
        print(line)
