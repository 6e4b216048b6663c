"""The JSON that MMPose's inferencer and ``lfhpe demo`` write: one file per image."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.annotation.plan.images import stable_id
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.image_folders import find_images
from lfhpe_mmpose.files.images import image_size
from lfhpe_mmpose.tags.tag_file import read_json

from .found import PredictedPerson


def read_mmpose_json(
    source: str, images: str, num_keypoints: int
) -> tuple[list[PredictedPerson], list[str]]:
    """Read predictions. A file belongs to the image of the same name without its ending.

    Returns:
        The persons in the order of the files, and the images without a person.

    Raises:
        UserError: If a file is not MMPose's, or its image is missing or ambiguous.
    """
    files = sorted(Path(source).glob('*.json')) if Path(source).is_dir() else [Path(source)]
    if not files:
        raise UserError(
            'predictions', source, 'the folder holds no .json file.', 'Give that of `lfhpe demo`.'
        )
    by_stem: dict[str, list[str]] = {}
    for name in find_images(images):
        by_stem.setdefault(Path(name).stem, []).append(name)
    persons: list[PredictedPerson] = []
    empty: list[str] = []
    for file in files:
        found = by_stem.get(file.stem, [])
        if len(found) != 1:
            fault = f'{images} holds {len(found) or "no"} images of this name.'
            raise UserError('missing-image', str(file), fault, 'Give the folder of its image.')
        width, height = image_size(os.path.join(images, found[0]))
        image = dict(id=stable_id(found[0]), file_name=found[0], width=width, height=height)
        entries = _load(file)
        if not entries:
            empty.append(found[0])
        for i, entry in enumerate(entries):
            persons.append(_person(entry, image, i, f'{file}: [{i}]', num_keypoints))
    return persons, empty


def _load(file: Path) -> list[Any]:
    data = read_json(file)
    if not isinstance(data, list):
        video = isinstance(data, Mapping) and 'instance_info' in data
        fault = f'the file is not a list of persons{" (it is of a video)" if video else ""}.'
        remedy = 'Give the JSON of an image; for a tag file give --model as well.'
        raise UserError('predictions', str(file), fault, remedy)
    return data


def _person(
    entry: Any, image: dict[str, Any], index: int, where: str, num_keypoints: int
) -> PredictedPerson:
    if not isinstance(entry, Mapping):
        raise UserError('predictions', where, 'the entry is not a person.', 'Predict again.')
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
        fault = (
            f'{" x ".join(map(str, shape)) or "one"} numbers are needed, the shape is '
            f'{array.shape}.'
        )
        remedy = 'Name the keypoints of the model with --keypoints.' if shape else 'Predict again.'
        raise UserError('predictions', where, fault, remedy)
    return array
