"""Checks of annotation files. No coordinate of a keypoint is read here."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .report import problem

_IMAGE_KEYS = dict(id=(int, str), file_name=(str,), width=(int, float), height=(int, float))
_PERSON_KEYS = dict(id=(int, str), image_id=(int, str), category_id=(int, str))
_BOX_REMEDY = (
    'correct the boxes ([x, y, width, height] in pixels, with width and height above 0), or '
    'remove these annotations'
)


@dataclass
class Annotations:
    """A COCO-style file that was read.

    Attributes:
        path (str): The file.
        data (dict): What it holds.
        persons (list[tuple[int, dict]]): Index and annotation of each person a
            top-down data set uses: with a box, with a keypoint, no crowd. Of a tag
            file: with a keypoint, tags or tagged views, no crowd.
    """

    path: str
    data: dict
    persons: list[tuple[int, dict]]


def read_json(path: str, entry: str) -> tuple[object, list[str]]:
    """Read a JSON file.

    Args:
        path (str): The file.
        entry (str): The entry that names it.

    Returns:
        tuple[object, list[str]]: The content (None if unreadable), problems.
    """
    if not Path(path).is_file():
        kind = 'is a folder' if Path(path).is_dir() else 'does not exist'
        return None, [
            problem(
                f'{path}: the annotation file {kind}.',
                entry,
                'correct the entry or data_root (relative paths start at '
                f'{Path.cwd()}), or put the file there',
            )
        ]
    if Path(path).stat().st_size == 0:
        return None, [
            problem(f'{path}: the file is empty (0 bytes).', entry, 'copy or write it again')
        ]
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file), []
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        return None, [
            problem(
                f'{path}: not a JSON file ({error}).',
                entry,
                'give a COCO-style JSON file; if it is one, it was cut off: copy it again',
            )
        ]


def check_coco(
    data: object, path: str, entry: str, tagged: bool = False
) -> tuple[Annotations | None, list[str]]:
    """Check that a file is COCO-style and has persons to use.

    Args:
        data (object): The content of the file.
        path (str): The file.
        entry (str): The entry that names it.
        tagged (bool): Whether the data set takes tags in place of keypoints.
            Defaults to False.

    Returns:
        tuple[Annotations | None, list[str]]: The annotations, None if their
        structure does not allow further checks, and the problems.
    """
    remedy = (
        "give a COCO-style file: an object with the lists 'images', 'annotations' and 'categories'"
    )
    if not isinstance(data, dict):
        what = f'{path}: not COCO-style, it holds a {type(data).__name__}, not an object.'
        return None, [problem(what, entry, remedy)]
    wrong = [
        f"'{key}' is {'missing' if key not in data else 'no list'}"
        for key in ('images', 'annotations', 'categories')
        if not isinstance(data.get(key), list)
    ]
    if wrong:
        return None, [problem(f'{path}: not COCO-style.', entry, remedy, wrong)]
    empty = [f"'{key}' is an empty list" for key in ('images', 'annotations') if not data[key]]
    if empty:
        what = f'{path}: the file is empty, it has no images or no annotations.'
        return None, [problem(what, entry, 'give a file with annotated persons', empty)]

    wrong = [*_wrong_keys(data, 'images', _IMAGE_KEYS)]
    wrong += _wrong_keys(data, 'annotations', _PERSON_KEYS)
    if wrong:
        what = f'{path}: not COCO-style, {len(wrong)} entries lack a key or have a wrong type.'
        return None, [problem(what, entry, 'complete these entries', wrong)]

    persons = [(i, a) for i, a in enumerate(data['annotations']) if _is_used(a, tagged)]
    if not persons:
        needed = (
            'a keypoint (visibility above 0), tags or tagged views'
            if tagged
            else 'a bbox and a keypoint (visibility above 0)'
        )
        what = (
            f'{path}: no persons. None of the {len(data["annotations"])} annotations has {needed} '
            'and is no crowd.'
        )
        if not tagged and any('keypoint_tags' in a for a in data['annotations']):
            what += " It is a tag file: use the data set type 'TaggedCocoDataset'."
        return None, [problem(what, entry, 'give a file with annotated persons')]
    annotations = Annotations(path, data, persons)
    return annotations, [*_check_ids(annotations, entry), *_check_boxes(annotations, entry)]


def _wrong_keys(data: Mapping, part: str, keys: Mapping[str, tuple[type, ...]]) -> list[str]:
    out = []
    for i, item in enumerate(data[part]):
        if not isinstance(item, dict):
            out.append(f'{part}[{i}] is no object')
            continue
        for key, kinds in keys.items():
            if not isinstance(item.get(key), kinds):
                state = 'missing' if key not in item else f'{item[key]!r}'
                out.append(f'{part}[{i}].{key} is {state}')
    return out


def _is_used(annotation: Mapping, tagged: bool = False) -> bool:
    """Whether a top-down data set would use the annotation, from its flags alone."""
    if tagged and not annotation.get('iscrowd'):
        if annotation.get('keypoint_tags') is not None or annotation.get('tag_views'):
            return True
        keypoints = annotation.get('keypoints')
        flags = keypoints[2::3] if isinstance(keypoints, list) else []
        return any(isinstance(v, int | float) and v > 0 for v in flags)
    if annotation.get('iscrowd') or 'bbox' not in annotation or 'keypoints' not in annotation:
        return False
    if 'num_keypoints' in annotation:
        return annotation['num_keypoints'] != 0
    keypoints = annotation['keypoints']
    if not isinstance(keypoints, list):
        return True  # told as a problem by the check of the keypoint count
    return any(isinstance(v, int | float) and v > 0 for v in keypoints[2::3])


def _check_ids(annotations: Annotations, entry: str) -> list[str]:
    out = []
    for part in ('annotations', 'images'):
        twice = [i for i, n in Counter(x['id'] for x in annotations.data[part]).items() if n > 1]
        if twice:
            what = f'{annotations.path}: {len(twice)} ids occur more than once in {part!r}.'
            remedy = 'give every entry an id of its own'
            out.append(problem(what, entry, remedy, [f'id {i}' for i in twice]))
    known = {image['id'] for image in annotations.data['images']}
    lost = [
        f'annotations[{i}] (id {a["id"]}): image_id {a["image_id"]}'
        for i, a in annotations.persons
        if a['image_id'] not in known
    ]
    if lost:
        what = f"{annotations.path}: {len(lost)} persons belong to images not in 'images'."
        out.append(problem(what, entry, 'add the images, or remove these annotations', lost))
    return out


def _check_boxes(annotations: Annotations, entry: str) -> list[str]:
    sizes = {x['id']: (x['width'], x['height']) for x in annotations.data['images']}
    wrong = []
    for i, annotation in annotations.persons:
        if 'bbox' not in annotation:
            continue  # a tag file: the whole image
        fault = box_fault(annotation['bbox'], sizes.get(annotation['image_id']))
        if fault:
            wrong.append(
                f'annotations[{i}].bbox (id {annotation["id"]}): {annotation["bbox"]} {fault}'
            )
    if not wrong:
        return []
    what = (
        f'{annotations.path}: {len(wrong)} of {len(annotations.persons)} persons have a box that '
        'cannot be used.'
    )
    return [problem(what, entry, _BOX_REMEDY, wrong)]


def box_fault(box: object, size: tuple[float, float] | None) -> str:
    """Tell what is wrong with a person box.

    Args:
        box (object): Should be [x, y, width, height] in pixels.
        size (tuple[float, float], optional): Width and height of the image.

    Returns:
        str: The fault, empty for a good box.
    """
    if not isinstance(box, list) or len(box) != 4:
        return 'is not a list of 4 numbers'
    if not all(isinstance(v, int | float) for v in box):
        return 'is not a list of 4 numbers'
    if not all(math.isfinite(v) for v in box):
        return 'holds NaN or infinity'
    x, y, width, height = box
    if width < 0 or height < 0:
        return 'has a negative width or height'
    if width == 0 or height == 0:
        return 'has no area'
    if size and (x + width <= 0 or y + height <= 0 or x >= size[0] or y >= size[1]):
        return f'lies outside the image of {size[0]}x{size[1]}'
    return ''
