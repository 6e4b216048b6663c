"""Which program wrote a file, by its marks: to name the way when it is read as another format."""

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

_HEAD = 1 << 16


class Program(NamedTuple):
    """A program, and how its labels come into a tag file.

    Attributes:
        name: Its name.
        kinds: Formats of `lfhpe import` that read the file.
        remedy: What to do.
    """

    name: str
    kinds: tuple[str, ...]
    remedy: str


def _read_by(name: str, *kinds: str) -> Program:
    return Program(name, kinds, f'Run `lfhpe import {kinds[0]}` on it.')


_DEEPLABCUT = _read_by('DeepLabCut', 'deeplabcut')
_LABELME = _read_by('LabelMe', 'labelme')
_TABLE = 'Write a CSV table of it (see docs/import-export.md), and run `lfhpe import table`.'
_VIA = Program('the VGG Image Annotator', (), _TABLE)
_PREDICTIONS = Program(
    'DeepLabCut or Lightning Pose (predictions)', (), 'Give labels (CollectedData) instead.'
)
# The beginning of a text, without spaces, and the program.
_TEXTS: tuple[tuple[str, Program], ...] = (
    (r'scorer[,;](.*\n){2,3}coords[,;].*likelihood', _PREDICTIONS),
    (r'scorer[,;].*\n(individuals|bodyparts)[,;]', _DEEPLABCUT),
    (r'#?filename[,;]file_size[,;]file_attributes', _VIA),
    (r'<\?xml.*<annotation>.*<object>', Program('Pascal VOC', (), _TABLE)),
    (r'<\?xml.*<annotations>', _read_by('CVAT', 'cvat')),
    (r'[\s\S]*^\s*kpt_shape\s*:', _read_by('YOLO', 'yolo')),
)
# Entries of a JSON object, or of the first of a list, and the program.
_ENTRIES: tuple[tuple[set[str], Program], ...] = (
    ({'shapes', 'imagePath'}, _LABELME),
    ({'_via_img_metadata'}, _VIA),
    ({'regions', 'filename'}, _VIA),
    ({'annotations', 'images', 'categories'}, _read_by('COCO', 'coco', 'cvat')),
    ({'annotations', 'data'}, _read_by('Label Studio', 'label-studio')),
    ({'annotation_id', 'image'}, _read_by('Label Studio', 'label-studio')),
    ({'instance_info', 'meta_info'}, Program('MMPose (predictions)', (), _TABLE)),
)


def program_of(path: str) -> Program | None:
    """Recognise the program that wrote a file or a folder; None if it is unknown."""
    if os.path.isdir(path):
        if any(Path(path).rglob('CollectedData_*.csv')):
            return _DEEPLABCUT
        return next((_LABELME for file in Path(path).glob('*.json') if _is_labelme(file)), None)
    try:
        with open(path, 'rb') as file:
            head = file.read(_HEAD)
    except OSError:
        return None
    if head.startswith(b'\x89HDF'):
        return _read_by('SLEAP', 'sleap') if path.endswith('.slp') else _DEEPLABCUT
    text = head.decode('utf-8-sig', errors='replace').lstrip()
    if text[:1] in ('{', '['):
        return _of_json(path)
    for mark, program in _TEXTS:
        if re.match(mark, text, re.DOTALL if text.startswith('<') else re.MULTILINE):
            return program
    return None


def _is_labelme(path: Path) -> bool:
    return _of_json(str(path)) is _LABELME


def _of_json(path: str) -> Program | None:
    try:
        with open(path, 'rb') as file:
            data = json.load(file)
    except (OSError, ValueError, RecursionError):
        return None
    first = data[0] if isinstance(data, list) and data else data
    keys = set(first) if isinstance(first, dict) else set()
    if isinstance(first, dict) and keys and all(isinstance(v, dict) for v in first.values()):
        keys |= set(next(iter(first.values())))  # VIA has an object for each file
    return next((program for marks, program in _ENTRIES if marks <= keys), None)
