"""A fault of an entry of a tag file: what is wrong, where, and what to do."""

from collections.abc import Iterable
from typing import NamedTuple, NoReturn

from lfhpe_mmpose.errors import UserError


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
