"""What was found: for each kind of fault a count and the first findings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from lfhpe_mmpose.fault_codes import ERROR, KINDS, WARNING, Kind
from lfhpe_mmpose.tags.faults import Fault


class Finding(NamedTuple):
    """A fault, its place and its severity; the code and remedy are those of a ``UserError``."""

    code: str
    place: str
    fault: str
    severity: str
    remedy: str = ''

    def __str__(self) -> str:
        # Only a guess ('Did you mean ...?') says more than the remedy of the kind.
        guess = f'. {self.remedy}' if self.remedy.startswith('Did you mean') else ''
        return printable(f'{self.place}: {self.fault}{guess}')


@dataclass
class Found:
    """What was found of one kind: its severity, how often, the first findings, a guess why."""

    kind: Kind
    severity: str
    count: int = 0
    entries: list[Finding] = field(default_factory=list)
    guess: str = ''


class Findings:
    """Collect faults in a memory that does not grow with their number.

    Args:
        max_shown: Findings kept of each kind.
        ignore: Codes that are counted, but are neither errors nor warnings.

    Attributes:
        total: Number of faults, ignored ones included.
    """

    def __init__(self, max_shown: int = 5, ignore: Iterable[str] = ()) -> None:
        self.max_shown = max_shown
        self.ignore = frozenset(ignore)
        self.total = 0
        self._found: dict[tuple[str, str], Found] = {}

    def add(self, code: str, place: str, fault: str, severity: str = '', remedy: str = '') -> None:
        """Add a fault; ``severity`` is given where it is not that of the kind."""
        severity = severity or KINDS[code].severity
        found = self.add_more(code, 1, severity)
        if len(found.entries) < self.max_shown:
            found.entries.append(Finding(code, place, fault, severity, remedy))

    def shows(self, code: str) -> bool:
        """Whether the next fault of a kind is shown, and not only counted."""
        found = self._found.get((code, KINDS[code].severity))
        return found is None or len(found.entries) < self.max_shown

    def add_more(self, code: str, count: int, severity: str = '') -> Found:
        """Count faults that are not shown."""
        kind = KINDS[code]
        severity = severity or kind.severity
        found = self._found.setdefault((code, severity), Found(kind, severity))
        found.count += count
        self.total += count
        return found

    def take(self, faults: Iterable[Fault], place: Callable[[], str], severity: str = '') -> None:
        """Add the faults of an entry, of which ``place`` gives the name."""
        for fault in faults:
            self.add(fault.code, place() + fault.at, fault.text, severity, fault.remedy)

    def explain(self, code: str, guess: str) -> None:
        """Add what the faults of a kind look like."""
        for found in self._found.values():
            if found.kind.code == code:
                found.guess = guess

    def of(self, severity: str) -> list[Found]:
        """The kinds found with a severity, ignored ones left out, in the catalogue's order."""
        order = list(KINDS)
        mine = [f for f in self._found.values() if f.severity == severity]
        mine = [f for f in mine if f.kind.code not in self.ignore]
        return sorted(mine, key=lambda f: order.index(f.kind.code))

    def ignored(self) -> list[Found]:
        """The kinds found that are ignored."""
        return [f for (code, _), f in self._found.items() if code in self.ignore]

    @property
    def errors(self) -> int:
        """Number of errors."""
        return sum(f.count for f in self.of(ERROR))

    @property
    def warnings(self) -> int:
        """Number of warnings."""
        return sum(f.count for f in self.of(WARNING))

    def codes(self) -> set[str]:
        """The codes found, ignored ones included."""
        return {code for code, _ in self._found}


def printable(text: str) -> str:
    """Escape half characters (lone surrogates), which cannot be printed or written."""
    return text.encode('utf-8', 'backslashreplace').decode('utf-8')
