"""Label Studio's export as a list of answered tasks, and the picture that a task is about."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import short

from .plan_answers import base_name, picture_of
from .source import open_binary, read_json, size_in

# An upload is stored under another name: eight hexadecimal digits and a dash before its own.
_UPLOAD = re.compile(r'[0-9a-f]{8}-(.+)')
# The file below the document root in an address of local files; other parameters may follow it.
_LOCAL = re.compile(r'/data/local-files/?\?(?:[^#]*&)?d=(.*?)(?:&\w+=[^&/]*)*$', re.DOTALL)
_BUCKETS = ('s3', 'gs', 'azure-blob')
# Entries of JSON-MIN that are neither the task's data nor answers.
_MIN_ENTRIES = (
    *('id', 'annotator', 'annotation_id', 'created_at', 'updated_at', 'lead_time'),
    *('image_id', 'width', 'height', 'whole_person'),
)
_AGAIN = 'Export the project as JSON.'


@dataclass(frozen=True)
class Annotated:
    """The answers of one annotator to one task.

    Attributes:
        where: File, task and annotation, for messages.
        data: The task's data.
        result: Label Studio's results, in the form of its JSON export.
    """

    where: str
    data: Mapping[str, Any]
    result: list[dict[str, Any]]

    def results(self, *kinds: str) -> Iterator[tuple[dict[str, Any], str]]:
        """The results of these types, each with its place for messages."""
        for i, entry in enumerate(self.result):
            if entry['type'] in kinds:
                yield entry, f'{self.where}: result[{i}] ({entry["from_name"]})'


def load_tasks(path: str) -> list[Annotated]:
    """Read an export; tasks without a submitted annotation are left out.

    Raises:
        UserError: If it cannot be read or is not an export.
    """
    with open_binary(path) as file:
        data = read_json(file, path, _AGAIN)
    if isinstance(data, Mapping):
        data = [data]  # one task: what a target storage keeps
    if not isinstance(data, list):
        raise UserError('structure', path, 'the file is not a list of tasks.', _AGAIN)
    out: list[Annotated] = []
    for i, task in enumerate(data):
        if not isinstance(task, Mapping):
            raise UserError('structure', f'{path}: entry {i}', 'it is not a task.', _AGAIN)
        where = f'{path}: task {task.get("id", f"number {i + 1}")}'
        full = 'annotations' in task or 'data' in task
        out += _from_full(task, where) if full else [_from_min(task, where)]
    return out


def _from_full(task: Mapping[str, Any], where: str) -> Iterator[Annotated]:
    """The annotations of a task in the full export that count."""
    data = task.get('data')
    if not isinstance(data, Mapping):
        raise UserError('structure', where, 'its entry data is not an object.', _AGAIN)
    given = _objects(task.get('annotations', []), f'{where}: annotations')
    counted = [a for a in given if not a.get('was_cancelled')]
    for annotation in [a for a in counted if a.get('ground_truth')] or counted:
        at = f'{where}, annotation {annotation.get("id")}'
        result = _objects(annotation.get('result'), f'{at}: result')
        for i, entry in enumerate(result):
            if entry.get('type') != 'relation':
                _check_result(entry, f'{at}: result[{i}]')
        yield Annotated(at, data, [dict(r) for r in result if r.get('type') != 'relation'])


def _objects(value: Any, where: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise UserError('structure', where, 'it is not a list of objects.', _AGAIN)
    return value


def _check_result(entry: Mapping[str, Any], where: str) -> None:
    """Refuse a result whose form differs from Label Studio's."""
    value, kind = entry.get('value'), entry.get('type')
    fault = ''
    if not isinstance(entry.get('from_name'), str) or not isinstance(value, Mapping):
        fault = 'it has no from_name or no value.'
    elif not isinstance(kind, str):
        fault = f'its type is {short(kind)}.'
    else:
        for key in ('id', 'parentID'):
            if not isinstance(entry.get(key), str | None):
                fault = f'its {key} is {short(entry[key])}, not the id of a region.'
        for key in ('choices', 'rectanglelabels', 'keypointlabels'):
            words = value.get(key)
            are_words = isinstance(words, list) and all(isinstance(w, str) for w in words)
            if not are_words and (words is not None or key == kind):
                fault = f'its value.{key} is {short(words)}, not a list of words.'
    if fault:
        raise UserError('structure', where, fault, _AGAIN)


