"""Rectangles and points of Label Studio as persons, tagged views and locations.

Label Studio gives places in percent of the image; here they become pixels, rounded to a millionth.
"""

from collections.abc import Sequence
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import raise_fault, short
from lfhpe_mmpose.tags.labels import unknown_keypoint
from lfhpe_mmpose.tags.persons import parse_box

from .answers import AnswerWords
from .builder import TagFileBuilder, set_keypoints
from .label_studio_answers import OCCLUDED, REGIONS, controls_of, tags_of
from .label_studio_tasks import Annotated

VIEW = 'view'
_DRAG = 'Drag it onto its person in the region list.'


def has_regions(task: Annotated) -> bool:
    """Whether a task has rectangles or points."""
    return any(True for _ in task.results(*REGIONS))


def _label(region: dict[str, Any]) -> str:
    labels = region['value']['rectanglelabels']
    return str(labels[0]) if labels else 'person'


def _is_view(region: dict[str, Any]) -> bool:
    return _label(region).lower() == VIEW


def _rectangles(task: Annotated) -> dict[str, tuple[dict[str, Any], str]]:
    """Rectangles and their places in the file by their ids."""
    out: dict[str, tuple[dict[str, Any], str]] = {}
    for region, at in task.results('rectangle', 'rectanglelabels'):
        if region['type'] == 'rectangle':
            remedy = 'Use RectangleLabels in the labelling interface.'
            raise UserError('region', at, 'the rectangle has no label.', remedy)
        number = region.get('id')
        if not isinstance(number, str) or number in out:
            fault = f'the id {number!r} is missing or used twice.'
            raise UserError('duplicate-id', at, fault, 'Give each region an id of its own.')
        out[number] = region, at
    return out


def person_label(tasks: Sequence[Annotated]) -> str | None:
    """The only label beside ``view``; None without rectangles.

    Raises:
        UserError: 'unknown-label' if there are several.
    """
    found: str | None = None
    for task in tasks:
        for region, at in _rectangles(task).values():
            if not _is_view(region):
                found = found or _label(region)
                if found != _label(region):
                    fault = f'this rectangle is labelled {_label(region)!r}, others {found!r}.'
                    remedy = f'Export a project with one label, and {VIEW!r} for tagged views.'
                    raise UserError('unknown-label', at, fault, remedy)
    return found


def region_size(task: Annotated) -> tuple[int, int] | None:
    """Width and height of the image by its regions; None without regions.

    Raises:
        UserError: 'image-size' if a region has none or another, 'region' if it is turned.
    """
    size: tuple[int, int] | None = None
    for region, at in task.results(*REGIONS):
        width, height = region.get('original_width'), region.get('original_height')
        if type(width) is not int or type(height) is not int or min(width, height) <= 0:
            fault = f'original_width and original_height are {short(width)} and {short(height)}.'
            raise UserError('image-size', at, fault, 'Export the project as JSON.')
        if size is not None and (width, height) != size:
            fault = (
                f'the image has {width} x {height} pixels here and {size[0]} x {size[1]} before.'
            )
            raise UserError('image-size', at, fault, 'Correct one of them.')
        turned = region.get('image_rotation') or region['value'].get('rotation')
        if turned:
            fault = f'the region is turned by {turned} degrees.'
            raise UserError('region', at, fault, 'Draw it upright: boxes of a tag file are.')
        size = width, height
    return size


def _number(region: dict[str, Any], key: str, side: int, at: str) -> float:
    value = region['value'].get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 1e6:
        fault = f'{short(value)} is not a percentage of the image.'
        raise UserError('malformed', f'{at}: value.{key}', fault, 'Correct it.')
    return round(value * side / 100, 6)


def _box(region: dict[str, Any], at: str) -> list[float]:
    width, height = region['original_width'], region['original_height']
    sides = (('x', width), ('y', height), ('width', width), ('height', height))
    return parse_box([_number(region, k, s, at) for k, s in sides], f'{at}: value')


def _points(task: Annotated, parent: str | None, names: Sequence[str]) -> list[float] | None:
    """x, y and visibility of each keypoint inside a region, None if there is none."""
    out = [0.0] * (3 * len(names))
    taken: set[str] = set()
    for region, at in task.results('keypointlabels'):
        if region.get('parentID') != parent:
            continue
        name, *more = region['value']['keypointlabels'] or ['']
        if more or not name:
            fault = f'{region["value"]["keypointlabels"]!r} is not one label.'
            raise UserError('malformed', at, fault, 'Give the point one label.')
        if name not in names:
            raise_fault(unknown_keypoint(name, names), at)
        if name in taken:
            fault = f'this is a second {name} of the same person.'
            raise UserError('malformed', at, fault, 'Keep one of them.')
        taken.add(name)
        x = _number(region, 'x', region['original_width'], at)
        y = _number(region, 'y', region['original_height'], at)
        hidden = any(
            c.name == OCCLUDED and c.choices for c in controls_of(task, str(region.get('id')))
        )
        k = 3 * list(names).index(name)
        out[k : k + 3] = [x, y, 1 if hidden else 2]
    return out if taken else None


def picture_points(task: Annotated, names: Sequence[str]) -> list[float] | None:
    """x, y and visibility of the keypoints of a picture that is one person; None without points.

    Raises:
        UserError: 'region' if a point is outside all rectangles where there are rectangles.
    """
    for region, at in task.results('keypointlabels'):
        loose = region.get('parentID') is None and task.data.get('whole_person') is not True
        if loose and _rectangles(task):
            raise UserError('region', at, 'the point belongs to no person.', _DRAG)
    region_size(task)
    return _points(task, None, names)


def add_regions(
    builder: TagFileBuilder,
    task: Annotated,
    image_id: int | str,
    words: AnswerWords,
    conflicts: str,
) -> None:
    """Add the persons that were drawn as rectangles, with their views and points.

    Raises:
        UserError: If a view or a point belongs to no person, or a place is invalid.
    """
    names = builder.names
    rectangles = _rectangles(task)
    persons: dict[str, dict[str, Any]] = {}
    for number, (region, at) in rectangles.items():
        if _is_view(region):
            continue
        person = persons[number] = builder.person(image_id)
        person['bbox'] = _box(region, at)
        tags = tags_of(controls_of(task, number), names, words, conflicts)
        if tags is not None:
            person['keypoint_tags'] = tags
        points = _points(task, number, names)
        if points is not None:
            set_keypoints(person, points)
    for number, (region, at) in rectangles.items():
        if not _is_view(region):
            continue
        owner = persons.get(str(region.get('parentID')))
        if owner is None:
            raise UserError('region', at, 'the view belongs to no person.', _DRAG)
        tags = tags_of(controls_of(task, number), names, words, conflicts)
        if tags is not None:
            view = dict(bbox=_box(region, at), keypoint_tags=tags)
            owner.setdefault('tag_views', []).append(view)
    for region, at in task.results('keypointlabels'):
        parent = region.get('parentID')
        if parent is not None and parent not in persons:
            fault = f'the point belongs to {parent!r}, which is not a person.'
            raise UserError('region', at, fault, _DRAG)
