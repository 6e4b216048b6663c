"""Label Studio's export as a list of answered tasks, and the picture that a task is about."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from lfhpe_mmpose.errors import UserError

from .plan_answers import base_name, picture_of

# An uploaded file is kept under another name: eight hexadecimal digits and a dash before its own.
_UPLOAD = re.compile(r'[0-9a-f]{8}-(.+)')
# What JSON-MIN says beside the task's data and the answers.
_MIN_ENTRIES = ('id', 'annotator', 'annotation_id', 'created_at', 'updated_at', 'lead_time')


@dataclass(frozen=True)
class Annotated:
    """One person's answers about one task.

    Attributes:
        where (str): File, task and annotation, for messages.
        data (Mapping): The task's data.
        result (list[dict]): Label Studio's results, in the form of its JSON export.
    """

    where: str
    data: Mapping[str, Any]
    result: list[dict]


def load_tasks(path: str) -> list[Annotated]:
    """Read an export.

    Args:
        path (str): The file.

    Returns:
        list[Annotated]: The annotations that count; tasks without one are left out.

    Raises:
        UserError: If it cannot be read or is no export.
    """
    try:
        with open(path, encoding='utf-8-sig') as file:
            data = json.load(file)
    except OSError as error:
        raise UserError(f'{path}: cannot be read ({error.strerror}). Correct the path.') from None
    except (ValueError, RecursionError) as error:
        raise UserError(
            f'{path}: is no JSON file ({error}). Export the project as JSON.'
        ) from None
    if isinstance(data, Mapping):
        data = [data]  # one task: what a target storage keeps
    if not isinstance(data, list):
        raise UserError(f'{path}: is no list of tasks. Export the project as JSON.')
    out: list[Annotated] = []
    for i, task in enumerate(data):
        if not isinstance(task, Mapping):
            raise UserError(f'{path}: entry {i} is no task. Export the project as JSON.')
        where = f'{path}: task {task.get("id", f"number {i + 1}")}'
        if 'annotations' in task or 'data' in task:
            out += _annotations(task, where)
        else:
            out.append(_from_min(task, where))
    return out


def _annotations(task: Mapping, where: str) -> list[Annotated]:
    """The annotations of a task in the full export."""
    data = task.get('data')
    if not isinstance(data, Mapping):
        raise UserError(f'{where}: its entry data is no object. Export the project as JSON.')
    given = task.get('annotations', [])
    if not isinstance(given, list) or not all(isinstance(a, Mapping) for a in given):
        raise UserError(f'{where}: annotations is no list of objects. Export it as JSON, whole.')
    counted = [a for a in given if not a.get('was_cancelled')]
    starred = [a for a in counted if a.get('ground_truth')]
    out = []
    for annotation in starred or counted:
        at = f'{where}, annotation {annotation.get("id")}'
        result = annotation.get('result')
        if not isinstance(result, list) or not all(isinstance(r, Mapping) for r in result):
            raise UserError(f'{at}: result is no list of objects. Export it as JSON, whole.')
        for i, entry in enumerate(result):
            if entry.get('type') != 'relation':
                _check_result(entry, f'{at}: result[{i}]')
        kept = [dict(r) for r in result if r.get('type') != 'relation']
        out.append(Annotated(at, data, kept))
    return out


def _check_result(entry: Mapping, where: str) -> None:
    """Refuse a result whose form is another than Label Studio's."""
    value = entry.get('value')
    if not isinstance(entry.get('from_name'), str) or not isinstance(value, Mapping):
        raise UserError(f'{where} has no from_name or no value.')
    if not isinstance(entry.get('type'), str):
        raise UserError(f'{where}.type is {entry.get("type")!r}, no kind of result.')
    for key in ('id', 'parentID'):
        if not isinstance(entry.get(key), str | None):
            raise UserError(f'{where}.{key} is {entry[key]!r}, no id of a region.')
    for key in ('choices', 'rectanglelabels', 'keypointlabels'):
        words = value.get(key)
        needed = key == entry['type']
        if (words is None and not needed) or (
            isinstance(words, list) and all(isinstance(w, str) for w in words)
        ):
            continue
        raise UserError(f'{where} ({entry["from_name"]}): value.{key} is no list of words.')


