"""What every entry of a tag file has: ids and numbers."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from .faults import Fault, short

# The types of a number; `true` is none.
NUMBERS = frozenset((int, float))
# Every number of pixels, and every area, stays below this.
_MOST = 1e9
# The checker reads NaN and infinity as the numbers at the end of the range of a float.
_NEARLY_INFINITE = 1.7976931348623154e308


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
    return type(value) in NUMBERS and abs(value) < _MOST  # type: ignore[arg-type]


def are_numbers(values: Sequence[Any]) -> bool:
    """Whether all values of a list are numbers of pixels; fast for valid lists."""
    if not NUMBERS.issuperset(map(type, values)):
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
                f'the {key} {state(entry, key)}',
                'Give a whole number or a string.',
            )


def state(entry: Mapping[str, Any], key: str) -> str:
    """What is wrong with the value of a key, as the end of a sentence."""
    return f'is {short(entry[key])}' if key in entry else 'is missing'
