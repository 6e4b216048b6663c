"""Values of an entry: number, box, tags. Each function says what is wrong and gives the rest."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeGuard

from lfhpe_mmpose.tags.values import TAG_VALUES, UNKNOWN, is_tag, unknown_keypoint, wrong_tag
from .findings import NOT_FINITE, Findings, short

_NUMBERS = frozenset((int, float))
_TAGS = frozenset(TAG_VALUES)
# As parse_box has it.
_MOST = 1e9
_NOT_FINITE = frozenset(NOT_FINITE.values())


class Names:
    """The names of a keypoint set, ready to be looked up.

    Args:
        names (Sequence[str]): K names, in order.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.known = frozenset(names)

    def __len__(self) -> int:
        return len(self.names)


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number that a picture can have.

    Args:
        value (object): A value of a file.

    Returns:
        bool: False for ``true``, text, NaN, infinity and what is beyond 1e9.
    """
    return type(value) in _NUMBERS and abs(value) < _MOST  # type: ignore[arg-type]


def are_numbers(values: Sequence) -> bool:
    """Whether all values of a list are numbers, see :func:`is_number`; quick for good lists."""
    return _NUMBERS.issuperset(map(type, values)) and (
        not values or (max(values) < _MOST and min(values) > -_MOST)
    )


def not_number(findings: Findings, value: object, where: str) -> None:
    """Tell that a value is no number: by its own kind where it is NaN or infinity.

    Args:
        findings (Findings): Where it is told.
        value (object): The value.
        where (str): The entry.
    """
    if is_not_finite(value):
        findings.add('not-finite', f'{where} is {value!r}')
    else:
        findings.add('malformed', f'{where} is {short(value)}, no number')


def is_not_finite(value: object) -> bool:
    """Whether a value of a file is NaN or infinity."""
    return type(value) is float and value in _NOT_FINITE


def read_tags(
    value: object, names: Names, where: Callable[[], str], findings: Findings
) -> list | None:
    """Read ``keypoint_tags``.

    Args:
        value (object): A list or an object.
        names (Names): The K keypoints.
        where (Callable[[], str]): Gives the entry; called where there is a fault.
        findings (Findings): Where faults are told.

    Returns:
        list | None: K tags, None if there is a fault.
    """
    # Most lines of a million are good: the quick ways first.
    if isinstance(value, list):
        if len(value) == len(names) and _all_tags(value):
            return value
    elif (
        isinstance(value, Mapping) and names.known.issuperset(value) and _all_tags(value.values())
    ):
        return [value.get(name, UNKNOWN) for name in names.names]
    _tell_faults(value, names, where(), findings)
    return None


def _all_tags(values) -> bool:
    return _NUMBERS.issuperset(map(type, values)) and _TAGS.issuperset(values)


def _tell_faults(value: object, names: Names, where: str, findings: Findings) -> None:
    if isinstance(value, Mapping):
        for name, tag in value.items():
            if name not in names.known:
                text = _unknown_keypoint(name, names.names)
                findings.add('unknown-keypoint', f'{where}[{short(name)}]: {text}')
            if not is_tag(tag):
                findings.add('wrong-tag', f'{where}[{short(name)}]: {wrong_tag(tag)}')
    elif not isinstance(value, list):
        findings.add('malformed', f'{where} is {short(value)}, no list and no object of tags')
    else:
        if len(value) != len(names):
            text = f'{where} has {len(value)} tags, there are {len(names)} keypoints'
            findings.add('tag-count', text)
        for i, tag in enumerate(value):
            if not is_tag(tag):
                name = f' ({names.names[i]})' if i < len(names) else ''
                findings.add('wrong-tag', f'{where}[{i}]{name}: {wrong_tag(tag)}')


@lru_cache(maxsize=1000)
def _unknown_keypoint(name: str, names: tuple[str, ...]) -> str:
    # The nearest of many names is slow to find, and the same fault comes in each entry.
    return unknown_keypoint(name, names)


def read_box(value: object) -> tuple[list[float] | None, str, str]:
    """Read a box.

    Args:
        value (object): Should be [x, y, width, height] in pixels.

    Returns:
        tuple[list[float] | None, str, str]: The box, None if it cannot be used; then kind
        (``'box'`` or ``'not-finite'``) and text of the fault.
    """
    if not isinstance(value, list) or len(value) != 4:
        return None, 'box', f'is {short(value)}, not four numbers'
    if not are_numbers(value):
        if any(map(is_not_finite, value)):
            return None, 'not-finite', f'is {short(value, 120)}'
        return None, 'box', f'is {short(value)}, not four numbers'
    if value[2] <= 0 or value[3] <= 0:
        return None, 'box', f'is {short(value)}: width and height must be above 0'
    return value, '', ''
