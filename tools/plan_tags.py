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
    boxes.add_argument('--det-config', help="a detector's config, or the name of one of MMPose's")
    boxes.add_argument('--whole-images', action='store_true', help='each image is one person')
    parser.add_argument('--det-weights', help="the detector's weights")
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
        default='/data/local-files/?d=views/',
        help="what stands before a picture's name in Label Studio (default: %(default)s)",
    )
    parser.add_argument('--device', help="'cpu', 'cuda:0' (default: a GPU if there is one)")
    return parser.parse_args(argv)


def main(args: argparse.Namespace) -> None:
    """Make the plan, and say what to do with it."""
    from tqdm import tqdm

    from lfhpe_mmpose.annotation.plan import Settings, make_plan, persons_from_file, whole_images
    from lfhpe_mmpose.annotation.plan.images import image_entries
    from lfhpe_mmpose.annotation.plan.names import read_names
    from lfhpe_mmpose.annotation.plan.persons import boxed_persons
    from lfhpe_mmpose.annotation.plan.ranking import keypoint_columns
    from lfhpe_mmpose.apis import init_model
    from lfhpe_mmpose.apis.inputs import resolve_device
    from lfhpe_mmpose.errors import UserError
    from lfhpe_mmpose.files.images import find_images
    from lfhpe_mmpose.tags import load_tag_file

    if (args.det_config is None) != (args.det_weights is None):
        raise UserError('a detector needs both --det-config and --det-weights.')
    if args.weights and not args.rank:
        raise UserError('--weights are those of the model of --rank. Give --rank CONFIG.')
    names, skeleton = read_names(args.keypoints, args.metainfo, args.like)
    done = load_tag_file(args.done) if args.done else None
    model = None
    if args.rank:
        model = init_model(args.rank, args.weights, resolve_device(args.device))
        keypoint_columns(model, names)
    files = find_images(args.images, without=args.out)[: args.limit]
    images, remarks = image_entries(
        args.images, files, tqdm(files, desc='images', unit='image', file=sys.stderr)
    )
    if args.boxes:
        source = 'file'
        images, persons, more = persons_from_file(args.boxes, args.images, images)
        remarks += more
    elif args.det_config:
        from lfhpe_mmpose.annotation.plan.detector import PersonDetector, detect

        source = 'detector'
        detector = PersonDetector(
            args.det_config, args.det_weights, args.det_cat_ids, args.bbox_thr, args.device
        )
        bar = tqdm([i['file_name'] for i in images], desc='detecting', unit='image')
        found = detect(detector, args.images, bar, Path(args.out) / 'detections.jsonl')
        persons = boxed_persons(images, found)
        nobody = sum(not boxes for boxes in found.values())
        if nobody:
            remarks.append(f'{nobody} images: left out, no person was found')
    else:
        source, persons = 'whole', whole_images(images)
    planned = make_plan(
        args.images,
        args.out,
        images,
        persons,
        Settings(names, args.views, args.seed, args.image_size, source, args.whole_person),
        skeleton,
        model,
        args.budget,
        done,
        args.form,
        args.image_url_prefix,
        progress=True,
    )
    for line in [*remarks, *planned.remarks]:
        print(f'warning: {line}', file=sys.stderr)
    print(describe(planned, args.out, len(names)))


def describe(planned, out: str, num_keypoints: int) -> str:
    """Say what was planned, and what comes next.

    Args:
        planned (Planned): What :func:`make_plan` gave.
        out (str): The plan's folder.
        num_keypoints (int): K.

    Returns:
        str: Lines for the screen.
    """
    count = len(planned.pictures)
    lines = [
        f'{count} of {planned.possible} pictures ({planned.kept} were there) of '
        f'{len(planned.plan.annotations)} persons in {len(planned.plan.images)} images; '
        f'{count} x {num_keypoints} = {count * num_keypoints} questions'
    ]
    if planned.bits is not None:
        lines.append(
            f'expected information: {planned.bits.sum():.0f} bits, from {planned.bits[0]:.2f} to '
            f'{planned.bits[-1]:.2f} a picture of {num_keypoints} questions'
        )
    root = f'LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={Path(out).resolve()}'
    lines += [
        'Next, with Label Studio (docs/annotate.md has the clicks):',
        f'  LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true {root} label-studio',
        f'  python tools/import_tags.py label-studio export.json --plan {out}/plan.json '
        '--out tags.json',
        f'Or fill in {out}/questions.csv (1 seen, 0 not, empty cannot tell), and',
        f'  python tools/import_tags.py table {out}/questions.csv --plan {out}/plan.json '
        '--out tags.json',
    ]
    return '\n'.join(lines)


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
