"""Rectangles and points of Label Studio as persons, tagged views and locations.

Places are percent of the image there, and pixels here, rounded to a millionth of a pixel.
"""

from collections.abc import Sequence
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import parse_box
from lfhpe_mmpose.tags.entries import raise_fault, unknown_keypoint

from .answers import AnswerWords
from .builder import TagFileBuilder
from .label_studio_answers import OCCLUDED, controls_of, tags_of
from .label_studio_tasks import Annotated

VIEW = 'view'
_KINDS = ('rectanglelabels', 'rectangle', 'keypointlabels')


def has_regions(task: Annotated) -> bool:
    """Whether a task has rectangles or points."""
    return any(r.get('type') in _KINDS for r in task.result)


def _label(region: dict) -> str:
    labels = region['value'].get('rectanglelabels')
    return labels[0] if isinstance(labels, list) and labels else 'person'


def _rectangles(task: Annotated) -> dict[str, tuple[dict, str]]:
    """Rectangles and places in the file by their ids."""
    out: dict[str, tuple[dict, str]] = {}
    for i, region in enumerate(task.result):
        if region.get('type') == 'rectangle':
            raise UserError(
                f'{task.where}: result[{i}] is a rectangle without a label. Use '
                'RectangleLabels in the labelling interface.'
            )
        if region.get('type') != 'rectanglelabels':
            continue
        number, at = region.get('id'), f'{task.where}: result[{i}]'
        if not isinstance(number, str) or number in out:
            raise UserError(f'{at}.id is {number!r}; each region needs an id of its own.')
        out[number] = region, at
    return out


def person_label(tasks: Sequence[Annotated]) -> str | None:
    """The label of the persons.

    Args:
        tasks (Sequence[Annotated]): All tasks.

    Returns:
        str | None: The only label beside ``view``; None without rectangles.

    Raises:
        UserError: If there are several.
    """
    found: dict[str, str] = {}
    for task in tasks:
        for region, at in _rectangles(task).values():
            if _label(region).lower() != VIEW:
                found.setdefault(_label(region), at)
    if len(found) > 1:
        (one, _), (other, at) = list(found.items())[:2]
        raise UserError(
            f'{at}: a rectangle is labelled {other!r}, others {one!r}. A tag file holds one kind; '
            f'export a project with one label, and {VIEW!r} for tagged views.'
        )
    return next(iter(found), None)


def region_size(task: Annotated) -> tuple[int, int] | None:
    """Size of the image as its regions have it.

    Args:
        task (Annotated): A task.

    Returns:
        tuple[int, int] | None: Width and height in pixels; None without regions.

    Raises:
        UserError: If a region does not tell it, or they differ.
    """
    size = None
    for i, region in enumerate(task.result):
        if region.get('type') not in _KINDS:
            continue
        at = f'{task.where}: result[{i}]'
        this = region.get('original_width'), region.get('original_height')
        if not all(isinstance(v, int) and not isinstance(v, bool) and v > 0 for v in this):
            raise UserError(f'{at}: original_width, original_height are {this}, no image size.')
        if size is not None and this != size:
            raise UserError(f'{at}: the image is {this} pixels here and {size} before.')
        turned = region.get('image_rotation') or region['value'].get('rotation')
        if turned:
            raise UserError(
                f'{at}: is turned by {turned} degrees. Draw it upright; a tag file has no turned '
                'boxes.'
            )
        size = this
    return size  # type: ignore[return-value]


def _number(region: dict, key: str, side: int, at: str) -> float:
    value = region['value'].get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 1e6:
        raise UserError(f'{at}.value.{key} is {value!r}, no percent of the image.')
    return round(value * side / 100, 6)


def _box(region: dict, at: str) -> list[float]:
    width, height = region['original_width'], region['original_height']
    sides = (('x', width), ('y', height), ('width', width), ('height', height))
    return parse_box([_number(region, k, s, at) for k, s in sides], f'{at}.value')


