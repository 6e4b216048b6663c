"""What makes an entry of a tag file valid: images, persons, categories.

Each function yields the faults of one entry. The checker collects them, the data set and the
tools raise the first one (``raise_first``), so that all of them accept the same files.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .faults import Fault, short
from .fields import NUMBERS, id_faults, number_fault, state


def image_faults(image: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of an entry of ``images``: id, file_name, width, height."""
    yield from file_name_faults(image)
    for key in ('width', 'height'):
        if key not in image:
            yield Fault('malformed', f'.{key}', f'the {key} is missing', 'Give it in pixels.')
        else:
            fault = number_fault(image[key], f'.{key}')
            if fault:
                yield fault
            elif image[key] <= 0:
                text = f'the {key} is {short(image[key])}'
                yield Fault('malformed', f'.{key}', text, 'Give it in pixels, above 0.')
    yield from id_faults(image, 'id')


def file_name_faults(image: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of the ``file_name`` of an image."""
    if not isinstance(image.get('file_name'), str) or not image['file_name']:
        text = f'the file name {state(image, "file_name")}'
        yield Fault('malformed', '.file_name', text, 'Give the file, relative to the folder.')


def person_faults(person: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of the ids and of COCO's further numbers of an annotation."""
    yield from id_faults(person, 'id', 'image_id', 'category_id')
    crowd = person.get('iscrowd', 0)
    if type(crowd) not in NUMBERS or crowd not in (0, 1):
        yield Fault('malformed', '.iscrowd', f'iscrowd is {short(crowd)}', 'Write 0 or 1.')
    yield from answer_error_faults(person)
    for key in ('num_keypoints', 'area'):
        value = person.get(key, 0)
        fault = number_fault(value, f'.{key}')
        if fault:
            yield fault
        elif key == 'num_keypoints' and value % 1:
            text = f'num_keypoints is {short(value)}'
            yield Fault('malformed', f'.{key}', text, 'Give a whole number, or leave it out.')


def answer_error_faults(entry: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of ``answer_error`` of a person or of ``info``."""
    error = entry.get('answer_error', 0)
    if type(error) not in NUMBERS or not 0 <= error < 0.5:
        text = f'answer_error is {short(error)}'
        remedy = 'Give the share of wrong answers, at least 0 and below 0.5, or leave it out.'
        yield Fault('answer-error', '.answer_error', text, remedy)


def category_faults(category: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of an entry of ``categories``: id, name, keypoints, skeleton."""
    yield from id_faults(category, 'id')
    if not isinstance(category.get('name'), str):
        text = f'the name {state(category, "name")}'
        yield Fault('malformed', '.name', text, 'Give a string.')
    names = category.get('keypoints')
    faults = [] if names is None or names == [] else list(names_faults(names))
    yield from faults
    if category.get('skeleton') is not None:
        number = len(names) if isinstance(names, list) and not faults else 0
        yield from _skeleton_faults(category['skeleton'], number)


def names_faults(names: object) -> Iterator[Fault]:
    """Faults of the list of keypoint names of a category."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        text = f'{short(names)} is not a list of names'
        yield Fault('malformed', '.keypoints', text, 'Give each keypoint a name of its own.')
        return
    seen: set[str] = set()
    for k, name in enumerate(names):
        if not name.strip() or name in seen:
            state = 'is used twice' if name.strip() else 'is empty'
            text = f'the name {short(name)} {state}'
            remedy = 'Give each keypoint a name of its own.'
            yield Fault('keypoint-names', f'.keypoints[{k}]', text, remedy)
        seen.add(name)


def _skeleton_faults(skeleton: object, number: int) -> Iterator[Fault]:
    remedy = f'Give pairs of two numbers from 1 to {number}, as COCO does.'
    if not isinstance(skeleton, list):
        yield Fault('skeleton', '.skeleton', f'{short(skeleton)} is not a list', remedy)
        return
    for i, limb in enumerate(skeleton):
        pair = isinstance(limb, list) and len(limb) == 2
        if not pair or not all(type(k) is int and 1 <= k <= number for k in limb):
            text = f'{short(limb)} is not a pair of keypoints'
            yield Fault('skeleton', f'.skeleton[{i}]', text, remedy)
