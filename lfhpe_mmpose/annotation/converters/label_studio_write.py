"""A tag file as Label Studio's tasks, as annotations or as predictions to start from."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, parse_box, person_tags, person_views
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
    """Write tasks to import, one an image; :func:`~.label_studio.read` reads them again.

    Args:
        tags (TagFile): The tag file. Ids of persons are not kept.
        path (str): The file to write.
        keypoints (bool): Whether to write coordinates. Defaults to False: tags alone.
        prefix (str): What stands before an image's file name. Defaults to Label Studio's
            address of local files.
        model_version (str, optional): The model that said it: predictions are written, to be
            corrected, and a person's ``score`` with them. Defaults to None: annotations.

    Raises:
        UserError: If a person is malformed, or nothing of him can be written.
    """
    tasks: dict[Any, dict] = {}
    scores: dict[Any, list[float]] = {}
    images = tags.images_by_id()
    for annotation, where in tags.with_index():
        image = images.get(annotation.get('image_id'))  # type: ignore[arg-type]
        if image is None:
            raise UserError(f'{where}.image_id is {annotation.get("image_id")!r}, no image.')
        task = tasks.setdefault(image['id'], _task(image, prefix, where))
        names = tags.names(annotation.get('category_id'))
        _add_person(task, annotation, names, image, where, keypoints)
        scores.setdefault(image['id'], []).append(float(annotation.get('score', 1.0)))
    out = []
    for key, task in tasks.items():
        result = task.pop('result')
        if model_version is None:
            task['annotations'] = [dict(result=result, was_cancelled=False)]
        else:
            mean = sum(scores[key]) / len(scores[key])
            task['predictions'] = [
                dict(model_version=model_version, score=round(mean, 4), result=result)
            ]
        out.append(task)
    save_json(out, path)


def save_json(tasks: Sequence[Mapping], path: str) -> None:
    """Write tasks: the whole file or nothing.

    Args:
        tasks (Sequence[Mapping]): Label Studio's tasks.
        path (str): The file; its folder is made if missing.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f'.{target.name}.part')
    with open(part, 'w', encoding='utf-8') as file:
        json.dump(tasks, file, ensure_ascii=False, indent=1, allow_nan=False)
        file.write('\n')
    os.replace(part, target)


def choice(name: str, tag: int, number: str) -> dict:
    """An answer about a picture.

    Args:
        name (str): Keypoint name.
        tag (int): 1, 0 or -1.
        number (str): Id of the result.

    Returns:
        dict: A result of Label Studio.
    """
    value = dict(choices=[WORDS[tag]])
    return dict(id=number, type='choices', from_name=name, to_name=TO_NAME, value=value)


def _task(image: Mapping, prefix: str, where: str) -> dict:
    for key in ('file_name', 'width', 'height'):
        if key not in image:
            raise UserError(f'{where}: its image {image["id"]!r} has no {key}. Add it.')
    address = prefix + quote(str(image['file_name']))
    data = dict(image=address, image_id=image['id'], width=image['width'], height=image['height'])
    return dict(data=data, result=[])


def _add_person(
    task: dict,
    annotation: Mapping,
    names: Sequence[str],
    image: Mapping,
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
    whole = box is None
    if whole:
        task['data']['whole_person'] = True
        if tags is None and points is None:
            return
    else:
        result.append(_rectangle(person, parse_box(box, f'{where}.bbox'), 'person', size))
    for name, tag in zip(names, tags or []):
        if whole:
            result.append(choice(name, tag, f'{person}-{name}'))
        else:
            result.append(_region_choice(result[-1], person, name, WORDS[tag], size))
    for v, (window, view_tags) in enumerate(views, 1):
        number = f'{person}-v{v}'
        result.append({**_rectangle(number, window, VIEW, size), 'parentID': person})
        for name, tag in zip(names, view_tags):
            result.append(_region_choice(result[-1], number, name, WORDS[tag], size))
    if points is not None:
        if len(points) != 3 * len(names):
            raise UserError(f'{where}.keypoints has {len(points)} numbers, not {3 * len(names)}.')
        for k, name in enumerate(names):
            _add_point(result, person, None if whole else person, name, points[3 * k :], size)


def _rectangle(number: str, box: Sequence[float], label: str, size: dict) -> dict:
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
    return {**entry, **size, 'value': value}


def _region_choice(near: Mapping, number: str, control: str, word: str, size: dict) -> dict:
    """Choices about a region have its id and repeat its place."""
    place = {k: near['value'][k] for k in ('x', 'y', 'width', 'height', 'rotation')}
    value = dict(place, choices=[word])
    entry = dict(id=number, type='choices', from_name=control, to_name=TO_NAME)
    return {**entry, **size, 'value': value}


def _add_point(
    result: list[dict],
    person: str,
    parent: str | None,
    name: str,
    xyv: Sequence[float],
    size: dict,
) -> None:
    x, y, flag = xyv[:3]
    if flag <= 0:
        return
    value = dict(
        x=100 * float(x) / size['original_width'],
        y=100 * float(y) / size['original_height'],
        width=0.5,
        keypointlabels=[name],
    )
    number = f'{person}-{name}-at'
    entry: dict[str, Any] = dict(
        id=number, type='keypointlabels', from_name=POINTS, to_name=TO_NAME
    )
    entry = {**entry, **size, 'value': value}
    if parent is not None:
        entry['parentID'] = parent
    result.append(entry)
    if flag < 2:
        hidden = dict(x=value['x'], y=value['y'], width=0.5, choices=[OCCLUDED])
        about = dict(id=number, type='choices', from_name=OCCLUDED, to_name=TO_NAME)
        result.append({**about, **size, 'value': hidden})
