"""YOLO-pose data sets (``data.yaml`` and text files; Ultralytics, Roboflow) as located persons.

A line of a label file is a person: class, box (centre and size) and keypoints, in fractions of the
image. The label file of ``images/a.jpg`` is ``labels/a.txt``.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.tag_file import TagFile

from .answers import DEFAULT_WORDS, AnswerWords
from .builder import TagFileBuilder, check_names, nearest, parse_number
from .plan_answers import refuse_plan
from .source import missing_package, open_binary, size_in

SPLITS = ('train', 'val', 'test')


def read(
    path: str,
    names: Sequence[str] | None = None,
    plan: TagFile | None = None,
    words: AnswerWords = DEFAULT_WORDS,
    conflicts: str = 'error',
    image_root: str | None = None,
    label: str | None = None,
    split: str = 'train',
) -> TagFile:
    """Read one split of a data set.

    Args:
        image_root: The data set's folder, to which the file names are relative; by default that
            which ``data.yaml`` names, else its own.
        label: Class of the persons, if there are several.
        split: 'train', 'val' or 'test'.
    """
    del words, conflicts  # coordinates in place of answers
    refuse_plan(plan, path)
    about = _yaml(path)
    number, dim = _shape(about, path)
    root = _root(path, about, image_root)
    classes = _classes(about, path)
    wanted = _class(classes, label, path)
    names = _names(about, wanted, names, number, path)
    builder = TagFileBuilder(names, path, classes[wanted])
    for image in _images(root, about, split, path):
        name = os.path.relpath(image, root).replace(os.sep, '/')
        file = _label_file(image)
        where = f'{path}: image {name!r}'
        size = size_in(str(root), name, where)
        image_id = builder.image(name, size, where)
        lines = file.read_text(encoding='utf-8', errors='replace') if file.is_file() else ''
        for i, line in enumerate(lines.splitlines(), 1):
            if not line.strip():
                continue
            kind, box, keypoints = _person(line, number, dim, size, f'{file}: line {i}')
            if kind == wanted:
                builder.located(image_id, keypoints, size, box)
            else:
                builder.left_out[f'persons of class {classes.get(kind, kind)!r}'] += 1
    return builder.finish()


def _yaml(path: str) -> dict[str, Any]:
    try:
        import yaml
    except ImportError:
        raise missing_package(path, 'PyYAML', 'yolo', '') from None
    with open_binary(path) as file:
        try:
            about = yaml.safe_load(file)
        except (yaml.YAMLError, UnicodeError, ValueError, RecursionError) as error:
            fault = f'this is not a YAML file ({error}).'
            raise UserError(
                'damaged', path, fault, 'Give the data.yaml of the data set.'
            ) from None
    if not isinstance(about, dict):
        fault = 'the file does not describe a data set.'
        raise UserError('structure', path, fault, 'Give the data.yaml of the data set.')
    return about


def _shape(about: dict[str, Any], path: str) -> tuple[int, int]:
    """Number of keypoints, and of numbers of each."""
    shape: Any = about.get('kpt_shape')
    good = isinstance(shape, list) and len(shape) == 2 and all(type(v) is int for v in shape)
    if not good or not 0 < shape[0] < 10_000 or shape[1] not in (2, 3):
        fault = f'kpt_shape is {short(shape)}: this is not a pose data set.'
        raise UserError('structure', path, fault, 'Give [number of keypoints, 2 or 3].')
    return shape[0], shape[1]


def _classes(about: dict[str, Any], path: str) -> dict[int, str]:
    """Names of the classes by number."""
    given = about.get('names')
    classes: Any = dict(enumerate(given)) if isinstance(given, list) else given
    good = isinstance(classes, dict) and classes and all(type(k) is int for k in classes)
    if not good:
        fault = f'names is {short(given)}.'
        raise UserError('structure', path, fault, 'Give the names of the classes.')
    return {k: str(v) for k, v in classes.items()}


def _class(classes: dict[int, str], label: str | None, path: str) -> int:
    """The number of the class of the persons."""
    found = [k for k, name in classes.items() if label in (None, name)]
    if len(found) == 1:
        return found[0]
    known = ', '.join(classes.values())
    if label is not None:
        fault = f'no class is called {label!r}.{nearest(label, classes.values())}'
        raise UserError('unknown-label', path, fault, f'The classes are {known}.')
    remedy = f'Choose that of the persons with --label: {known}.'
    raise UserError('several-labels', path, 'the data set has several classes.', remedy)


def _names(
    about: dict[str, Any], wanted: int, given: Sequence[str] | None, number: int, path: str
) -> list[str]:
    """The names of the keypoints: of the user, or of the file, if it has them."""
    own = about.get('kpt_names', about.get('node_names'))  # of Ultralytics, of sleap-io
    own = own.get(wanted) if isinstance(own, dict) else own
    names = list(given) if given is not None else own
    if not isinstance(names, list):
        fault = f'the file does not name its {number} keypoints.'
        remedy = 'Name them in their order with --keypoints a,b,c, or with --metainfo coco.'
        raise UserError('no-keypoints', path, fault, remedy)
    if len(names) != number:
        fault = f'there are {len(names)} names for {number} keypoints.'
        raise UserError('keypoint-names', path, fault, 'Name each of them.')
    return check_names([str(name) for name in names], path)


def _root(path: str, about: dict[str, Any], image_root: str | None) -> Path:
    """The folder of the data set."""
    own = Path(os.path.abspath(path)).parent
    given = about.get('path')
    found = own / given if isinstance(given, str) else own
    return Path(image_root or (found if found.is_dir() else own))


def _images(root: Path, about: dict[str, Any], split: str, path: str) -> list[Path]:
    """The images of a split, sorted."""
    from lfhpe_mmpose.files.image_folders import ENDINGS
    from lfhpe_mmpose.files.paths import inside

    entries = about.get('val', about.get('valid')) if split == 'val' else about.get(split)
    entries = entries if isinstance(entries, list) else [entries]
    found: list[Path] = []
    for entry in entries:
        if not isinstance(entry, str):
            fault = f'the split {split!r} is {short(entry)}.'
            raise UserError('structure', path, fault, f'Give one of {", ".join(SPLITS)}.')
        # Roboflow writes ../train/images, which is beside data.yaml and not above it.
        plain = entry if (root / entry).exists() else entry.removeprefix('../')
        place = inside(root, os.path.relpath(plain, root) if os.path.isabs(plain) else plain, path)
        if place.is_dir():
            found += [p for p in place.rglob('*') if p.name.lower().endswith(ENDINGS)]
        elif place.is_file() and place.suffix == '.txt':
            for line in place.read_text(encoding='utf-8', errors='replace').splitlines():
                if line.strip():
                    found.append(inside(root, os.path.normpath(line.strip()), str(place)))
        else:
            fault = f'{place} does not exist.'
            raise UserError('folder-missing', path, fault, "Give the data set's folder.")
    return sorted(set(found))


def _label_file(image: Path) -> Path:
    """The label file of an image: its last folder ``images`` becomes ``labels``."""
    parts = list(image.with_suffix('.txt').parts)
    places = [i for i, part in enumerate(parts[:-1]) if part == 'images']
    if places:
        parts[places[-1]] = 'labels'
    return Path(*parts)


def _person(
    line: str, number: int, dim: int, size: tuple[int, int], where: str
) -> tuple[int, list[float], list[float]]:
    """Class, box and keypoints of a line, in pixels."""
    values = [parse_number(text, where) for text in line.split()]
    if len(values) != 5 + dim * number:
        fault = f'{len(values)} numbers in place of {5 + dim * number}.'
        remedy = f'Give class, box, and {dim} numbers for each of {number} keypoints.'
        raise UserError('keypoint-count', where, fault, remedy)
    kind, (cx, cy, w, h) = values[0], values[1:5]
    flags = values[7::3] if dim == 3 else []
    places = [v for k, v in enumerate(values[5:]) if k % dim < 2 and (dim == 2 or flags[k // dim])]
    if kind % 1 or min(w, h) <= 0 or max(map(abs, (cx, cy, w, h, *places))) > 2:
        fault = 'the class is not a whole number, or a place is not a fraction of the image.'
        raise UserError('malformed', where, fault, 'Write fractions from 0 to 1.')
    box = [(cx - w / 2) * size[0], (cy - h / 2) * size[1], w * size[0], h * size[1]]
    keypoints: list[float] = []
    for k in range(number):
        x, y = values[5 + dim * k : 7 + dim * k]
        flag = flags[k] if dim == 3 else 2.0 * bool(x or y)
        if flag not in (0, 1, 2):
            fault = f'{flag:g} is not a visibility.'
            raise UserError('visibility', where, fault, 'Write 0, 1 or 2.')
        keypoints += [x * size[0], y * size[1], int(flag)] if flag else [0, 0, 0]
    return int(kind), box, keypoints
