"""Prediction from image files to a file of JSON lines and to pictures."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import mmcv
from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.image_folders import VIDEO_ENDINGS, find_images, unread_images
from lfhpe_mmpose.files.writing import write_bytes
from lfhpe_mmpose.launch.threads import choose_threads

from .inference import draw
from .prediction_lines import PredictionFile, header_of
from .predictor import ImagePoses, PosePredictor
from .streams import close, map_ahead

_SHOWN = 5


def predict_files(
    config: str,
    images: Sequence[str],
    out: str | None = None,
    weights: str | None = None,
    resume: bool = False,
    draw: str | None = None,
    draw_heatmap: bool = False,
    kpt_thr: float = 0.3,
    **options: Any,
) -> None:
    """Find the keypoints in images, write them, and print how fast it was.

    Args:
        config: The short name of a packaged config, or a config file.
        images: Images, and folders with their sub-folders.
        out: File of JSON lines; see ``prediction_lines``. Defaults to ``keypoints.jsonl`` in
            ``draw``.
        weights: See ``init_model``.
        resume: Continue ``out``.
        draw: Folder for pictures with the keypoints. Defaults to none.
        draw_heatmap: Put the refined maps below the pictures.
        kpt_thr: Minimum score of a drawn keypoint.
        options: Arguments of ``PosePredictor``.

    Raises:
        UserError: If an argument cannot be used.
    """
    if out is None and draw is None:
        raise UserError('no-output', '--out', 'Give --out FILE or --draw FOLDER.')
    names = list_images(images)
    pictures: dict[str, Path] = {}
    if draw is not None:
        pictures = picture_paths(names, draw)
    choose_threads(int(options.get('workers', 2)), detector=options.get('detector') is not None)
    predictor = PosePredictor(config, weights, keep_pixels=bool(pictures), **options)
    if draw_heatmap:
        predictor.model.test_cfg['output_heatmaps'] = True
    header = header_of(
        predictor,
        config=config,
        weights=weights and Path(weights).name,
        detector=options.get('detector'),
        detector_weights=_name(options.get('detector_weights')),
        bbox_thr=options.get('bbox_thr'),
        precision=options.get('precision'),
    )
    path = Path(out) if out is not None else Path(str(draw)) / 'keypoints.jsonl'
    file = PredictionFile(path, header, resume)
    todo = [image for image in names if image not in file.done]
    if len(todo) < len(names):
        print(f'{len(names) - len(todo)} of {len(names)} images are in {path} already')
    stream: Iterator[ImagePoses] = predictor(todo)
    if pictures:
        painter = _Painter(predictor, pictures, kpt_thr, draw_heatmap)
        stream = map_ahead(painter, stream, predictor.workers, predictor.workers)
    persons = damaged = 0
    warnings: list[str] = []
    start = time.perf_counter()
    try:
        for result in tqdm(stream, 'images', len(todo), unit='image', smoothing=0.05):
            file.write(result)
            persons += len(result.persons)
            damaged += bool(result.error)
            if result.warning:
                warnings.append(f'{result.image}: {result.warning}')
    finally:
        close(stream)
        file.close()
    seconds = max(time.perf_counter() - start, 1e-9)
    print(
        f'{len(todo)} images, {persons} persons in {seconds:.1f} s: {len(todo) / seconds:.1f} '
        f'images/s, {persons / seconds:.1f} persons/s'
    )
    for warning in warnings[:_SHOWN]:
        print(f'warning: {warning}', file=sys.stderr)
    if len(warnings) > _SHOWN:
        print(f'warning: and {len(warnings) - _SHOWN} more such images', file=sys.stderr)
    if damaged:
        print(f'{damaged} images could not be read; --resume tries them again', file=sys.stderr)
    if pictures:
        print(f'pictures: {draw}')
    print(f'keypoints (JSON lines): {path}')
    if damaged and damaged == len(names):
        raise UserError(
            'unreadable-image',
            ' '.join(images),
            'No image could be read.',
            f'{path} has the reason for each.',
        )


def list_images(given: Sequence[str]) -> dict[str, str]:
    """List the images of files and folders.

    Returns:
        dict[str, str]: Each image, once, and its name below the folder that was given.

    Raises:
        UserError: If something given does not exist, or a folder contains no image.
    """
    images: dict[str, str] = {}
    for path in given:
        if Path(path).is_dir():
            images.update({(Path(path) / name).as_posix(): name for name in find_images(path)})
            skipped = unread_images(path)
            if skipped:
                print(f'warning: {path}: {skipped}', file=sys.stderr)
        elif path.lower().endswith(VIDEO_ENDINGS) and Path(path).is_file():
            raise UserError(
                'video',
                path,
                'The file is a video; images are read.',
                'Extract its images first, for example by `ffmpeg -i VIDEO FOLDER/%06d.jpg`.',
            )
        elif Path(path).is_file():
            images[Path(path).as_posix()] = Path(path).name
        else:
            fault = 'There is no such image or folder.'
            raise UserError('missing-image', path, fault, 'Check the name.')
    return images


def picture_paths(images: dict[str, str], folder: str) -> dict[str, Path]:
    """The picture to write for each image.

    Raises:
        UserError: 'same-picture' if two images would give one picture.
    """
    paths: dict[str, Path] = {}
    owners: dict[Path, str] = {}
    for image, name in images.items():
        paths[image] = Path(folder) / name
        owner = owners.setdefault(paths[image], image)
        if owner != image:
            raise UserError(
                'same-picture',
                str(paths[image]),
                f'{owner} and {image} would both give this picture.',
                'Give a folder that holds both, or rename one.',
            )
    return paths


class _Painter:
    """Draws a result on the pixels it came from, writes the picture, and drops the pixels."""

    def __init__(
        self, predictor: PosePredictor, paths: dict[str, Path], kpt_thr: float, heatmap: bool
    ) -> None:
        self.model, self.paths = predictor.model, paths
        self.kpt_thr, self.heatmap = kpt_thr, heatmap

    def __call__(self, result: ImagePoses) -> ImagePoses:
        """Draw; several threads may do so."""
        if result.pixels is not None:
            picture = draw(
                result.pixels,
                result.persons,
                self.model,
                kpt_thr=self.kpt_thr,
                draw_heatmap=self.heatmap,
            )
            path = self.paths[str(result.image)]
            _, encoded = cv2.imencode(path.suffix, mmcv.rgb2bgr(picture))
            write_bytes(path, encoded.tobytes())
        result.pixels = None
        for sample in result.persons:
            sample.pop('pred_fields', None)
        return result


def _name(path: Any) -> str | None:
    return None if path is None else Path(path).name
