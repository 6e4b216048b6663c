"""What makes an entry of a tag file valid: numbers, ids, boxes, keypoints, tags, images, persons.

Each function yields the faults of one value. The checker collects them, the data set and the
tools raise the first one (``raise_first``), so that all of them accept the same files.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn, TypeGuard

from lfhpe_mmpose.errors import UserError

from .values import TAG_VALUES

# Every number of pixels, and every area, stays below this.
_MOST = 1e9
# The checker reads NaN and infinity as the numbers at the end of the range of a float.
_NEARLY_INFINITE = 1.7976931348623154e308
_NUMBERS = frozenset((int, float))
_TAGS = frozenset(TAG_VALUES)
_FLAGS = frozenset((0, 1, 2))


class Fault(NamedTuple):
    """One fault of an entry.

    Attributes:
        code: Its kind, a code of ``UserError``.
        at: Where below the entry, e.g. ``'.bbox'``; '' for the entry itself.
        text: What is wrong, a sentence without its full stop.
        remedy: What to do about it, a sentence.
    """

    code: str
    at: str
    text: str
    remedy: str


def raise_first(faults: Iterable[Fault], where: str) -> None:
    """Raise the first fault, if there is one.

    Args:
        faults: Of one entry.
        where: File and entry.

    Raises:
        UserError: With the code of the fault.
    """
    for fault in faults:
        raise_fault(fault, where)


def raise_fault(fault: Fault, where: str) -> NoReturn:
    """Raise a fault as an error of the entry ``where``."""
    raise UserError(fault.code, where + fault.at, f'{fault.text}.', fault.remedy)


def short(value: object, length: int = 60) -> str:
    """Write a value of a file on one line, cut to ``length`` characters."""
    # A list of a million entries must not be written out before it is cut.
    if isinstance(value, str | list) and len(value) > length:
        text = f'{repr(value[:length])[: length - 3]}...'
    else:
        text = repr(value)
    return text if len(text) <= length else f'{text[: length - 3]}...'


def is_id(value: object) -> TypeGuard[int | str]:
    """Whether a value is an id: a whole number or a string, not ``true``."""
    kind = type(value)
    return kind is int or kind is str


def other_type(value: object) -> int | str | None:
    """The same id written as a string or as a number; None if there is none."""
    if type(value) is int:
        return str(value)
    if isinstance(value, str) and value.isdecimal() and len(value) < 19:
        return int(value) if str(int(value)) == value else None
    return None


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number of pixels: finite, below 1e9, not ``true``."""
    return type(value) in _NUMBERS and abs(value) < _MOST  # type: ignore[arg-type]


def are_numbers(values: Sequence[Any]) -> bool:
    """Whether all values of a list are numbers of pixels; fast for valid lists."""
    if not _NUMBERS.issuperset(map(type, values)):
        return False
    # max() and min() may skip NaN, which the sum cannot.
    return not values or (
        max(values) < _MOST and min(values) > -_MOST and not math.isnan(sum(values))
    )


def is_not_finite(value: object) -> bool:
    """Whether a value is NaN or infinity."""
    return type(value) is float and not abs(value) < _NEARLY_INFINITE


def number_fault(value: object, at: str) -> Fault | None:
    """The fault of a value that should be a number of pixels; None if it is one."""
    if is_number(value):
        return None
    if is_not_finite(value):
        return Fault('not-finite', at, f'{value!r} is not a number', 'Write a finite number.')
    return Fault('malformed', at, f'{short(value)} is not a number of pixels', 'Write a number.')


def id_faults(entry: Mapping[str, Any], *keys: str) -> Iterator[Fault]:
    """Faults of an entry whose ``keys`` should hold ids."""
    for key in keys:
        if not is_id(entry.get(key)):
            yield Fault(
                'malformed',
                f'.{key}',
                f'the {key} {_state(entry, key)}',
                'Give a whole number or a string.',
            )


def box_faults(value: object) -> Iterator[Fault]:
    """Faults of a box [x, y, width, height] in pixels."""
    remedy = 'Give [x, y, width, height] in pixels, with width and height above 0.'
    if not isinstance(value, list | tuple) or len(value) != 4:
        yield Fault('box', '', f'{short(value)} is not a list of four numbers', remedy)
    elif not are_numbers(value):
        if any(map(is_not_finite, value)):
            yield Fault('not-finite', '', f'{short(value, 120)} holds NaN or infinity', remedy)
        else:
            yield Fault('box', '', f'{short(value)} is not a list of four numbers', remedy)
    elif value[2] <= 0 or value[3] <= 0:
        yield Fault('box', '', f'{short(value)} has no area', remedy)