def _from_min(task: Mapping, where: str) -> Annotated:
    """A task of JSON-MIN, which has data and answers side by side."""
    at = f'{where}, annotation {task.get("annotation_id")}'
    result: list[dict] = []
    for name, value in task.items():
        if name in _MIN_ENTRIES:
            continue
        entries = value if isinstance(value, list) else [value]
        if any(isinstance(e, Mapping) and ('x' in e or 'points' in e) for e in entries):
            raise UserError(
                f'{at}: {name} holds regions, and JSON-MIN does not say which answers are about '
                'which. Export the project as JSON.'
            )
        choices = value.get('choices') if isinstance(value, Mapping) else value
        if isinstance(choices, str):
            choices = [choices]
        if isinstance(choices, list) and all(isinstance(c, str) for c in choices):
            # 'maybe': a task's data lie here as well, and only names or words tell them apart.
            entry = dict(from_name=name, type='choices', value=dict(choices=choices))
            result.append(dict(entry, maybe=not isinstance(value, Mapping)))
    return Annotated(at, task, result)


def image_url(task: Annotated) -> str:
    """The address of a task's image.

    Args:
        task (Annotated): The task.

    Returns:
        str: Its data's ``image``, or its only entry that looks like one.

    Raises:
        UserError: If there is none.
    """
    url = task.data.get('image')
    if isinstance(url, str) and url.strip():
        return url
    raise UserError(
        f'{task.where}: data.image is {url!r}, no address of an image. Call the image so in the '
        'tasks and in the labelling interface (value="$image").'
    )


def path_of(url: str) -> str:
    """The path that an address ends with.

    Args:
        url (str): ``/data/local-files/?d=views/a.jpg``, ``/data/upload/1/0123abcd-a.jpg``,
            ``https://...?signature``, ``s3://...`` or a path.

    Returns:
        str: The path, of local files that below the document root.
    """
    parts = urlsplit(url)
    if parts.path.rstrip('/').endswith('/data/local-files'):
        return parse_qs(parts.query).get('d', [''])[0]
    if parts.scheme in ('http', 'https', 's3', 'gs', 'azure-blob') or parts.path.startswith(
        '/data/'
    ):
        return unquote(parts.path)
    return url


def file_name_of(task: Annotated) -> tuple[str, str]:
    """The file that a task's image is.

    Args:
        task (Annotated): The task.

    Returns:
        tuple[str, str]: Path as the tag file has it, and the address. Local files keep their
        path, others their base name, without the prefix that an upload adds.

    Raises:
        UserError: If it has none.
    """
    url = image_url(task)
    path = path_of(url).replace('\\', '/')
    if '/data/upload/' in url:
        path = base_name(path)
        found = _UPLOAD.fullmatch(path)
        path = found.group(1) if found else path
    elif '://' in url:
        path = base_name(path)
    if not base_name(path):
        raise UserError(f'{task.where}: data.image is {url!r}, which ends with no file name.')
    return path, url


def plan_picture(task: Annotated, pictures: Mapping[str, Any], plan_path: str) -> str:
    """The picture of a plan that a task is about.

    Args:
        task (Annotated): The task.
        pictures (Mapping[str, Any]): The plan's pictures by base name.
        plan_path (str): The plan, for messages.

    Returns:
        str: Its base name.

    Raises:
        UserError: If the plan has no such picture.
    """
    name = base_name(path_of(image_url(task)))
    found = _UPLOAD.fullmatch(name)
    if name not in pictures and found and found.group(1) in pictures:
        return found.group(1)
    return picture_of(name, pictures, plan_path, f'{task.where}: data.image')


def size_of(task: Annotated, name: str, image_root: str | None) -> tuple[int, int]:
    """Size of an image of which the results do not tell it.

    Args:
        task (Annotated): A task about it.
        name (str): Its file name.
        image_root (str | None): The folder of the images.

    Returns:
        tuple[int, int]: Width and height in pixels.

    Raises:
        UserError: If nothing tells it.
    """
    width, height = task.data.get('width'), task.data.get('height')
    if all(isinstance(v, int) and not isinstance(v, bool) for v in (width, height)):
        return int(width), int(height)  # type: ignore[arg-type]
    if image_root is None:
        raise UserError(
            f'{task.where}: nothing tells the size of {name}. Give the folder of the images '
            '(--image-root), or width and height in the data of the tasks.'
        )
    from lfhpe_mmpose.files.images import image_size

    return image_size(os.path.join(image_root, name))
