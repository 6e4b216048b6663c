"""AI Challenger 2017, human keypoints, from its own JSON lists.

A list holds ``image_id`` (the file name without ``.jpg``), ``human_annotations`` (``human1``: x1,
y1, x2, y2) and ``keypoint_annotations`` (``human1``: 14 times x, y, flag). Flags are 1 visible,
2 not visible, 3 not in the image or not to be guessed: COCO's 2, 1, 0. Known from the data set's
description and from files of this form.

Not verified: whether a flag of 0 occurs; it is read as 3.

Our choice: images are numbered in the order of the list. A person's id is 100 times that number
plus the number in its name.
"""

import re
from collections.abc import Iterator
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.files.json_stream import list_entries
from lfhpe_mmpose.tags import TagFile

from .images import ImageFolder
from .job import (
    Job,
    Part,
    category_of,
    find_file,
    find_folder,
    is_row,
    located_person,
    original,
)

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
    """Convert AI Challenger to ``annotations/aic_train.json`` and ``annotations/aic_val.json``.

    Raises:
        UserError: If a file is missing or malformed.
    """
    found = [
        (find_file(job.source, [file], REMEDY), find_folder(job.source, images, REMEDY))
        for _, file, images, _ in PARTS
    ]
    for (path, images), (split, _, _, prefix) in zip(found, PARTS):
        folder = ImageFolder(images, job.out, job.missing)
        tags = TagFile(categories=[category_of('aic')], path=str(path))
        part = Part(f'annotations/aic_{split}.json', tags, images, prefix)
        entries = list_entries(path)
        bar = tqdm(entries, desc=f'AIC {split}', disable=not job.progress, mininterval=1)
        for i, entry in enumerate(bar, start=1):
            _add(part, i, entry, folder, f'{path}: [{i - 1}]')
        yield part


def _add(part: Part, number: int, entry: object, folder: ImageFolder, where: str) -> None:
    keys = ('image_id', 'human_annotations', 'keypoint_annotations')
    if not isinstance(entry, dict) or not all(key in entry for key in keys):
        raise original(where, f'an object with {", ".join(keys)} is needed.')
    name = f'{entry["image_id"]}.jpg'
    boxes, points = entry['human_annotations'], entry['keypoint_annotations']
    if not isinstance(boxes, dict) or not isinstance(points, dict):
        raise original(where, 'human_annotations or keypoint_annotations is not an object.')
    size = folder.size(name)
    if size is None:
        part.left_out['images that are missing'] += 1
        return
    found = [_person(human, boxes, points, number, size, part, where) for human in points]
    persons = [person for person in found if person is not None]
    if persons:
        image = dict(id=number, file_name=name, width=size[0], height=size[1])
        part.tags.images.append(image)
        part.tags.annotations += persons


def _person(
    human: str,
    boxes: dict[str, Any],
    points: dict[str, Any],
    number: int,
    size: tuple[int, int],
    part: Part,
    where: str,
) -> dict[str, Any] | None:
    at = f'{where}.keypoint_annotations[{human!r}]'
    digits = re.fullmatch(r'human(\d{1,2})', human)
    if digits is None:
        raise original(at, 'the name is not human1 to human99.')
    row, box = points[human], boxes.get(human)
    if not is_row(row, 3 * NUM_KEYPOINTS) or not all(v in FLAGS for v in row[2::3]):
        text = repr(row)
        fault = (
            f'{NUM_KEYPOINTS} x (x, y, flag 1 to 3) are needed: {text[:57]}'
            f'{"..." if len(text) > 57 else ""}.'
        )
        raise original(at, fault, 'keypoint-count')
    if box is None or not is_row(box, 4):
        part.left_out['persons without a box'] += 1
        return None
    x1, y1, x2, y2 = box
    rows = [(x, y, FLAGS[v]) for x, y, v in zip(row[::3], row[1::3], row[2::3])]
    ids = (100 * number + int(digits[1]), number)
    return located_person(ids, [x1, y1, x2 - x1, y2 - y1], rows, size, part.left_out)
