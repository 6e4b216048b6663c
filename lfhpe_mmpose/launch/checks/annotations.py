"""Checks of annotation files. No coordinate of a keypoint is read here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.entries import image_faults, person_faults
from lfhpe_mmpose.tags.faults import Fault
from lfhpe_mmpose.tags.file_faults import doubles, entry_place, unknown_id
from lfhpe_mmpose.tags.labels import box_faults, keypoints_faults
from lfhpe_mmpose.tags.persons import has_coordinate, has_labels
from lfhpe_mmpose.tags.tag_file import TagFile, tag_file_from
from lfhpe_mmpose.tags.tag_file import read_json as read_json_file

from .report import at, problem


@dataclass
class Annotations:
    """A COCO-style file.

    Attributes:
        path: The file.
        tags: Its content.
        persons: Index and annotation of each person that a top-down data set uses: with a box
            and a visible keypoint, or in a tag file with a visible keypoint, tags or views.
    """

    path: str
    tags: TagFile
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
        The annotations and the problems; None if there is nothing to check further.
    """
    place = f'{entry} = {path}'
    try:
        tags = tag_file_from(data, path)
    except UserError as error:
        return None, [at(error, entry)]
    empty = [repr(key) for key in ('images', 'annotations') if not data[key]]
    if empty:
        fault = f'The file has no {" and no ".join(empty)}.'
        return None, [problem('no-persons', place, fault, 'Give a file with annotated persons.')]
    persons = [(i, a) for i, a in enumerate(tags.annotations) if _is_used(a, tagged)]
    if not persons:
        return None, [_no_persons(data, place, tagged)]
    return Annotations(path, tags, persons), []


def coco_faults(
    annotations: Annotations, names: Sequence[str] = ()
) -> Iterator[tuple[str, Fault]]:
    """Faults of a file that one of MMPose's data sets reads, each with the place of its entry.

    These data sets leave out the persons that are not used, and do not look at the categories.
    The rules of a tag file are those of ``lfhpe_mmpose.tags.file_faults``.

    Args:
        annotations: The file.
        names: The keypoints, whose number is checked. Defaults to none: it is not known.
    """
    tags = annotations.tags
    for i, image in enumerate(tags.images):
        yield from ((entry_place('images', i, image), fault) for fault in image_faults(image))
    for i, person in enumerate(tags.annotations):
        where = entry_place('annotations', i, person)
        yield from ((where, fault) for fault in person_faults(person))
    yield from doubles(tags, 'images', 'annotations')
    images = {image['id'] for image in tags.images}
    for i, person in annotations.persons:
        where = entry_place('annotations', i, person)
        faults = [*unknown_id(person, 'image', images)]
        if 'bbox' in person:  # without one the person fills the image
            faults += [fault._replace(at='.bbox') for fault in box_faults(person['bbox'])]
        if names:
            counted = keypoints_faults(person['keypoints'], names)
            faults += [fault for fault in counted if fault.code == 'keypoint-count']
        yield from ((where, fault) for fault in faults)


def outside_faults(annotations: Annotations) -> Iterator[tuple[str, Fault]]:
    """Faults of boxes that lie outside of their images, each with the place of its entry."""
    sizes = {image['id']: (image['width'], image['height']) for image in annotations.tags.images}
    for i, person in annotations.persons:
        size, box = sizes.get(person['image_id']), person.get('bbox')
        if size is None or box is None or any(box_faults(box)):
            continue
        x, y, width, height = box
        if x + width <= 0 or y + height <= 0 or x >= size[0] or y >= size[1]:
            text = f'{box} lies outside the image of {size[0]}x{size[1]}'
            remedy = 'Correct these boxes, or remove the annotations.'
            where = entry_place('annotations', i, person)
            yield where, Fault('box-outside', '.bbox', text, remedy)


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


def _is_used(annotation: Mapping[str, Any], tagged: bool) -> bool:
    """Whether a top-down data set uses the annotation, by its visibility flags alone."""
    if tagged:
        return has_labels(annotation)
    if annotation.get('iscrowd') or not {'bbox', 'keypoints'} <= annotation.keys():
        return False
    if 'num_keypoints' in annotation:
        return bool(annotation['num_keypoints'])
    # The number of keypoints is checked elsewhere.
    return not isinstance(annotation['keypoints'], list) or has_coordinate(annotation)


def _no_persons(data: Mapping[str, Any], place: str, tagged: bool) -> UserError:
    needed = 'a visible keypoint, tags or tagged views'
    remedy = 'Give a file with annotated persons.'
    if not tagged:
        needed = 'a bbox and a visible keypoint'
        if any('keypoint_tags' in a for a in data['annotations']):
            remedy = "It is a tag file: use the data set type 'TaggedCocoDataset'."
    fault = f'None of the {len(data["annotations"])} annotations has {needed} and is no crowd.'
    return problem('no-persons', place, fault, remedy)