def keypoints_faults(value: object, names: Sequence[str]) -> Iterator[Fault]:
    """Faults of ``keypoints``: x, y and visibility of each of the K names."""
    if not isinstance(value, list) or len(value) != 3 * len(names):
        given = f'{len(value)} numbers' if isinstance(value, list) else short(value)
        yield Fault(
            'keypoint-count',
            '.keypoints',
            f'{given} in place of the {3 * len(names)} of {len(names)} keypoints',
            'Give x, y and visibility of each keypoint; leave the entry out without coordinates.',
        )
    elif not are_numbers(value):
        for k, number in enumerate(value):
            at = f'.keypoints[{k}] ({names[k // 3]}, {("x", "y", "visibility")[k % 3]})'
            fault = number_fault(number, at)
            if fault:
                yield fault
    elif not _FLAGS.issuperset(value[2::3]):
        for k, flag in enumerate(value[2::3]):
            if flag not in _FLAGS:
                yield Fault(
                    'visibility',
                    f'.keypoints[{3 * k + 2}] ({names[k]}, visibility)',
                    f'{short(flag)} is not a visibility',
                    'Write 0 (not annotated), 1 (occluded) or 2 (visible).',
                )


def is_tag(value: object) -> bool:
    """Whether a value of a file is a tag: the number 1, 0 or -1, not ``true`` or ``"1"``."""
    return type(value) in _NUMBERS and value in _TAGS


def are_tags(values: Collection[Any]) -> bool:
    """Whether all values are tags; fast for valid lists."""
    return _NUMBERS.issuperset(map(type, values)) and _TAGS.issuperset(values)


def tags_faults(value: object, names: Sequence[str]) -> Iterator[Fault]:
    """Faults of ``keypoint_tags``: a list of K tags, or an object from keypoint name to tag."""
    if isinstance(value, Mapping):
        for name, tag in value.items():
            if name not in names:
                yield unknown_keypoint(name, names, f'[{short(name)}]')
            if not is_tag(tag):
                yield _wrong_tag(f'[{short(name)}]', tag)
    elif not isinstance(value, list | tuple):
        yield Fault(
            'malformed',
            '',
            f'{short(value)} is neither a list nor an object of tags',
            f'Give {len(names)} tags, or an object from keypoint name to tag.',
        )
    else:
        if len(value) != len(names):
            yield Fault(
                'tag-count',
                '',
                f'{len(value)} tags are given for {len(names)} keypoints',
                'Give one for each keypoint in the order of the category, or an object from '
                'keypoint name to tag.',
            )
        for i, tag in enumerate(value):
            if not is_tag(tag):
                name = f' ({names[i]})' if i < len(names) else ''
                yield _wrong_tag(f'[{i}]{name}', tag)


def views_faults(views: object, names: Sequence[str]) -> Iterator[Fault]:
    """Faults of ``tag_views``: a list of views; see ``view_faults``."""
    if not isinstance(views, list):
        remedy = 'Give a list of objects with bbox and keypoint_tags.'
        yield Fault('malformed', '', f'{short(views)} is not a list', remedy)
        return
    for v, view in enumerate(views):
        for fault in view_faults(view, names):
            yield fault._replace(at=f'[{v}]{fault.at}')


def view_faults(view: object, names: Sequence[str]) -> Iterator[Fault]:
    """Faults of an entry of ``tag_views``: a box and tags."""
    if not isinstance(view, Mapping) or not {'bbox', 'keypoint_tags'} <= view.keys():
        remedy = 'Give an object with bbox and keypoint_tags.'
        yield Fault('view', '', f'{short(view)} is not a view', remedy)
        return
    yield from view_box_faults(view['bbox'])
    for fault in tags_faults(view['keypoint_tags'], names):
        yield fault._replace(at=f'.keypoint_tags{fault.at}')


def view_box_faults(box: object) -> Iterator[Fault]:
    """Faults of the box of a view, as faults of the view."""
    for fault in box_faults(box):
        code = 'view' if fault.code == 'box' else fault.code
        yield fault._replace(code=code, at='.bbox')


def _wrong_tag(at: str, tag: object) -> Fault:
    return Fault(
        'wrong-tag',
        at,
        f'{short(tag)} is not a tag',
        'Write 1 (visible), 0 (not visible) or -1 (unknown).',
    )


