"""Values of an entry in the checker: faults become findings, valid values are returned."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from lfhpe_mmpose.tags.entries import Fault, are_tags, tags_faults
from lfhpe_mmpose.tags.values import UNKNOWN

from .findings import Findings


class Names:
    """The K names of a keypoint set, ready to be looked up."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.known = frozenset(names)

    def __len__(self) -> int:
        return len(self.names)


def collect(faults: Iterable[Fault], at: str, findings: Findings) -> bool:
    """Add the faults of the entry ``at``; returns whether there were none."""
    good = True
    for fault in faults:
        findings.add(fault.code, f'{at}{fault.at}: {fault.text}')
        good = False
    return good


def read_tags(
    value: object, names: Names, where: Callable[[], str], findings: Findings
) -> list | None:
    """Read ``keypoint_tags``: K tags, or None if there is a fault.

    Args:
        value: A list or an object.
        names: The K keypoints.
        where: Returns the entry; called only if there is a fault.
        findings: Where faults are added.
    """
    # Nearly all of a million entries are valid: the fast ways first.
    if isinstance(value, list):
        if len(value) == len(names) and are_tags(value):
            return value
    elif isinstance(value, Mapping) and names.known.issuperset(value) and are_tags(value.values()):
        return [value.get(name, UNKNOWN) for name in names.names]
    collect(tags_faults(value, names.names), where(), findings)
    return None