def _from_min(task: Mapping[str, Any], where: str) -> Annotated:
    """A task of JSON-MIN, which has data and answers side by side."""
    at = f'{where}, annotation {task.get("annotation_id")}'
    result: list[dict[str, Any]] = []
    for name, value in task.items():
        if name in _MIN_ENTRIES:
            continue
        entries = value if isinstance(value, list) else [value]
        if any(isinstance(e, Mapping) and ('x' in e or 'points' in e) for e in entries):
            fault = f'{name} holds regions, and JSON-MIN does not relate answers to regions.'
            raise UserError('region', at, fault, _AGAIN)
        choices = value.get('choices') if isinstance(value, Mapping) else value
        if isinstance(choices, str | int | float):
            choices = [str(int(choices) if isinstance(choices, bool) else choices)]
        if isinstance(choices, list) and all(isinstance(c, str) for c in choices):
            # 'maybe': the task's data is here as well; only names or words tell them apart.
            entry = dict(from_name=name, type='choices', value=dict(choices=choices))
            result.append(dict(entry, maybe=not isinstance(value, Mapping)))
    return Annotated(at, task, result)


def image_url(task: Annotated) -> str:
    """The address of a task's image: its data's ``image``, or its only entry that looks like one.

    Raises:
        UserError: 'malformed' if there is none, or several.
    """
    url = task.data.get('image')
    if isinstance(url, str) and url.strip():
        return url
    from lfhpe_mmpose.files.image_folders import ENDINGS

    found = {
        key: value
        for key, value in task.data.items()
        if isinstance(value, str) and path_of(value).lower().endswith(ENDINGS)
    }
    if url is None and len(found) == 1:
        return next(iter(found.values()))
    several = f'; {", ".join(found)} look like images' if found else ''
    raise UserError(
        'malformed',
        f'{task.where}: data.image',
        f'{short(url)} is not the address of an image{several}.',
        'Call the image so in the tasks and in the labelling interface (value="$image").',
    )


def path_of(url: str) -> str:
    """The path that an address ends with.

    Args:
        url: ``/data/local-files/?d=views/a.jpg`` (the path below the document root),
            ``/data/upload/1/0123abcd-a.jpg``, ``https://...?signature``, ``s3://...`` or a path.
    """
    local = _LOCAL.search(url)
    if local:
        # People write these addresses by hand, with +, # and & as they are in the name.
        return unquote(local.group(1))
    scheme, separator, rest = url.partition('://')
    if separator and scheme.lower() in _BUCKETS:
        return unquote(rest)  # keys of a bucket may hold ? and #
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket in the host
        return url
    web = parts.scheme in ('http', 'https')
    return unquote(parts.path) if web or parts.path.startswith('/data/') else url


def file_name_of(task: Annotated) -> tuple[str, str]:
    """The file name of a task's image in the tag file, and its address.

    Local files keep their path. Others keep their base name, without the prefix of an upload.
    """
    url = image_url(task)
    path = path_of(url).replace('\\', '/')
    if '/data/upload/' in url:
        path = base_name(path)
        found = _UPLOAD.fullmatch(path)
        path = found.group(1) if found else path
    elif '://' in url and not _LOCAL.search(url):
        path = base_name(path)
    if not base_name(path):
        fault = f'{url!r} does not end with a file name.'
        raise UserError('malformed', f'{task.where}: data.image', fault, 'Correct it.')
    return path, url


def plan_picture(task: Annotated, pictures: Mapping[str, Any], plan_path: str) -> str:
    """The base name of the plan's picture that a task is about; see ``picture_of``."""
    name = base_name(path_of(image_url(task)))
    found = _UPLOAD.fullmatch(name)
    if name not in pictures and found and found.group(1) in pictures:
        return found.group(1)
    return picture_of(name, pictures, plan_path, f'{task.where}: data.image')


def size_of(task: Annotated, name: str, image_root: str | None) -> tuple[int, int]:
    """Width and height of an image without regions, by the task's data or the image itself.

    Raises:
        UserError: 'no-size' if neither is there.
    """
    width, height = task.data.get('width'), task.data.get('height')
    if type(width) is int and type(height) is int:
        return width, height
    if image_root is None:
        fault = f'the size of {name} is unknown.'
        remedy = (
            'Give the folder of the images with --image-root, or width and height in the data of '
            'the tasks.'
        )
        raise UserError('no-size', task.where, fault, remedy)
    return size_in(image_root, name, f'{task.where}: data.image')
