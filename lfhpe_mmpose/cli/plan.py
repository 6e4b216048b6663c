"""Plan what to ask about a folder of images.

The output folder contains pictures, a Label Studio project and a table of questions.
`lfhpe import` reads the answers. See docs/annotate.md.

With `--next`, the answers so far decide: each person gets the picture that is expected to say
most per second. See docs/asking.md.

Example:
    lfhpe plan photos/ --out round1 --metainfo coco --boxes boxes.csv --views 4
    lfhpe plan photos/ --out round2 --next --answers tags.json
"""

import argparse
from typing import TYPE_CHECKING

from .options import add_detector, add_device, positive_int

if TYPE_CHECKING:
    from lfhpe_mmpose.annotation.plan import Planned

_NEXT = ('next', 'answers', 'model', 'show')
# Options of a first round that a next one cannot use.
_FIRST = ('keypoints', 'metainfo', 'like', 'whole_images', 'detector', 'rank', 'done', 'limit')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('images', help='folder of images, searched with its sub-folders')
    parser.add_argument('--out', required=True, help='folder of the plan')
    names = parser.add_mutually_exclusive_group()
    names.add_argument('--keypoints', help='keypoint names, separated by commas')
    names.add_argument('--metainfo', help='metainfo file, or the name of one in MMPose (coco)')
    names.add_argument('--like', help='tag file whose keypoints are used')
    boxes = parser.add_mutually_exclusive_group()
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
        default=4,  # tags.views.ASKED_VIEWS, which would import NumPy for every --help
        help='pictures per person, including the whole person (default: 4)',
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
    following = parser.add_argument_group('the next round')
    following.add_argument(
        '--next', action='store_true', help='choose one picture per person by the answers so far'
    )
    following.add_argument(
        '--answers',
        metavar='TAGS',
        help='tag file with all answers so far; its persons are asked, or those of --boxes',
    )
    following.add_argument(
        '--model', metavar='CONFIG', help='start from this model, which the answers overrule'
    )
    following.add_argument(
        '--show',
        choices=('window', 'crop'),
        help='outline the window in a picture of the person (default), or cut it out',
    )


def run(args: argparse.Namespace) -> None:
    """Make the plan, and print what to do with it."""
    import sys

    from lfhpe_mmpose.annotation.plan.plan_folder import describe

    planned = _next_round(args) if args.next else _first_round(args)
    for line in planned.remarks:
        print(f'warning: {line}', file=sys.stderr)
    print(describe(planned, args.out))


def _first_round(args: argparse.Namespace) -> 'Planned':
    from lfhpe_mmpose.annotation.plan import PlanOptions, plan_folder
    from lfhpe_mmpose.errors import UserError

    options = {key: value for key, value in vars(args).items() if key not in _NEXT}
    for name in ('answers', 'model', 'show'):
        if getattr(args, name) is not None:
            raise UserError('option', f'--{name}', 'it belongs to --next.', 'Give --next too.')
    return plan_folder(PlanOptions(**options))


def _next_round(args: argparse.Namespace) -> 'Planned':
    from lfhpe_mmpose.annotation.asking.rounds import RoundOptions, plan_round
    from lfhpe_mmpose.errors import UserError

    if args.answers is None:
        raise UserError('option', '--next', 'it needs the answers so far.', 'Give --answers.')
    for name in _FIRST:
        if getattr(args, name) not in (None, False):
            place = f'--{name.replace("_", "-")}'
            raise UserError('option', place, 'it is of no use with --next.', 'Leave it out.')
    if args.weights and not args.model:
        raise UserError('option', '--weights', 'these belong to a model.', 'Give --model CONFIG.')
    kept = ('images', 'out', 'answers', 'model', 'weights', 'budget', 'seed', 'image_size')
    options = {key: getattr(args, key) for key in (*kept, 'form', 'image_url_prefix', 'device')}
    return plan_round(RoundOptions(**options, persons=args.boxes, show=args.show or 'window'))