def _points(task: Annotated, parent: str | None, names: Sequence[str]) -> list[float] | None:
    """x, y, v of each keypoint inside a region, None if there is none."""
    out = [0.0] * (3 * len(names))
    seen: set[str] = set()
    for i, region in enumerate(task.result):
        if region.get('type') != 'keypointlabels' or region.get('parentID') != parent:
            continue
        at = f'{task.where}: result[{i}]'
        labels = region['value'].get('keypointlabels')
        if not isinstance(labels, list) or len(labels) != 1:
            raise UserError(f'{at}.value.keypointlabels is {labels!r}; a point has one label.')
        name = labels[0]
        if name not in names:
            raise_fault(unknown_keypoint(name, names), at)
        if name in seen:
            raise UserError(f'{at}: a second {name} of the same person. Keep one of them.')
        seen.add(name)
        x = _number(region, 'x', region['original_width'], at)
        y = _number(region, 'y', region['original_height'], at)
        hidden = any(
            c.name == OCCLUDED and c.choices for c in controls_of(task, str(region.get('id')))
        )
        k = 3 * names.index(name)
        out[k : k + 3] = [x, y, 1 if hidden else 2]
    return out if seen else None


def picture_points(task: Annotated, names: Sequence[str]) -> list[float] | None:
    """Points of a picture that is one person.

    Args:
        task (Annotated): The task.
        names (Sequence[str]): Names of the K keypoints.

    Returns:
        list[float] | None: x, y, v of each keypoint, v 2 or 1 (occluded); None without points.

    Raises:
        UserError: If points lie in no rectangle where there are rectangles.
    """
    loose = [i for i, r in enumerate(task.result) if r.get('type') == 'keypointlabels']
    loose = [i for i in loose if task.result[i].get('parentID') is None]
    whole = task.data.get('whole_person') is True
    if loose and _rectangles(task) and not whole:
        raise UserError(
            f'{task.where}: result[{loose[0]}] is a point of no person. Drag it onto its '
            'rectangle in the region list.'
        )
    region_size(task)
    return _points(task, None, names)


def add_regions(
    builder: TagFileBuilder,
    task: Annotated,
    image_id: int | str,
    names: Sequence[str],
    words: AnswerWords,
) -> None:
    """Add the persons that were drawn as rectangles.

    Args:
        builder (TagFileBuilder): Takes them.
        task (Annotated): The task.
        image_id (int | str): Id of its image.
        names (Sequence[str]): Names of the K keypoints.
        words (AnswerWords): Which words mean what.

    Raises:
        UserError: If a view or a point is no person's, or a place is none.
    """
    rectangles = _rectangles(task)
    persons: dict[str, dict[str, Any]] = {}
    for number, (region, at) in rectangles.items():
        if _label(region).lower() == VIEW:
            continue
        person = persons[number] = builder.person(image_id)
        person['bbox'] = _box(region, at)
        tags = tags_of(controls_of(task, number), names, words)
        if tags is not None:
            person['keypoint_tags'] = tags
        points = _points(task, number, names)
        if points is not None:
            person['keypoints'] = points
            person['num_keypoints'] = sum(flag > 0 for flag in points[2::3])
    for number, (region, at) in rectangles.items():
        if _label(region).lower() != VIEW:
            continue
        owner = persons.get(str(region.get('parentID')))
        if owner is None:
            raise UserError(
                f'{at}: a view of no person. Drag it onto its person in the region list.'
            )
        tags = tags_of(controls_of(task, number), names, words)
        if tags is not None:
            view = dict(bbox=_box(region, at), keypoint_tags=tags)
            owner.setdefault('tag_views', []).append(view)
    for i, region in enumerate(task.result):
        parent = region.get('parentID')
        if region.get('type') == 'keypointlabels' and parent is not None and parent not in persons:
            raise UserError(
                f'{task.where}: result[{i}] is a point of {parent!r}, which is no person. Drag it '
                'onto its rectangle in the region list.'
            )
