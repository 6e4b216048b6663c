"""AI Challenger 2017, human keypoints, from its own JSON lists.

From the data set's description and from files in its form: a list of ``image_id`` (the file
name without ``.jpg``), ``human_annotations`` (``human1``: x1, y1, x2, y2) and
``keypoint_annotations`` (``human1``: 14 times x, y, flag). The flag is 1 visible, 2 not visible,
3 not in the image or not to be guessed: COCO's 2, 1, 0.

What could not be verified: whether a flag of 0 occurs; it is taken for 3.

Ours: images are numbered in the order of the list, a person's id is 100 times that number
plus the number in his name.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import ijson
from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile

from .images import ImageFolder
from .job import Job, Part, find_file, find_folder, located_person
from .keypoint_sets import category_of

REMEDY = (
    'Unpack ai_challenger_keypoint_train_20170909.zip and '
    'ai_challenger_keypoint_validation_20170911.zip there.'
)
# Part, name of the list, folder of images, and where MMPose's configs look for the images.
PARTS = (
    (
        'train',
        'keypoint_train_annotations_*.json',
        'keypoint_train_images_20170902',
        'ai_challenger_keypoint_train_20170902/keypoint_train_images_20170902/',
    ),
    (
        'val',
        'keypoint_validation_annotations_*.json',
        'keypoint_validation_images_20170911',
        'ai_challenger_keypoint_validation_20170911/keypoint_validation_images_20170911/',
    ),
)
FLAGS = {1: 2, 2: 1, 3: 0, 0: 0}
NUM_KEYPOINTS = 14


def convert(job: Job) -> Iterator[Part]:
    """Read AI Challenger, one list after the other.

    Args:
        job (Job): The preparation.

    Yields:
        Part: ``annotations/aic_train.json`` and ``annotations/aic_val.json``.

    Raises:
        UserError: If a file is missing or of another form.
    """
    found = [
        (split, find_file(job.source, [file], REMEDY), find_folder(job.source, [images], REMEDY))
        for split, file, images, _ in PARTS
    ]
    for (split, path, images), (_, _, _, prefix) in zip(found, PARTS):
        folder = ImageFolder(images, job.out, job.missing)
        part = Part(
            f'annotations/aic_{split}.json',
            TagFile(categories=[category_of('AicDataset')], path=str(path)),
            images,
            prefix,
        )
        bar = tqdm(_entries(path), desc=f'AIC {split}', disable=not job.progress, mininterval=1)
        for i, entry in enumerate(bar, start=1):
            _add(part, i, entry, folder, f'{path}: [{i - 1}]')
        yield part


def _entries(path: Path) -> Iterator[object]:
    """The entries of the list, one at a time: the whole of it is large."""
    try:
        with open(path, 'rb') as file:
            yield from ijson.items(file, 'item', use_float=True)
    except OSError as error:
        raise UserError(f'{path}: cannot be read ({error.strerror}).') from None
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise UserError(f'{path}: no JSON list, or cut off ({error}). Unpack it again.') from None


def _add(part: Part, number: int, entry: object, folder: ImageFolder, where: str) -> None:
    keys = ('image_id', 'human_annotations', 'keypoint_annotations')
    if not isinstance(entry, dict) or not all(key in entry for key in keys):
        raise UserError(f'{where} is no object with {", ".join(keys)}; give the original file.')
    name = f'{entry["image_id"]}.jpg'
    boxes, points = entry['human_annotations'], entry['keypoint_annotations']
    if not isinstance(boxes, dict) or not isinstance(points, dict):
        raise UserError(f'{where}: human_annotations or keypoint_annotations is no object.')
    size = folder.size(name)
    if size is None:
        part.left_out['images that are missing'] += 1
        return
    persons = []
    for human in points:
        person = _person(human, boxes, points, number, size, part.left_out, where)
        if person is not None:
            persons.append(person)
    if persons:
        image = dict(id=number, file_name=name, width=size[0], height=size[1])
        part.tags.images.append(image)
        part.tags.annotations += persons


def _person(
    human: str,
    boxes: dict,
    points: dict,
    number: int,
    size: tuple[int, int],
    left_out: Counter,
    where: str,
) -> dict | None:
    digits = re.fullmatch(r'human(\d{1,2})', human)
    if digits is None:
        raise UserError(f'{where}.keypoint_annotations has {human!r}; expected human1 to human99.')
    at = f'{where}.keypoint_annotations[{human!r}]'
    row, box = points[human], boxes.get(human)
    if not _numbers(row, 3 * NUM_KEYPOINTS) or not all(v in FLAGS for v in row[2::3]):
        raise UserError(
            f'{at} is no list of {NUM_KEYPOINTS} x (x, y, flag 1 to 3): {_short(row)}. Give the '
            'original file.'
        )
    if not _numbers(box, 4):
        left_out['persons without a box'] += 1
        return None
    x1, y1, x2, y2 = box
    rows = [(x, y, FLAGS[v]) for x, y, v in zip(row[::3], row[1::3], row[2::3])]
    ids = (100 * number + int(digits[1]), number)
    return located_person(ids, [x1, y1, x2 - x1, y2 - y1], rows, size, left_out)


def _numbers(value: object, count: int) -> TypeGuard[list]:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
    )


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f'{text[:57]}...'
