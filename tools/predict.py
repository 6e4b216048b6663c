"""Find keypoints in many images, fast: one file of JSON lines for all of them.

Images are decoded, persons detected and their keypoints found at the same time, in full
batches. The options and the form of the file: docs/inference.md. For pictures of a few images
tools/demo.py is simpler.

Example:
    python tools/predict.py lfhpe_res18_lspet-128x128_loc0 photos/ --out found.jsonl \
        --det-config rtmdet_nano_320-8xb32_coco-person --det-weights rtmdet_nano.pth
"""

import argparse
import sys
import time
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import mmcv
from tqdm import tqdm

from lfhpe_mmpose.apis import ImagePoses, PosePredictor, draw
from lfhpe_mmpose.apis.prediction_lines import PredictionFile, header_of
from lfhpe_mmpose.apis.speed import PRECISIONS
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import find_images


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help="a config file, or a packaged config's short name")
    parser.add_argument('images', nargs='+', help='images, and folders (with their sub-folders)')
    parser.add_argument('--out', required=True, help='file of JSON lines to write')
    parser.add_argument('--resume', action='store_true', help='go on with --out')
    parser.add_argument(
        '--weights', help='a weights file (default: the one that comes with the package)'
    )
    parser.add_argument('--det-config', help="a detector's config, or the name of one of MMPose's")
    parser.add_argument('--det-weights', help="the detector's weights")
    parser.add_argument(
        '--bbox-thr', type=float, default=0.3, help='least score of a box (default: 0.3)'
    )
    parser.add_argument('--batch-size', type=int, default=32, help='persons (default: 32)')
    parser.add_argument('--det-batch-size', type=int, default=8, help='images (default: 8)')
    parser.add_argument('--workers', type=int, default=2, help='decoding threads (default: 2)')
    parser.add_argument(
        '--precision', choices=PRECISIONS, default='float32', help='(default: float32)'
    )
    parser.add_argument('--channels-last', action='store_true', help='memory layout')
    parser.add_argument('--fuse-bn', action='store_true', help='fold the batch norms')
    parser.add_argument('--compile', action='store_true', help='torch.compile')
    parser.add_argument('--draw', metavar='DIR', help='write pictures with the keypoints as well')
    parser.add_argument(
        '--kpt-thr', type=float, default=0.3, help='least score of a drawn keypoint (default: 0.3)'
    )
    parser.add_argument('--device', help="'cpu', 'cuda:0' (default: a GPU if there is one)")
    return parser.parse_args(argv)


def list_images(given: list[str]) -> dict[str, str]:
    """List the images of files and folders.

    Args:
        given (list[str]): Files and folders.

    Returns:
        dict[str, str]: Each image, once, and its name below the folder that was given.

    Raises:
        UserError: If something given does not exist, or a folder holds no image.
    """
    images: dict[str, str] = {}
    for path in given:
        if Path(path).is_dir():
            images.update({(Path(path) / name).as_posix(): name for name in find_images(path)})
        elif Path(path).is_file():
            images[Path(path).as_posix()] = Path(path).name
        else:
            raise UserError(f'{path}: no such image or folder. Check the name.')
    return images


def check_pictures(images: dict[str, str], folder: str) -> None:
    """Refuse two pictures of one name.

    Args:
        images (dict[str, str]): From :func:`list_images`.
        folder (str): Where they would be written.

    Raises:
        UserError: If there are two.
    """
    owners: dict[str, str] = {}
    for image, name in images.items():
        if owners.setdefault(name, image) != image:
            raise UserError(
                f'{owners[name]} and {image} would both be drawn as {Path(folder) / name}. '
                'Give a folder that holds both, or rename one.'
            )


def predict(args: argparse.Namespace) -> None:
    """Find the keypoints, write them, and say how fast.

    Args:
        args (argparse.Namespace): The command line.

    Raises:
        UserError: If an argument cannot be used.
    """
    images = list_images(args.images)
    if args.draw:
        check_pictures(images, args.draw)
    predictor = PosePredictor(
        args.config,
        args.weights,
        args.det_config,
        args.det_weights,
        args.device,
        batch_size=args.batch_size,
        det_batch_size=args.det_batch_size,
        bbox_thr=args.bbox_thr,
        precision=args.precision,
        channels_last=args.channels_last,
        fuse_bn=args.fuse_bn,
        compile=args.compile,
        workers=args.workers,
    )
    header = header_of(
        predictor,
        config=args.config,
        weights=args.weights and Path(args.weights).name,
        det_config=args.det_config,
        det_weights=args.det_weights and Path(args.det_weights).name,
        bbox_thr=args.bbox_thr,
        precision=args.precision,
    )
    out = PredictionFile(args.out, header, args.resume)
    todo = [image for image in images if image not in out.done]
    if len(todo) < len(images):
        print(f'{len(images) - len(todo)} of {len(images)} images are in {args.out} already')
    persons = damaged = 0
    start = time.perf_counter()
    try:
        for result in tqdm(predictor(todo), 'images', len(todo), unit='image', smoothing=0.05):
            out.write(result)
            persons += len(result.persons)
            damaged += bool(result.error)
            if args.draw and not result.error:
                draw_result(predictor, result, Path(args.draw) / images[str(result.image)], args)
    finally:
        out.close()
    seconds = max(time.perf_counter() - start, 1e-9)
    print(
        f'{len(todo)} images, {persons} persons in {seconds:.1f} s: {len(todo) / seconds:.1f} '
        f'images/s, {persons / seconds:.1f} persons/s'
    )
    if damaged:
        print(f'{damaged} images could not be read; --resume tries them again', file=sys.stderr)
    print(f'keypoints (JSON lines): {args.out}')


def draw_result(
    predictor: PosePredictor, result: ImagePoses, path: Path, args: argparse.Namespace
) -> None:
    """Draw the persons of an image.

    Args:
        predictor (PosePredictor): Knows the keypoints.
        result (ImagePoses): The persons.
        path (Path): The picture to write.
        args (argparse.Namespace): The command line.
    """
    picture = draw(str(result.image), result.persons, predictor.model, kpt_thr=args.kpt_thr)
    path.parent.mkdir(parents=True, exist_ok=True)
    mmcv.imwrite(mmcv.rgb2bgr(picture), str(path))


def main(argv: list[str] | None = None) -> int:
    """Run; return the exit status."""
    args = parse_args(argv)
    try:
        predict(args)
    except UserError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print('\nInterrupted. Add --resume to the same command to go on.', file=sys.stderr)
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
