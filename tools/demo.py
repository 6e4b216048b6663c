"""Find keypoints in an image or a folder of images; write pictures and JSON.

With a detector every person gets a box of its own; without one each image is
taken as one person.

Example:
    python tools/demo.py photos/ lfhpe_res50_coco-256x192_loc0 weights.pth \
        --det-config rtmdet_nano_320-8xb32_coco-person --det-weights rtmdet_nano.pth
"""

import argparse
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lfhpe_mmpose.apis import make_inferencer
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import ENDINGS, image_fault


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('images', help='an image, or a folder of images')
    parser.add_argument('config', help="a config file, or a packaged config's short name")
    parser.add_argument(
        'weights',
        nargs='?',
        help='a weights file that tools/publish_model.py wrote (default: the one that comes with '
        'the package for this config)',
    )
    parser.add_argument('--det-config', help="a detector's config, or the name of one of MMPose's")
    parser.add_argument('--det-weights', help="the detector's weights")
    parser.add_argument(
        '--bbox-thr', type=float, default=0.3, help='least score of a box (default: 0.3)'
    )
    parser.add_argument(
        '--kpt-thr', type=float, default=0.3, help='least score of a keypoint (default: 0.3)'
    )
    parser.add_argument(
        '--draw-heatmap', action='store_true', help='put the refined maps below the picture'
    )
    parser.add_argument('--out-dir', default='work_dirs/predictions', help='folder of the results')
    parser.add_argument('--device', help="'cpu', 'cuda:0' (default: a GPU if there is one)")
    return parser.parse_args(argv)


def find_images(path: str) -> tuple[list[str], list[str]]:
    """List the images to work on.

    Args:
        path (str): An image or a folder (its sub-folders are left alone).

    Returns:
        tuple[list[str], list[str]]: Whole images, and one line for each image of
        a folder that is damaged.

    Raises:
        UserError: If there is nothing to work on, or two images would write the
            same file.
    """
    if Path(path).is_dir():
        files = sorted(str(p) for p in Path(path).iterdir() if p.suffix.lower() in ENDINGS)
    elif Path(path).is_file():
        files = [path]
    else:
        raise UserError(f'{path}: no such image or folder. Check the name.')
    faults = {file: image_fault(file) for file in files}
    good = [file for file in files if not faults[file]]
    bad = [f'{file}: left out, {fault}' for file, fault in faults.items() if fault]
    if not good:
        what = '; '.join(f'{file}: {fault}' for file, fault in faults.items()) or (
            f'{path}: the folder holds no images ({", ".join(ENDINGS)})'
        )
        raise UserError(f'{what}. Give an image that opens in a viewer, or a folder of them.')
    stems = [Path(file).stem for file in good]
    for i, stem in enumerate(stems):
        if stem in stems[:i]:
            raise UserError(
                f'{good[i]} and {good[stems.index(stem)]} would both write {stem}.json. '
                'Rename one of them.'
            )
    return good, bad


def describe(instances: list[dict], detected: bool) -> str:
    """Say in a few words what was found in one image.

    Args:
        instances (list[dict]): The predictions as MMPose writes them.
        detected (bool): Whether a detector looked for persons.

    Returns:
        str: E.g. ``'3 persons'``.
    """
    if not detected:
        return 'taken as one person'
    # MMPose then takes the whole image, with a score that no detector gives.
    if len(instances) == 1 and instances[0]['bbox_score'] == 1:
        return 'no person detected, taken as one person'
    return f'{len(instances)} person{"s" if len(instances) != 1 else ""}'


def main(argv: list[str] | None = None) -> int:
    """Run; return the exit status."""
    args = parse_args(argv)
    try:
        images, damaged = find_images(args.images)
        inferencer = make_inferencer(
            args.config, args.weights, args.det_config, args.det_weights, args.device
        )
    except UserError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    for line in damaged:
        print(f'warning: {line}', file=sys.stderr)
    for image in images:
        result = next(
            inferencer(
                image,
                out_dir=args.out_dir,
                draw_heatmap=args.draw_heatmap,
                draw_bbox=True,
                bbox_thr=args.bbox_thr,
                kpt_thr=args.kpt_thr,
                thickness=2,
            )
        )
        print(f'{image}: {describe(result["predictions"][0], args.det_config is not None)}')
    print(f'pictures: {Path(args.out_dir) / "visualizations"}')
    print(f'keypoints (JSON): {Path(args.out_dir) / "predictions"}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
