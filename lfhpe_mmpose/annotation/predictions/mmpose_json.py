"""The JSON that MMPose's inferencer and ``tools/demo.py`` write: a file an image."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.annotation.plan.images import stable_id
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import find_images, image_size

from .found import PredictedPerson


def read_mmpose_json(
    source: str, images: str, num_keypoints: int
) -> tuple[list[PredictedPerson], list[str]]:
    """Read predictions; a file belongs to the image with the same name but for the ending.

    Args:
        source (str): ``<image>.json``, or the folder ``predictions`` of such files.
        images (str): The folder of the images.
        num_keypoints (int): K.

    Returns:
        tuple[list[PredictedPerson], list[str]]: The persons, in the order of the files, and
        the images without one.

    Raises:
        UserError: If a file is none of MMPose's, its image is missing or not told, or it has
            another number of keypoints.
    """
    files = sorted(Path(source).glob('*.json')) if Path(source).is_dir() else [Path(source)]
    if not files:
        raise UserError(
            f'{source}: the folder holds no .json file. Give what tools/demo.py wrote.'
        )
    by_stem: dict[str, list[str]] = {}
    for name in find_images(images):
        by_stem.setdefault(Path(name).stem, []).append(name)
    persons: list[PredictedPerson] = []
    empty: list[str] = []
    for file in files:
        found = by_stem.get(file.stem, [])
        if len(found) != 1:
            state = f'{len(found)} images' if found else 'no image'
            raise UserError(f'{file}: {images} holds {state} of this name. Give its folder.')
        width, height = image_size(os.path.join(images, found[0]))
        image = dict(id=stable_id(found[0]), file_name=found[0], width=width, height=height)
        entries = _load(file)
        if not entries:
            empty.append(found[0])
        for i, entry in enumerate(entries):
            persons.append(_person(entry, image, i, f'{file}: [{i}]', num_keypoints))
    return persons, empty


def _load(file: Path) -> list:
    try:
        data = json.loads(file.read_text(encoding='utf-8'))
    except OSError as error:
        raise UserError(f'{file}: cannot be read ({error.strerror}). Correct the path.') from None
    except (ValueError, RecursionError) as error:
        raise UserError(f'{file}: is no JSON file ({error}).') from None
    if not isinstance(data, list):
        hint = ' (of a video)' if isinstance(data, Mapping) and 'instance_info' in data else ''
        raise UserError(
            f'{file}: is no list of persons{hint}. Give the JSON that tools/demo.py wrote about '
            'an image; of a tag file give --model as well.'
        )
    return data


def _person(
    entry: Any, image: dict, index: int, where: str, num_keypoints: int
) -> PredictedPerson:
    if not isinstance(entry, Mapping):
        raise UserError(f'{where} is no person.')
    points = _numbers(entry.get('keypoints'), (num_keypoints, 2), f'{where}.keypoints')
    scores = _numbers(entry.get('keypoint_scores'), (num_keypoints,), f'{where}.keypoint_scores')
    box: Any = entry.get('bbox')
    if box is None:
        bbox = [0.0, 0.0, float(image['width']), float(image['height'])]
    else:
        # MMPose writes [[x1, y1, x2, y2]].
        nested = isinstance(box, Sequence) and len(box) == 1
        x1, y1, x2, y2 = _numbers(box[0] if nested else box, (4,), f'{where}.bbox').tolist()
        bbox = [x1, y1, x2 - x1, y2 - y1]
    score = float(_numbers(entry.get('bbox_score', 1.0), (), f'{where}.bbox_score'))
    number = stable_id(image['file_name'], 'predicted', index)
    return PredictedPerson(image, number, bbox, score, points, scores)


def _numbers(value: object, shape: tuple[int, ...], where: str) -> np.ndarray:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.full(1, np.nan)
    if array.shape != shape or not np.isfinite(array).all():
        what = ' x '.join(map(str, shape)) or 'one'
        hint = '; --keypoints must name those of the model' if shape else ''
        raise UserError(f'{where} has not {what} numbers (it has the shape {array.shape}){hint}.')
    return array
