"""LabelMe's JSON files as located persons: a file for each image.

A point is a keypoint named by its label. Points and the rectangle with the same ``group_id`` are
one person; an image without groups shows one person. A point with the flag ``occluded`` is
occluded.
"""

import os
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.paths import inside
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.fields import is_number
from lfhpe_mmpose.tags.persons import parse_box
from lfhpe_mmpose.tags.tag_file import TagFile

from .answers import DEFAULT_WORDS, AnswerWords
from .builder import TagFileBuilder, choose_names
from .plan_answers import refuse_plan
from .source import open_binary, read_json, size_in

_AGAIN = 'Save it with LabelMe again.'


def read(
    path: str,
    names: Sequence[str] | None = None,
    plan: TagFile | None = None,
    words: AnswerWords = DEFAULT_WORDS,
    conflicts: str = 'error',
    image_root: str | None = None,
) -> TagFile:
    """Read one file, or all JSON files of a folder.

    File names are relative to the folder (``image_root``, by default that of the files).
    """
    del words, conflicts  # coordinates in place of answers
    refuse_plan(plan, path)
    folder = os.path.isdir(path)
    files = sorted(map(str, Path(path).rglob('*.json'))) if folder else [path]
    if not files:
        raise UserError('structure', path, 'the folder holds no JSON file.', 'Give LabelMe files.')
    root = image_root or (path if folder else os.path.dirname(path) or '.')
    found = [(file, _load(file)) for file in files]
    own = {s['label']: None for _, data in found for s in data['shapes'] if _kind(s) == 'point'}
    builder = TagFileBuilder(choose_names(names, list(own), path), path)
    for file, data in found:
        _add_image(builder, data, file, root)
    return builder.finish()


def _load(file: str) -> dict[str, Any]:
    """A file with a list of shapes that have labels and points."""
    with open_binary(file) as content:
        data = read_json(content, file, _AGAIN)
    if not isinstance(data, dict) or not isinstance(data.get('shapes'), list):
        raise UserError('structure', file, 'this is not a file of LabelMe.', _AGAIN)
    for i, shape in enumerate(data['shapes']):
        points = shape.get('points') if isinstance(shape, dict) else None
        good = isinstance(points, list) and all(
            isinstance(p, list) and len(p) == 2 and all(map(is_number, p)) for p in points
        )
        if not good or not isinstance(shape.get('label'), str) or not shape['label'].strip():
            fault = 'it has no label, or no list of points.'
            raise UserError('malformed', f'{file}: shapes[{i}]', fault, _AGAIN)
        if not isinstance(shape.get('group_id'), int | str | None):
            fault = f'its group_id is {short(shape["group_id"])}.'
            raise UserError('malformed', f'{file}: shapes[{i}]', fault, _AGAIN)
    return data


def _kind(shape: dict[str, Any]) -> str:
    """Its kind: point, rectangle, or another, which is not read."""
    kind = str(shape.get('shape_type', 'polygon'))
    needed = dict(point=1, rectangle=2).get(kind, len(shape['points']))
    return kind if len(shape['points']) == needed else f'malformed {kind}'


def _add_image(builder: TagFileBuilder, data: dict[str, Any], file: str, root: str) -> None:
    """Add an image and its persons."""
    image = data.get('imagePath')
    if not isinstance(image, str) or not image.strip():
        raise UserError(
            'malformed', f'{file}: imagePath', f'{short(image)} is not a file.', _AGAIN
        )
    place = os.path.relpath(os.path.dirname(os.path.abspath(file)), os.path.abspath(root))
    name = posixpath.normpath(posixpath.join(place.replace(os.sep, '/'), image.replace('\\', '/')))
    inside(root, name, f'{file}: imagePath')
    size: Any = data.get('imageWidth'), data.get('imageHeight')
    if not all(type(side) is int for side in size):
        size = size_in(root, name, f'{file}: imagePath')
    image_id = builder.image(name, size, file)
    groups: dict[Any, list[tuple[dict[str, Any], str]]] = {}
    for i, shape in enumerate(data['shapes']):
        if _kind(shape) in ('point', 'rectangle'):
            groups.setdefault(shape.get('group_id'), []).append((shape, f'{file}: shapes[{i}]'))
        else:
            builder.left_out[f'{_kind(shape)} {shape["label"]!r}'] += 1
    for group, shapes in groups.items():
        if not any(_kind(shape) == 'point' for shape, _ in shapes):
            builder.left_out.update(f'rectangle {s["label"]!r} without points' for s, _ in shapes)
            continue
        keypoints, box = _person(builder, shapes, group)
        builder.located(image_id, keypoints, size, box)


def _person(
    builder: TagFileBuilder, shapes: Sequence[tuple[dict[str, Any], str]], group: object
) -> tuple[list[float], list[float] | None]:
    """Coordinates and box of the person of one group."""
    names = builder.names
    keypoints, box = [0.0] * (3 * len(names)), None
    remedy = 'Give the points and the rectangle of each person a group_id of their own.'
    for shape, where in shapes:
        if _kind(shape) == 'rectangle':
            if box is not None:
                fault = f'group {group!r} has two rectangles.'
                raise UserError('group', where, fault, remedy)
            (x1, y1), (x2, y2) = shape['points']
            box = parse_box([min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)], where)
            continue
        if shape['label'] not in names:
            builder.left_out[f'point {shape["label"]!r}'] += 1
            continue
        k = 3 * names.index(shape['label'])
        if keypoints[k + 2]:
            fault = f'group {group!r} has two points {shape["label"]!r}.'
            raise UserError('group', where, fault, remedy)
        flags = shape.get('flags')
        hidden = isinstance(flags, dict) and flags.get('occluded') is True
        keypoints[k : k + 3] = *map(float, shape['points'][0]), 1 if hidden else 2
    return keypoints, box
