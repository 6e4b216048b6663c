"""The persons of the images: boxes from a file, or each image as one person.

Functions here return ``images`` and ``annotations`` of a tag file, without keypoints and tags.
They read no keypoint of a file. To take boxes from another source, add a function (``detector``
is one) and call it in ``plan_folder``.
"""

import csv
import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_size
from lfhpe_mmpose.tags import TagFile, load_tag_file, parse_box
from lfhpe_mmpose.tags.faults import raise_fault
from lfhpe_mmpose.tags.file_faults import doubles

from .images import stable_id

_COLUMNS = ('image', 'x', 'y', 'width', 'height')


def whole_images(images: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make each image one person, without a box."""
    return [dict(id=stable_id(i['file_name'], 'whole'), image_id=i['id']) for i in images]


def boxed_persons(
    images: Sequence[dict[str, Any]], boxes: Mapping[str, Sequence[Any]]
) -> list[dict[str, Any]]:
    """Make persons of boxes [x, y, width, height] by file name.

    An id depends on the image's path and the box, not on the order of the boxes. The same box
    twice in an image is one person.
    """
    out: dict[int, dict[str, Any]] = {}
    for image in images:
        for box in boxes.get(image['file_name'], ()):
            box = [round(float(v), 2) for v in box]
            number = stable_id(image['file_name'], *box)
            out[number] = dict(id=number, image_id=image['id'], bbox=box)
    return list(out.values())


def persons_from_file(
    path: str, folder: str, images: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Read the persons of a file.

    Args:
        path: ``.json``: COCO or a tag file, whose ids are kept. ``.csv``: columns image, x, y,
            width, height in pixels.
        folder: Folder of the images.
        images: Entries of its images.

    Returns:
        Images (with the file's ids), persons, and remarks for the user.

    Raises:
        UserError: If the file or a box is invalid, or none of its images is in the folder.
    """
    if path.lower().endswith('.json'):
        return _from_tag_file(load_tag_file(path), folder, images)
    if path.lower().endswith('.csv'):
        boxes = _read_table(path, [i['file_name'] for i in images])
        return list(images), boxed_persons(images, boxes), []
    raise UserError(
        'format', path, 'boxes are read from .json and .csv.', 'Give COCO, a tag file or a table.'
    )


def _from_tag_file(
    tags: TagFile, folder: str, images: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    entries, absent = _images_of(tags, folder, {image['file_name'] for image in images})
    persons: list[dict[str, Any]] = []
    for place, fault in doubles(tags, 'images', 'annotations'):
        raise_fault(fault, f'{tags.path}: {place}')
    for annotation, where in tags.with_index():
        key = annotation.get('image_id')
        if not isinstance(key, int | str) or key not in entries or annotation.get('iscrowd'):
            continue
        person = {k: annotation[k] for k in ('id', 'image_id')}
        if annotation.get('bbox') is not None:
            parse_box(annotation['bbox'], f'{where}.bbox')
            person['bbox'] = annotation['bbox']
        persons.append(person)
    remarks = []
    if absent:
        remarks.append(
            f'{tags.path}: {len(absent)} images are not in {folder} and are left out (the first '
            f'is {absent[0]!r})'
        )
    return list(entries.values()), persons, remarks


def _images_of(
    tags: TagFile, folder: str, there: set[str]
) -> tuple[dict[int | str, dict[str, Any]], list[str]]:
    """Entries of the file's images that exist, by id, and the names of the others."""
    entries: dict[int | str, dict[str, Any]] = {}
    absent = []
    for i, image in enumerate(tags.images):
        name, place = str(image.get('file_name')), f'{tags.path}: images[{i}]'
        if name not in there:
            absent.append(name)
            continue
        width, height = image_size(os.path.join(folder, name))
        given = image.get('width', width), image.get('height', height)
        if given != (width, height):
            fault = f'the entry has {given[0]} x {given[1]} pixels, the image {width} x {height}.'
            remedy = 'Give the images that the boxes were drawn on.'
            raise UserError('image-size', f'{place} ({name})', fault, remedy)
        entries[image['id']] = dict(image, width=width, height=height)
    if not entries:
        first = f' (the first is {absent[0]!r})' if absent else ''
        fault = f'none of its {len(tags.images)} images is in {folder}{first}.'
        remedy = 'Give the folder that file_name is relative to.'
        raise UserError('missing-image', tags.path, fault, remedy)
    return entries, absent


def _read_table(path: str, names: Sequence[str]) -> dict[str, list[list[float]]]:
    """Boxes by file name."""
    try:
        with open(path, encoding='utf-8-sig', newline='') as file:
            header, *rows = csv.reader(file)
    except OSError as error:
        raise UserError(
            'unreadable-file', path, f'cannot be read ({error.strerror}).', 'Correct the path.'
        ) from None
    except (ValueError, csv.Error) as error:
        raise UserError(
            'table', path, f'not a table in UTF-8 with a header ({error}).', 'Save it as such.'
        ) from None
    missing = [c for c in _COLUMNS if c not in header]
    if missing:
        fault = f'columns {", ".join(missing)} are missing; the header is {", ".join(header)}.'
        raise UserError('table-columns', path, fault, f'Name {", ".join(_COLUMNS)}.')
    columns = [header.index(c) for c in _COLUMNS]
    known = dict.fromkeys(names)
    boxes: dict[str, list[list[float]]] = {}
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        place = f'{path}: row {number}'
        name, *cells = [row[c] if c < len(row) else '' for c in columns]
        if name not in known:
            lower = {k.lower(): k for k in list(known)[:5000]}
            near = [lower[k] for k in get_close_matches(name.lower(), lower, 1)]
            fault = f'{name!r} is not a readable image of the folder.'
            remedy = f'Did you mean {near[0]!r}?' if near else 'Give the path below the folder.'
            raise UserError('missing-image', f'{place}, column image', fault, remedy)
        try:
            box = [float(cell) for cell in cells]
        except ValueError:
            raise UserError(
                'box', place, f'x, y, width, height are {cells}.', 'Give numbers of pixels.'
            ) from None
        boxes.setdefault(name, []).append(parse_box(box, f'{place}, x to height'))
    return boxes
