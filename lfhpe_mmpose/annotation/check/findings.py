"""What was found: for each kind a count and the first entries."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .kinds import ERROR, KINDS, WARNING, Kind

# The entry of faults that were counted and are not named.
MORE = 'and more'

# NaN and Infinity are not JSON, though Python reads and writes them. They are read as these
# numbers, which are of no use in a picture either, and written as what they were.
NOT_FINITE = {
    'NaN': 1.7976931348623157e308,
    'Infinity': 1.7976931348623155e308,
    '-Infinity': -1.7976931348623155e308,
}


@dataclass
class Found:
    """What was found of one kind.

    Attributes:
        kind (Kind): The kind.
        severity (str): ``'error'`` or ``'warning'``.
        count (int): How often.
        entries (list[str]): The first entries, ``'<entry>: <fault>'``.
    """

    kind: Kind
    severity: str
    count: int = 0
    entries: list[str] = field(default_factory=list)


class Findings:
    """Collect faults; the memory does not grow with their number.

    Args:
        max_shown (int): Entries kept of each kind. Defaults to 5.
        ignore (Iterable[str]): Codes that are counted, but neither errors nor warnings.
            Defaults to none.

    Attributes:
        total (int): All faults, ignored ones included.
    """

    def __init__(self, max_shown: int = 5, ignore: Iterable[str] = ()) -> None:
        self.max_shown = max_shown
        self.ignore = frozenset(ignore)
        self.total = 0
        self._found: dict[tuple[str, str], Found] = {}

    def add(self, code: str, entry: str, severity: str | None = None, count: int = 1) -> None:
        """Add a fault.

        Args:
            code (str): Its kind, of :data:`~.kinds.KINDS`.
            entry (str): ``'<entry>: <fault>'``.
            severity (str, optional): Where it is not the kind's own. Defaults to None.
            count (int): How many faults the entry stands for. Defaults to 1.
        """
        kind = KINDS[code]
        severity = severity or kind.severity
        found = self._found.setdefault((code, severity), Found(kind, severity))
        found.count += count
        self.total += count
        if entry != MORE and len(found.entries) < self.max_shown:
            found.entries.append(printable(_named(entry)))

    def of(self, severity: str) -> list[Found]:
        """The kinds found with a severity, ignored ones left out.

        Args:
            severity (str): ``'error'`` or ``'warning'``.

        Returns:
            list[Found]: In the order of :data:`~.kinds.KINDS`.
        """
        order = list(KINDS)
        mine = [
            f
            for (code, own), f in self._found.items()
            if own == severity and code not in self.ignore
        ]
        return sorted(mine, key=lambda f: order.index(f.kind.code))

    def ignored(self) -> list[Found]:
        """The kinds found that are to be ignored."""
        return [f for (code, _), f in self._found.items() if code in self.ignore]

    def count(self, severity: str) -> int:
        """How many faults there are of a severity, ignored ones left out."""
        return sum(f.count for f in self.of(severity))

    @property
    def errors(self) -> int:
        """Number of errors."""
        return self.count(ERROR)

    @property
    def warnings(self) -> int:
        """Number of warnings."""
        return self.count(WARNING)

    def codes(self) -> set[str]:
        """The codes found, ignored ones included."""
        return {code for code, _ in self._found}


def _named(text: str) -> str:
    if 'e+308' in text:
        # The one with a sign holds the one without.
        for name, number in sorted(NOT_FINITE.items(), key=lambda item: -len(repr(item[1]))):
            text = text.replace(repr(number), name)
    return text


def printable(text: str) -> str:
    """Make text of a file safe to be printed and written: half characters are escaped."""
    return text.encode('utf-8', 'backslashreplace').decode('utf-8')
