"""A small valid tag file, and what a check finds in a changed one."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lfhpe_mmpose.annotation.check import CheckOptions, Report, check_tag_file

NAMES = ['nose', 'left_wrist', 'right_wrist']


def good() -> dict[str, Any]:
    """A valid file: a tagged person, views, a located person, a crowd."""
    return copy.deepcopy(_GOOD)


_GOOD: dict[str, Any] = {
    'info': {'tag_format': '1.0', 'answer_error': 0.02},
    'annotations': [
        {
            'id': 11,
            'image_id': 1,
            'category_id': 1,
            'bbox': [10, 20, 100, 300],
            'keypoint_tags': {'nose': 1, 'left_wrist': 0},
            'answer_error': 0.1,
        },
        {
            'id': 12,
            'image_id': 1,
            'category_id': 1,
            'bbox': [200, 20, 100.5, 300],
            'keypoint_tags': [1, 1, -1],
            'tag_views': [
                {'bbox': [200, 20, 100, 120], 'keypoint_tags': [1, 0, 0]},
                {'bbox': [200, 140, 100, 120], 'keypoint_tags': {'left_wrist': 1, 'nose': 0}},
            ],
        },
        {
            'id': 13,
            'image_id': 'second',
            'category_id': 1,
            'num_keypoints': 2,
            'area': 500.5,
            'keypoints': [40, 50, 2, 36.5, 17, 1, 0, 0, 0],
        },
        {'id': 14, 'image_id': 1, 'category_id': 1, 'keypoint_tags': [0, 0, 1]},
        {'id': 15, 'image_id': 1, 'category_id': 1, 'iscrowd': 1, 'keypoints': [0] * 9},
    ],
    'images': [
        {'id': 1, 'file_name': 'a/1.jpg', 'width': 640, 'height': 480},
        {'id': 'second', 'file_name': 'a/2.jpg', 'width': 64, 'height': 60},
    ],
    'categories': [{'id': 1, 'name': 'person', 'keypoints': NAMES, 'skeleton': [[1, 2], [1, 3]]}],
}


def check(folder: Path, data: Any, **options) -> Report:
    """Write a file (bytes, text, or a value as JSON) and check it."""
    path = folder / 'tags.json'
    if isinstance(data, bytes):
        path.write_bytes(data)
    else:
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding='utf-8')
    return check_tag_file(path, CheckOptions(**options))


def found(report: Report) -> dict[str, tuple[int, list[str]]]:
    """Code, count and places of all that was found."""
    kinds = [*report.findings.of('error'), *report.findings.of('warning')]
    return {f.kind.code: (f.count, [e.place for e in f.entries]) for f in kinds}


def faults(report: Report) -> list[str]:
    """The sentences of all that was found."""
    kinds = [*report.findings.of('error'), *report.findings.of('warning')]
    return [str(entry) for f in kinds for entry in f.entries]


def put(part: str, index: int, **values) -> Callable[[dict], Any]:
    """A change of an entry of a list; KeyError removes a key."""

    def change(data):
        entry = data[part][index]
        entry.update(values)
        for key in [k for k, v in values.items() if v is KeyError]:
            del entry[key]

    return change


def add(part: str, value: Any, **values) -> Callable[[dict], Any]:
    """One more entry of a list; of an index a changed copy of that entry."""

    def change(data):
        new = dict(data[part][value], **values) if values else value
        data[part].append(new)

    return change


def one(folder: Path, change: Callable[[dict], Any], **options) -> tuple[str, str]:
    """Change the good file, and expect exactly one fault: its code and place."""
    data = good()
    change(data)
    result = found(check(folder, data, **options))
    assert [(count, len(places)) for count, places in result.values()] == [(1, 1)], result
    ((code, (_, places)),) = result.items()
    return code, places[0]
