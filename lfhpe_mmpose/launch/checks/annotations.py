"""Checks of annotation files. No coordinate of a keypoint is read here."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.entries import image_faults, person_faults
from lfhpe_mmpose.tags.faults import Fault
from lfhpe_mmpose.tags.labels import box_faults
from lfhpe_mmpose.tags.tag_file import read_json as read_json_file
from lfhpe_mmpose.tags.tag_file import tag_file_from

from .report import at, problem


@dataclass
class Annotations:
    """A COCO-style file.

    Attributes:
        path: The file.
        data: Its content.
        persons: Index and annotation of each person that a top-down data set uses: with a box
            and a visible keypoint, or in a tag file with a visible keypoint, tags or views.
    """

    path: str
    data: dict[str, Any]
    persons: list[tuple[int, dict[str, Any]]]


def read_json(path: str, entry: str) -> tuple[Any, list[UserError]]:
    """Read the JSON file that an entry of the config names; None and a problem if it fails."""
    if not Path(path).is_file():
        state = 'is a folder' if Path(path).is_dir() else 'does not exist'
        remedy = (
            f'Correct the entry or data_root (relative paths start at {Path.cwd()}), or put the '
            'file there.'
        )
        return None, [problem('file-missing', f'{entry} = {path}', f'The file {state}.', remedy)]
    try:
        return read_json_file(path), []
    except UserError as error:
        return None, [at(error, entry)]


def check_coco(
    data: Any, path: str, entry: str, tagged: bool = False
) -> tuple[Annotations | None, list[UserError]]:
    """Check that a file is COCO-style and has persons to use.

    Args:
        data: The content of the file.
        path: The file.
        entry: The entry of the config that names it.
        tagged: Whether the data set takes tags in place of keypoints.

    Returns:
        The annotations and the problems. The annotations are None if their structure does not
        allow further checks.
    """
    place = f'{entry} = {path}'
    try:
        tag_file_from(data, path)
    except UserError as error:
        return None, [at(error, entry)]
    empty = [repr(key) for key in ('images', 'annotations') if not data[key]]
    if empty:
        fault = f'The file has no {" and no ".join(empty)}.'
        return None, [problem('no-persons', place, fault, 'Give a file with annotated persons.')]
    wrong = [(_where('images', i, x), f) for i, x in enumerate(data['images'])
             for f in image_faults(x)]  # fmt: skip
    wrong += [(_where('annotations', i, x), f) for i, x in enumerate(data['annotations'])
              for f in person_faults(x)]  # fmt: skip
    if wrong:
        return None, group_faults(wrong, place)
    persons = [(i, a) for i, a in enumerate(data['annotations']) if _is_used(a, tagged)]
    if not persons:
        return None, [_no_persons(data, place, tagged)]
    annotations = Annotations(path, data, persons)
    checked = list(enumerate(data['annotations'])) if tagged else persons
    return annotations, [
        *_check_ids(data, checked, place, tagged),
        *_check_boxes(data, checked, place),
    ]


def group_faults(faults: Iterable[tuple[str, Fault]], place: str) -> list[UserError]:
    """Turn faults of entries into one problem for each code."""
    by_code: dict[str, list[tuple[str, Fault]]] = defaultdict(list)
    for where, fault in faults:
        by_code[fault.code].append((where, fault))
    return [
        problem(
            code,
            place,
            f'{len(found)} entries are invalid.' if len(found) > 1 else 'An entry is invalid.',
            f'{found[0][1].remedy} `lfhpe check` lists all faults of a file.',
            [f'{where}{fault.at}: {fault.text}' for where, fault in found],
        )
        for code, found in by_code.items()
    ]


def _where(part: str, index: int, entry: Mapping[str, Any]) -> str:
    return f'{part}[{index}] (id {entry.get("id")})'


def _is_used(annotation: Mapping[str, Any], tagged: bool) -> bool:
    """Whether a top-down data set uses the annotation, by its visibility flags alone."""
    if annotation.get('iscrowd'):
        return False
    keypoints = annotation.get('keypoints')
    flags = keypoints[2::3] if isinstance(keypoints, list) else []
    visible = any(isinstance(v, int | float) and v > 0 for v in flags)
    if tagged:
        return visible or annotation.get('keypoint_tags') is not None or bool(
            annotation.get('tag_views')
        )  # fmt: skip
    if 'bbox' not in annotation or 'keypoints' not in annotation:
        return False
    if 'num_keypoints' in annotation:
        return bool(annotation['num_keypoints'])
    return visible or not isinstance(keypoints, list)  # the keypoint count is checked elsewhere


def _no_persons(data: Mapping[str, Any], place: str, tagged: bool) -> UserError:
    needed = 'a visible keypoint, tags or tagged views'
    remedy = 'Give a file with annotated persons.'
    if not tagged:
        needed = 'a bbox and a visible keypoint'
        if any('keypoint_tags' in a for a in data['annotations']):
            remedy = "It is a tag file: use the data set type 'TaggedCocoDataset'."
    fault = f'None of the {len(data["annotations"])} annotations has {needed} and is no crowd.'
    return problem('no-persons', place, fault, remedy)


def _check_ids(
    data: Mapping[str, Any], checked: list[tuple[int, dict[str, Any]]], place: str, tagged: bool
) -> list[UserError]:
    out = []
    for part in ('annotations', 'images'):
        twice = [i for i, n in Counter(x['id'] for x in data[part]).items() if n > 1]
        if twice:
            fault = f'{len(twice)} ids occur more than once in {part!r}.'
            remedy = 'Give every entry an id of its own.'
            out.append(problem('duplicate-id', place, fault, remedy, [f'id {i}' for i in twice]))
    # MMPose's data sets leave the other categories out.
    for what, part in (('image', 'images'), *([('category', 'categories')] if tagged else [])):
        known = {entry['id'] for entry in data[part]}
        lost = [
            f'{_where("annotations", i, a)}: {what}_id {a[f"{what}_id"]!r}'
            for i, a in checked
            if a[f'{what}_id'] not in known
        ]
        if lost:
            fault = f'{len(lost)} persons have an id that is not in {part!r}.'
            remedy = f'Add the {part}, or remove these annotations.'
            out.append(problem(f'unknown-{what}', place, fault, remedy, lost))
    return out


def _check_boxes(
    data: Mapping[str, Any], checked: list[tuple[int, dict[str, Any]]], place: str
) -> list[UserError]:
    sizes = {x['id']: (x['width'], x['height']) for x in data['images']}
    wrong = []
    for i, annotation in checked:
        if 'bbox' in annotation:  # without one the person fills the image
            box = annotation['bbox']
            faults = list(box_faults(box)) or outside_faults(
                box, sizes.get(annotation['image_id'])
            )
            wrong += [(f'annotations[{i}].bbox (id {annotation["id"]})', f) for f in faults]
    return group_faults(wrong, place)


def outside_faults(box: list[float], size: tuple[float, float] | None) -> list[Fault]:
    """Faults of a valid box that lies outside of an image of a size (width, height)."""
    if size is None:
        return []
    x, y, width, height = box
    if x + width > 0 and y + height > 0 and x < size[0] and y < size[1]:
        return []
    text = f'{box} lies outside the image of {size[0]}x{size[1]}'
    return [Fault('box-outside', '', text, 'Correct these boxes, or remove the annotations.')]