def unknown_keypoint(name: object, names: Sequence[str], at: str = '') -> Fault:
    """The fault of a keypoint name that does not exist, with the nearest one as the remedy."""
    remedy = _nearest(str(name), tuple(names))
    return Fault('unknown-keypoint', at, f'no keypoint is called {short(name)}', remedy)


# The nearest of many names is slow to find, and the same fault often comes in every entry.
@lru_cache(maxsize=1000)
def _nearest(name: str, names: tuple[str, ...]) -> str:
    near = get_close_matches(name.lower().replace(' ', '_'), names, 1)
    return f'Did you mean {near[0]!r}?' if near else f'The keypoints are {", ".join(names)}.'


def image_faults(image: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of an entry of ``images``: id, file_name, width, height."""
    if not isinstance(image.get('file_name'), str) or not image['file_name']:
        text = f'the file name {_state(image, "file_name")}'
        yield Fault('malformed', '.file_name', text, 'Give the file, relative to the folder.')
    for key in ('width', 'height'):
        if key not in image:
            yield Fault('malformed', f'.{key}', f'the {key} is missing', 'Give it in pixels.')
        else:
            fault = number_fault(image[key], f'.{key}')
            if fault:
                yield fault
            elif image[key] <= 0:
                text = f'the {key} is {short(image[key])}'
                yield Fault('malformed', f'.{key}', text, 'Give it in pixels, above 0.')
    yield from id_faults(image, 'id')


def person_faults(person: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of the ids and of COCO's further numbers of an annotation."""
    yield from id_faults(person, 'id', 'image_id', 'category_id')
    crowd = person.get('iscrowd', 0)
    if type(crowd) not in _NUMBERS or crowd not in (0, 1):
        yield Fault('malformed', '.iscrowd', f'iscrowd is {short(crowd)}', 'Write 0 or 1.')
    yield from answer_error_faults(person)
    for key in ('num_keypoints', 'area'):
        value = person.get(key, 0)
        fault = number_fault(value, f'.{key}')
        if fault:
            yield fault
        elif key == 'num_keypoints' and value % 1:
            text = f'num_keypoints is {short(value)}'
            yield Fault('malformed', f'.{key}', text, 'Give a whole number, or leave it out.')


def answer_error_faults(entry: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of ``answer_error`` of a person or of ``info``."""
    error = entry.get('answer_error', 0)
    if type(error) not in _NUMBERS or not 0 <= error < 0.5:
        text = f'answer_error is {short(error)}'
        remedy = 'Give the share of wrong answers, at least 0 and below 0.5, or leave it out.'
        yield Fault('answer-error', '.answer_error', text, remedy)


def category_faults(category: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of an entry of ``categories``: id, name, keypoints, skeleton."""
    yield from id_faults(category, 'id')
    if not isinstance(category.get('name'), str):
        text = f'the name {_state(category, "name")}'
        yield Fault('malformed', '.name', text, 'Give a string.')
    names = category.get('keypoints')
    faults = [] if names is None or names == [] else list(names_faults(names))
    yield from faults
    if category.get('skeleton') is not None:
        number = len(names) if isinstance(names, list) and not faults else 0
        yield from _skeleton_faults(category['skeleton'], number)


def names_faults(names: object) -> Iterator[Fault]:
    """Faults of the list of keypoint names of a category."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        text = f'{short(names)} is not a list of names'
        yield Fault('malformed', '.keypoints', text, 'Give each keypoint a name of its own.')
        return
    seen: set[str] = set()
    for k, name in enumerate(names):
        if not name.strip() or name in seen:
            state = 'is used twice' if name.strip() else 'is empty'
            text = f'the name {short(name)} {state}'
            remedy = 'Give each keypoint a name of its own.'
            yield Fault('keypoint-names', f'.keypoints[{k}]', text, remedy)
        seen.add(name)


def _skeleton_faults(skeleton: object, number: int) -> Iterator[Fault]:
    remedy = f'Give pairs of two numbers from 1 to {number}, as COCO does.'
    if not isinstance(skeleton, list):
        yield Fault('skeleton', '.skeleton', f'{short(skeleton)} is not a list', remedy)
        return
    for i, limb in enumerate(skeleton):
        pair = isinstance(limb, list) and len(limb) == 2
        if not pair or not all(type(k) is int and 1 <= k <= number for k in limb):
            text = f'{short(limb)} is not a pair of keypoints'
            yield Fault('skeleton', f'.skeleton[{i}]', text, remedy)


def _state(entry: Mapping[str, Any], key: str) -> str:
    return f'is {short(entry[key])}' if key in entry else 'is missing'
