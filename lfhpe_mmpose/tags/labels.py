"""What makes the labels of a person valid: box, keypoints, tags, views."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple

from .faults import Fault, short
from .fields import NUMBERS, are_numbers, is_not_finite, number_fault
from .values import TAG_VALUES, UNKNOWN

_TAGS = frozenset(TAG_VALUES)
_FLAGS = frozenset((0, 1, 2))


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
    return type(value) in NUMBERS and value in _TAGS


def are_tags(values: Collection[Any]) -> bool:
    """Whether all values are tags; fast for valid lists."""
    return NUMBERS.issuperset(map(type, values)) and _TAGS.issuperset(values)


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


def read_tags(value: object, names: Sequence[str]) -> tuple[list[int] | None, list[Fault]]:
    """The K tags of ``keypoint_tags``, None if there is a fault; and the faults.

    A keypoint that an object does not name is unknown.
    """
    # Most entries of a million are good: the quick ways first.
    if isinstance(value, list | tuple) and len(value) == len(names) and are_tags(value):
        return list(value), []
    own = frozenset(names)
    if isinstance(value, Mapping) and own.issuperset(value) and are_tags(value.values()):
        return [value.get(name, UNKNOWN) for name in names], []
    return None, list(tags_faults(value, names))


class ReadView(NamedTuple):
    """An entry of ``tag_views`` as it was read.

    Attributes:
        box: [x, y, width, height] in pixels; None if it has a fault.
        tags: K tags; None if they have a fault.
        faults: With their places below ``tag_views``.
    """

    box: list[float] | None
    tags: list[int] | None
    faults: list[Fault]


def read_views(views: object, names: Sequence[str]) -> Iterator[ReadView]:
    """Read ``tag_views``: a list of boxes with tags; None has none."""
    if views is None:
        return
    if not isinstance(views, list):
        remedy = 'Give a list of objects with bbox and keypoint_tags.'
        fault = Fault('malformed', '', f'{short(views)} is not a list', remedy)
        yield ReadView(None, None, [fault])
        return
    for v, view in enumerate(views):
        if not isinstance(view, Mapping) or not {'bbox', 'keypoint_tags'} <= view.keys():
            remedy = 'Give an object with bbox and keypoint_tags.'
            fault = Fault('view', f'[{v}]', f'{short(view)} is not a view', remedy)
            yield ReadView(None, None, [fault])
            continue
        box = view['bbox']
        in_box = [
            fault._replace(code='view' if fault.code == 'box' else fault.code, at=f'[{v}].bbox')
            for fault in box_faults(box)
        ]
        tags, faults = read_tags(view['keypoint_tags'], names)
        in_tags = [f._replace(at=f'[{v}].keypoint_tags{f.at}') for f in faults]
        yield ReadView(None if in_box else box, tags, in_box + in_tags)


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
