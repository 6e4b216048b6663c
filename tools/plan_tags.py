"""Plan what to ask about a folder of images: pictures, a Label Studio project, a table.

Views of the persons are drawn by a seed and cut out; nothing has to be drawn by hand. The answers
come back with tools/import_tags.py. See docs/annotate.md.

Example:
    python tools/plan_tags.py photos/ --out round1 --metainfo coco --boxes boxes.csv --views 4
"""

import argparse
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'{text} is below 1')
    return value


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('images', help='folder of images; its sub-folders are looked into')
    parser.add_argument('--out', required=True, help='folder of the plan')
    names = parser.add_mutually_exclusive_group(required=True)
    names.add_argument('--keypoints', help='keypoint names, commas between')
    names.add_argument('--metainfo', help="a metainfo file, or the name of one of MMPose's (coco)")
    names.add_argument('--like', help='a tag file with the keypoints')
    boxes = parser.add_mutually_exclusive_group(required=True)
    boxes.add_argument('--boxes', help='.json (COCO, tag file) or .csv: image,x,y,width,height')
    boxes.add_argument(
        '--det-config', dest='detector', help="a detector's config, or the name of one of MMPose's"
    )
    boxes.add_argument('--whole-images', action='store_true', help='each image is one person')
    parser.add_argument('--det-weights', dest='detector_weights', help="the detector's weights")
    parser.add_argument(
        '--det-cat-ids', type=int, nargs='+', default=[0], help='its categories (default: 0)'
    )
    parser.add_argument(
        '--bbox-thr', type=float, default=0.3, help='least score of a box (default: 0.3)'
    )
    parser.add_argument(
        '--views', type=_positive, default=4, help='pictures a person, the whole one included'
    )
    parser.add_argument(
        '--no-whole-person',
        dest='whole_person',
        action='store_false',
        help='all pictures are sub-crops; --views 1 asks one sub-crop a person',
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of the views (default: 0)')
    parser.add_argument(
        '--image-size', type=_positive, default=512, help='longer side of a picture in pixels'
    )
    parser.add_argument('--rank', metavar='CONFIG', help='ask first what this model is unsure of')
    parser.add_argument('--weights', help='its weights (default: those of the package)')
    parser.add_argument('--budget', type=_positive, help='ask at most so many pictures')
    parser.add_argument('--done', metavar='TAGS', help='a tag file: do not ask this again')
    parser.add_argument('--limit', type=_positive, help='use the first so many images, for a try')
    parser.add_argument(
        '--form',
        choices=('questions', 'ticks'),
        default='questions',
        help='Label Studio: a question a keypoint (default), or tick what can be seen (faster)',
    )
    parser.add_argument(
        '--image-url-prefix',
        help="prefix of the pictures' URLs (default: /data/local-files/?d=OUT/views/)",
    )
    parser.add_argument('--device', help="'cpu', 'cuda:0' (default: a GPU if there is one)")
    return parser.parse_args(argv)


def main(args: argparse.Namespace) -> None:
    """Make the plan, and say what to do with it."""
    from lfhpe_mmpose.annotation.plan import PlanOptions, plan_folder
    from lfhpe_mmpose.annotation.plan.plan_folder import describe

    planned = plan_folder(PlanOptions(**vars(args)))
    for line in planned.remarks:
        print(f'warning: {line}', file=sys.stderr)
    print(describe(planned, args.out))


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
