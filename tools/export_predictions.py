"""Write predictions as COCO, as a table, or as answers to correct in Label Studio.

Two sources. The JSON that tools/demo.py wrote has places and scores: with --images and the
keypoint names it becomes COCO or Label Studio regions. With --model the model looks at the persons
of a tag file (or at the pictures of a plan) here and now, and says as well which keypoints can be
seen, which tags need. See docs/annotate.md.

Example:
    python tools/export_predictions.py work_dirs/predictions/predictions --images photos/ \
        --metainfo coco --format coco --out found.json
    python tools/export_predictions.py round1/plan.json --model lfhpe_res18_lspet-128x128_loc0 \
        --format label-studio --out round1/tasks.json
"""

import argparse
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
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
    parser.add_argument('--device', help="'cpu', 'cuda:0' (default: a GPU if there is one)")
    return parser.parse_args(argv)


def main(args: argparse.Namespace) -> None:
    """Read or make predictions, and write them."""
    from lfhpe_mmpose.annotation.plan.forms import URL_PREFIX
    from lfhpe_mmpose.annotation.plan.names import read_names
    from lfhpe_mmpose.annotation.predictions import (
        preannotate_plan,
        predict_tag_file,
        predicted_tag_file,
        read_mmpose_json,
    )
    from lfhpe_mmpose.apis import init_model
    from lfhpe_mmpose.apis.inputs import resolve_device
    from lfhpe_mmpose.errors import UserError
    from lfhpe_mmpose.tags import load_tag_file

    if args.model is None:
        if args.weights:
            raise UserError('--weights are those of --model. Give --model CONFIG.')
        if not args.images:
            raise UserError(f'{args.source}: the JSON names no image. Give --images FOLDER.')
        names, skeleton = read_names(args.keypoints, args.metainfo, args.like)
        persons, empty = read_mmpose_json(args.source, args.images, len(names))
        if empty:
            print(
                f'warning: {len(empty)} images without a person, e.g. {empty[0]}', file=sys.stderr
            )
        version = 'mmpose'
    else:
        if args.keypoints or args.metainfo or args.like:
            raise UserError(
                'with --model the keypoints are those of the tag file; leave them out.'
            )
        tags = load_tag_file(args.source)
        model = init_model(args.model, args.weights, resolve_device(args.device))
        version = Path(args.model).stem
        if 'plan' in tags.rest and args.format == 'label-studio':
            prefix = URL_PREFIX if args.image_url_prefix is None else args.image_url_prefix
            tasks = preannotate_plan(
                args.source, model, version, args.sure, args.form, prefix, progress=True
            )
            save_tasks(tasks, args.out)
            return
        if not args.images:
            raise UserError(f'{args.source}: give the folder of its images with --images FOLDER.')
        names = tags.names()
        category = next(c for c in tags.categories if c.get('keypoints'))
        skeleton = category.get('skeleton', [])
        persons = predict_tag_file(model, tags, args.images, progress=True)
    out = predicted_tag_file(
        persons,
        names,
        version,
        skeleton,
        args.score_thr,
        args.sure,
        # A table holds tags and no places.
        args.tags_only or args.format == 'csv',
    )
    write(out, args, version)
    tags_given = [t for a in out.annotations for t in a.get('keypoint_tags', [])]
    print(
        f'{len(out.annotations)} persons in {len(out.images)} images, '
        f'{sum(a.get("num_keypoints", 0) for a in out.annotations)} places, tags '
        f'{tags_given.count(1)} seen, {tags_given.count(0)} not, {tags_given.count(-1)} unsure: '
        f'{args.out}'
    )


def write(out, args: argparse.Namespace, version: str) -> None:
    """Write a tag file in the wanted format.

    Args:
        out (TagFile): The predictions.
        args (argparse.Namespace): The command line.
        version (str): The model.
    """
    if args.format == 'coco':
        out.save(args.out)
    elif args.format == 'csv':
        from lfhpe_mmpose.annotation.converters import table

        table.write(out, args.out)
    else:
        from lfhpe_mmpose.annotation.converters import label_studio_write

        prefix = args.image_url_prefix
        label_studio_write.write(
            out,
            args.out,
            keypoints=not args.tags_only,
            prefix=label_studio_write.PREFIX if prefix is None else prefix,
            model_version=version,
        )


def save_tasks(tasks: list[dict], path: str) -> None:
    """Write pre-annotated tasks, and say how many answers they hold.

    Args:
        tasks (list[dict]): Label Studio's tasks.
        path (str): The file.
    """
    from lfhpe_mmpose.annotation.converters.label_studio_write import save_json

    save_json(tasks, path)
    answers = sum(len(p['result']) for t in tasks for p in t['predictions'])
    print(f'{len(tasks)} pictures, {answers} answers to correct: {path}')


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())
