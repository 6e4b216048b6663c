"""A tag file as Label Studio's tasks, with annotations or with predictions to correct."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_json
from lfhpe_mmpose.tags.entries import image_faults
from lfhpe_mmpose.tags.faults import raise_first, short
from lfhpe_mmpose.tags.file_faults import persons_with_images
from lfhpe_mmpose.tags.labels import keypoints_faults
from lfhpe_mmpose.tags.persons import parse_box, person_tags, person_views
from lfhpe_mmpose.tags.tag_file import TagFile
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN

from .label_studio_answers import OCCLUDED
from .label_studio_regions import VIEW

WORDS = {SEEN: 'visible', ABSENT: 'not visible', UNKNOWN: 'cannot tell'}
TO_NAME, BOXES, POINTS = 'picture', 'person', 'location'
PREFIX = '/data/local-files/?d='


def write(
    tags: TagFile,
    path: str,
    keypoints: bool = False,
    prefix: str = PREFIX,
    model_version: str | None = None,
) -> None:
    """Write one task for each image; ``read`` reads them again.

    Args:
        tags: The tag file. Ids of persons are not kept.
        path: The file to write.
        keypoints: Whether to write coordinates.
        prefix: Prefix of the images' addresses.
        model_version: Name of the model that made the tags; predictions are written in place of
            annotations, with the mean ``score`` of the persons.

    Raises:
        UserError: If a person is malformed.
    """
    tasks: dict[Any, dict[str, Any]] = {}
    scores: dict[Any, list[float]] = {}
    for annotation, image, where in persons_with_images(tags):
        task = tasks.setdefault(image['id'], _task(image, prefix, where))
        names = tags.names(annotation.get('category_id'))
        _add_person(task, annotation, names, image, where, keypoints)
        scores.setdefault(image['id'], []).append(float(annotation.get('score', 1.0)))
    for key, task in tasks.items():
        result = task.pop('result')
        if model_version is None:
            task['annotations'] = [dict(result=result, was_cancelled=False)]
        else:
            score = round(sum(scores[key]) / len(scores[key]), 4)
            task['predictions'] = [dict(model_version=model_version, score=score, result=result)]
    save_json(list(tasks.values()), path)


def save_json(tasks: Sequence[Mapping[str, Any]], path: str) -> None:
    """Write Label Studio's tasks."""
    try:
        write_json(path, tasks, ensure_ascii=False, indent=1, allow_nan=False)
    except UnicodeEncodeError:  # half a character, which only an escape can hold
        write_json(path, tasks, indent=1, allow_nan=False)


def choice(name: str, tag: int, number: str) -> dict[str, Any]:
    """The answer ``tag`` about a picture, as a result of Label Studio with the id ``number``."""
    value = dict(choices=[WORDS[tag]])
    return dict(id=number, type='choices', from_name=name, to_name=TO_NAME, value=value)


def _task(image: Mapping[str, Any], prefix: str, where: str) -> dict[str, Any]:
    raise_first(image_faults(image), f'{where}: image {image["id"]!r}')
    try:
        address = prefix + quote(str(image['file_name']))
    except UnicodeEncodeError:
        fault = f'{short(image["file_name"])} is not valid Unicode, so an address cannot hold it.'
        raise UserError('malformed', where, fault, 'Rename the file.') from None
    data = dict(image=address, image_id=image['id'], width=image['width'], height=image['height'])
    return dict(data=data, result=[])


def _add_person(
    task: dict[str, Any],
    annotation: Mapping[str, Any],
    names: Sequence[str],
    image: Mapping[str, Any],
    where: str,
    keypoints: bool,
) -> None:
    result = task['result']
    person = f'p{len(result)}'
    size = dict(original_width=image['width'], original_height=image['height'], image_rotation=0)
    tags = person_tags(annotation, names, where)
    views = person_views(annotation, names, where)
    points = annotation.get('keypoints') if keypoints else None
    box = annotation.get('bbox')
    if box is None and (views or task['data'].get('whole_person')):
        # Only a rectangle can have views, and only one person of an image can do without.
        box = [0, 0, image['width'], image['height']]
    if box is None:
        task['data']['whole_person'] = True
        for name, tag in zip(names, tags or []):
            result.append(choice(name, tag, f'{person}-{name}'))
    else:
        _add_rectangle(result, person, parse_box(box, f'{where}.bbox'), 'person', size)
        _add_choices(result, names, tags or [])
    for v, (window, view_tags) in enumerate(views, 1):
        _add_rectangle(result, f'{person}-v{v}', window, VIEW, size, person)
        _add_choices(result, names, view_tags)
    if points is not None:
        raise_first(keypoints_faults(points, names), where)
        for k, name in enumerate(names):
            parent = None if box is None else person
            _add_point(result, f'{person}-{name}-at', parent, name, points[3 * k :], size)


def _add_rectangle(
    result: list[dict[str, Any]],
    number: str,
    box: Sequence[float],
    label: str,
    size: dict[str, Any],
    parent: str | None = None,
) -> None:
    width, height = size['original_width'], size['original_height']
    value = dict(
        x=100 * box[0] / width,
        y=100 * box[1] / height,
        width=100 * box[2] / width,
        height=100 * box[3] / height,
        rotation=0,
        rectanglelabels=[label],
    )
    entry = dict(id=number, type='rectanglelabels', from_name=BOXES, to_name=TO_NAME)
    below = {} if parent is None else dict(parentID=parent)
    result.append({**entry, **size, 'value': value, **below})


def _add_choices(result: list[dict[str, Any]], names: Sequence[str], tags: Sequence[int]) -> None:
    """Answers about the last region: choices that have its id and repeat its place."""
    region = result[-1]
    keys = ('original_width', 'original_height', 'image_rotation')
    size = {k: region[k] for k in keys}
    for name, tag in zip(names, tags):
        place = {k: region['value'][k] for k in ('x', 'y', 'width', 'height', 'rotation')}
        about = dict(id=region['id'], type='choices', from_name=name, to_name=TO_NAME)
        result.append({**about, **size, 'value': {**place, 'choices': [WORDS[tag]]}})


def _add_point(
    result: list[dict[str, Any]],
    number: str,
    parent: str | None,
    name: str,
    xyv: Sequence[float],
    size: dict[str, Any],
) -> None:
    x, y, flag = xyv[:3]
    if flag <= 0:
        return
    place = dict(
        x=100 * float(x) / size['original_width'],
        y=100 * float(y) / size['original_height'],
        width=0.5,
    )
    entry = dict(id=number, type='keypointlabels', from_name=POINTS, to_name=TO_NAME)
    below = {} if parent is None else dict(parentID=parent)
    result.append({**entry, **size, 'value': {**place, 'keypointlabels': [name]}, **below})
    if flag < 2:
        about = dict(id=number, type='choices', from_name=OCCLUDED, to_name=TO_NAME)
        result.append({**about, **size, 'value': {**place, 'choices': [OCCLUDED]}})
