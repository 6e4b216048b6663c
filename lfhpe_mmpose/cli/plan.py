"""Plan what to ask about a folder of images.

The output folder contains pictures, a Label Studio project and a table of questions.
`lfhpe import` reads the answers. See docs/annotate.md.

Example:
    lfhpe plan photos/ --out round1 --metainfo coco --boxes boxes.csv --views 4
"""

import argparse

from lfhpe_mmpose.tags.views import ASKED_VIEWS

from .options import add_detector, add_device, positive_int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('images', help='folder of images, searched with its sub-folders')
    parser.add_argument('--out', required=True, help='folder of the plan')
    names = parser.add_mutually_exclusive_group(required=True)
    names.add_argument('--keypoints', help='keypoint names, separated by commas')
    names.add_argument('--metainfo', help='metainfo file, or the name of one in MMPose (coco)')
    names.add_argument('--like', help='tag file whose keypoints are used')
    boxes = parser.add_mutually_exclusive_group(required=True)
    boxes.add_argument(
        '--boxes', help='person boxes: .json (COCO, tag file), or .csv with image,x,y,width,height'
    )
    boxes.add_argument('--whole-images', action='store_true', help='each image shows one person')
    add_detector(parser, boxes)
    parser.add_argument(
        '--det-cat-ids',
        type=int,
        nargs='+',
        default=[0],
        help='categories of the detector to use (default: 0)',
    )
    parser.add_argument(
        '--views',
        type=positive_int,
        default=ASKED_VIEWS,
        help=f'pictures per person, including the whole person (default: {ASKED_VIEWS})',
    )
    parser.add_argument(
        '--no-whole-person',
        dest='whole_person',
        action='store_false',
        help='ask about sub-crops only',
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of the views (default: 0)')
    parser.add_argument(
        '--image-size',
        type=positive_int,
        default=512,
        help='longer side of a picture in pixels (default: 512)',
    )
    parser.add_argument(
        '--rank',
        metavar='CONFIG',
        help='ask first about the pictures in which this model is least sure',
    )
    parser.add_argument('--weights', help='weights of this model (default: the packaged ones)')
    parser.add_argument('--budget', type=positive_int, help='maximum number of pictures')
    parser.add_argument(
        '--done', metavar='TAGS', help='tag file with answers, which are not asked again'
    )
    parser.add_argument(
        '--limit', type=positive_int, help='use only the first LIMIT images, as a trial'
    )
    parser.add_argument(
        '--form',
        choices=('questions', 'ticks'),
        default='questions',
        help='Label Studio form: one question per keypoint (default), or ticks (faster)',
    )
    parser.add_argument(
        '--image-url-prefix',
        help='prefix of the picture URLs (default: /data/local-files/?d=OUT/views/)',
    )
    add_device(parser)


def run(args: argparse.Namespace) -> None:
    """Make the plan, and print what to do with it."""
    import sys

    from lfhpe_mmpose.annotation.plan import PlanOptions, plan_folder
    from lfhpe_mmpose.annotation.plan.plan_folder import describe

    planned = plan_folder(PlanOptions(**vars(args)))
    for line in planned.remarks:
        print(f'warning: {line}', file=sys.stderr)
    print(describe(planned, args.out))
