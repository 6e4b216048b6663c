"""The persons of the images: boxes from a file, or each image as one person.

A function here returns ``images`` and ``annotations`` of a tag file, without keypoints and tags.
To take boxes from elsewhere, write another (``detector`` is one) and call it in
``tools/plan_tags.py``. No keypoint of a file is read.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import pandas as pd

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_size
from lfhpe_mmpose.tags import TagFile, load_tag_file, parse_box

from .images import stable_id

_BOX_COLUMNS = ('x', 'y', 'width', 'height')


def whole_images(images: Sequence[dict]) -> list[dict]:
    """Take each image as one person.

    Args:
        images (Sequence[dict]): Entries of the images.

    Returns:
        list[dict]: A person each, without a box.
    """
    return [dict(id=stable_id(i['file_name'], 'whole'), image_id=i['id']) for i in images]


def boxed_persons(images: Sequence[dict], boxes: Mapping[str, Sequence]) -> list[dict]:
    """Give the persons of the images their ids and boxes.

    An id comes from the image's path and the box, so that another order of the boxes changes
    nothing, and another box is another person.

    Args:
        images (Sequence[dict]): Entries of the images.
        boxes (Mapping[str, Sequence]): Boxes [x, y, width, height] in pixels by file name. The
            same box twice in an image is one person.

    Returns:
        list[dict]: The persons.
    """
    out: dict[int, dict] = {}
    for image in images:
        for box in boxes.get(image['file_name'], ()):
            box = [round(float(v), 2) for v in box]
            number = stable_id(image['file_name'], *box)
            out[number] = dict(id=number, image_id=image['id'], bbox=box)
    return list(out.values())


def persons_from_file(
    path: str, folder: str, images: Sequence[dict]
) -> tuple[list[dict], list[dict], list[str]]:
    """Take the persons of a file: a tag file or COCO file, or a table.

    Args:
        path (str): ``.json``: COCO or a tag file, whose ids are kept. ``.csv``: columns image,
            x, y, width, height in pixels.
        folder (str): The folder of the images.
        images (Sequence[dict]): Entries of its images.

    Returns:
        tuple[list[dict], list[dict], list[str]]: Images (with the file's ids), persons, and
        remarks for the user.

    Raises:
        UserError: If the file cannot be read, a box is none, or no image of the file is in the
            folder.
    """
    if path.lower().endswith('.json'):
        return _from_tag_file(load_tag_file(path), folder, images)
    if path.lower().endswith('.csv'):
        boxes = _read_table(path, [i['file_name'] for i in images])
        return list(images), boxed_persons(images, boxes), []
    raise UserError(f'{path}: boxes come from a .json (COCO, tag file) or a .csv file.')


def _from_tag_file(
    tags: TagFile, folder: str, images: Sequence[dict]
) -> tuple[list[dict], list[dict], list[str]]:
    there = {image['file_name']: image for image in images}
    entries: dict[int | str, dict] = {}
    absent = []
    for i, image in enumerate(tags.images):
        name = image.get('file_name')
        if name not in there:
            absent.append(str(name))
            continue
        name = str(name)
        width, height = image_size(os.path.join(folder, name))
        given = image.get('width', width), image.get('height', height)
        if given != (width, height):
            raise UserError(
                f'{tags.path}: images[{i}] ({name}) is {given[0]} x {given[1]} pixels, the image '
                f'is {width} x {height}. Give the images that the boxes were drawn on.'
            )
        if image['id'] in entries:
            raise UserError(
                f'{tags.path}: images[{i}].id {image["id"]!r} occurs twice; give each its own.'
            )
        entries[image['id']] = dict(image, width=width, height=height)
    if not entries:
        raise UserError(
            f'{tags.path}: none of its {len(tags.images)} images is in {folder}'
            + (f' (the first is {absent[0]!r}).' if absent else '.')
            + ' Give the folder that file_name is relative to.'
        )
    persons: list[dict] = []
    seen: set = set()
    for annotation, where in tags.with_index():
        if annotation['id'] in seen:
            raise UserError(f'{where}: its id occurs twice; give each person an id of his own.')
        seen.add(annotation['id'])
        if annotation.get('image_id') not in entries or annotation.get('iscrowd'):
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


def _read_table(path: str, names: Iterable[str]) -> dict[str, list[list[float]]]:
    """Boxes by file name."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except OSError as error:
        raise UserError(f'{path}: cannot be read ({error.strerror}). Correct the path.') from None
    except ValueError as error:
        raise UserError(f'{path}: is no table in UTF-8 with a header ({error}).') from None
    needed = ('image', *_BOX_COLUMNS)
    missing = [c for c in needed if c not in table.columns]
    if missing:
        raise UserError(
            f'{path}: no column {", ".join(missing)}; the header must name {", ".join(needed)}, '
            f'it names {", ".join(map(str, table.columns))}.'
        )
    known = dict.fromkeys(names)
    boxes: dict[str, list[list[float]]] = {}
    for row, (name, *cells) in enumerate(table[list(needed)].itertuples(index=False), 2):
        if name not in known:
            lower = {k.lower(): k for k in list(known)[:5000]}
            near = [lower[k] for k in get_close_matches(name.lower(), lower, 1)]
            hint = f' Did you mean {near[0]!r}?' if near else ''
            raise UserError(
                f'{path}: row {row}, column image: {name!r} is no readable image of the folder; '
                f'give the path below it.{hint}'
            )
        box = []
        for column, cell in zip(_BOX_COLUMNS, cells, strict=True):
            try:
                box.append(float(cell))
            except ValueError:
                raise UserError(
                    f'{path}: row {row}, column {column}: {cell!r} is no number of pixels.'
                ) from None
        boxes.setdefault(name, []).append(parse_box(box, f'{path}: row {row}, x to height'))
    return boxes
