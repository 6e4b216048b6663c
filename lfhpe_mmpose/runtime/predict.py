"""Predictions of many images into a file of JSON lines, and what is said about them."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_bytes
from lfhpe_mmpose.scores import SCORE_THRESHOLD, count_above, is_little

from .drawing import draw_persons
from .image_lists import list_images, output_path, picture_paths
from .prediction_lines import PredictionFile, header_of
from .predictor import OnnxPredictor
from .results import ImagePoses
from .video.clip_lists import find_clips
from .video.predict import VideoSettings, predict_videos

_SHOWN = 5


def write_results(
    results: Callable[[list[str]], Iterator[ImagePoses]],
    file: PredictionFile,
    images: Sequence[str],
    pictures: str | None = None,
    kpt_thr: float = SCORE_THRESHOLD,
) -> None:
    """Write the results of images that the file does not hold yet, and print a summary.

    Args:
        results: Finds the persons of images.
        file: Is closed at the end.
        images: All images.
        pictures: Folder of the pictures that ``results`` draws, for the summary.
        kpt_thr: Minimum score of a drawn keypoint, for the summary.

    Raises:
        UserError: 'unreadable-image' if no image could be read.
    """
    todo = [image for image in images if image not in file.done]
    if len(todo) < len(images):
        done = len(images) - len(todo)
        print(f'{done} of {len(images)} images are in {file.path} already')
    stream = results(todo)
    persons = damaged = 0
    warnings: list[str] = []
    scores: list[float] = []
    blank: list[str] = []
    start = time.perf_counter()
    try:
        for result in tqdm(stream, 'images', len(todo), unit='image', smoothing=0.05):
            file.write(result)
            persons += len(result.persons)
            damaged += bool(result.error)
            found = [float(score) for person in result.persons for score in person.scores]
            scores += found
            if is_little(found, kpt_thr):
                blank.append(f'{result.image}: {count_above(found, kpt_thr)}')
            if result.warning:
                warnings.append(f'{result.image}: {result.warning}')
    finally:
        close: Callable[[], None] | None = getattr(stream, 'close', None)
        if close is not None:
            close()
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
    if scores:
        print(count_above(scores, kpt_thr))
    if pictures:
        for line in blank[:_SHOWN]:
            print(f'hardly anything is drawn: {line}', file=sys.stderr)
        if len(blank) > _SHOWN:
            print(f'and {len(blank) - _SHOWN} more such images', file=sys.stderr)
        print(f'pictures: {pictures}')
    print(f'keypoints (JSON lines): {file.path}')
    if damaged and damaged == len(images):
        raise UserError(
            'unreadable-image',
            f'{images[0]} and others' if len(images) > 1 else images[0],
            'No image could be read.',
            f'{file.path} has the reason for each.',
        )


def predict_onnx(
    model: str,
    images: Sequence[str],
    out: str | None = None,
    resume: bool = False,
    draw: str | None = None,
    kpt_thr: float = SCORE_THRESHOLD,
    smooth: bool = False,
    rate: float | None = None,
    **options: Any,
) -> None:
    """Find keypoints with an exported model, in images or in videos, and write them.

    Args:
        model: A file of ``lfhpe export``.
        images: Images, folders with their sub-folders, and videos; see ``find_clips``.
        out: File of JSON lines. Defaults to ``keypoints.jsonl`` in ``draw``.
        resume: Continue ``out``.
        draw: Folder for pictures with the keypoints, or the drawn video.
        kpt_thr: Minimum score of a drawn keypoint.
        smooth, rate: See ``VideoSettings``.
        options: Arguments of ``OnnxPredictor``. Without a detector one person fills each image.

    Raises:
        UserError: If an argument cannot be used.
    """
    clips = find_clips(images, out, draw)
    predictor = OnnxPredictor(model, keep_pixels=draw is not None and not clips, **options)
    about, detector = predictor.about, options.get('detector')
    settings: dict[str, Any] = dict(model=Path(model).name)
    if detector is not None:
        settings.update(detector=Path(detector).name, bbox_thr=options.get('bbox_thr'))
    header = header_of(about.keypoints, about.skeleton, **settings)
    if clips:
        wanted = VideoSettings(about.skeleton, detector is not None, smooth, kpt_thr, resume, rate)
        predict_videos(predictor, clips, header, wanted)
        return
    path = output_path(out, draw)
    names = list_images(images)
    pictures = {} if draw is None else picture_paths(names, draw)

    def results(todo: list[str]) -> Iterator[ImagePoses]:
        for result in predictor(todo):
            if result.pixels is not None:
                picture: Any = draw_persons(result.pixels, result.persons, about.skeleton, kpt_thr)
                path = pictures[str(result.image)]
                write_bytes(path, cv2.imencode(path.suffix, picture)[1].tobytes())
                result.pixels = None
            yield result

    write_results(results, PredictionFile(path, header, resume), list(names), draw, kpt_thr)
