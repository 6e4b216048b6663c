"""How often each keypoint is visible, not visible and unknown, and what that can teach."""

from collections.abc import Sequence

import numpy as np

from lfhpe_mmpose.fault_codes import WARNING
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN

from .categories import Names
from .findings import Findings

_BATCH = 8192


class Tally:
    """Counted tags of K keypoints.

    Attributes:
        counts: Visible, absent and unknown of each keypoint (K, 3): tags of persons and views.
        located: Persons with a coordinate of each keypoint (K,).
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self.counts = np.zeros((len(names), 3), dtype=np.int64)
        self.located = np.zeros(len(names), dtype=np.int64)
        self._rows: list[Sequence[float]] = []
        self._flags: list[Sequence[float]] = []

    def add(self, tags: Sequence[float]) -> None:
        """Count the K tags of a person or of a view."""
        self._rows.append(tags)
        if len(self._rows) >= _BATCH:
            self.flush()

    def add_located(self, flags: Sequence[float]) -> None:
        """Count the K visibility flags of a person with coordinates."""
        self._flags.append(flags)
        if len(self._flags) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Count what was collected."""
        if self._rows:
            tags = np.array(self._rows, dtype=np.int8)
            for column, tag in enumerate((SEEN, ABSENT, UNKNOWN)):
                self.counts[:, column] += (tags == tag).sum(0)
            self._rows.clear()
        if self._flags:
            self.located += (np.array(self._flags, dtype=np.int8) > 0).sum(0)
            self._flags.clear()

    def check(self, findings: Findings) -> None:
        """Report the keypoints that these tags cannot teach.

        Tags teach a keypoint by pictures with and without it. Where coordinates teach it, a
        missing kind is a warning.
        """
        self.flush()
        for name, (seen, absent, unknown), located in zip(self.names, self.counts, self.located):
            if seen and absent:
                continue
            text = f'{seen} visible, {absent} not visible, {unknown} unknown'
            code = 'never-absent' if seen else 'never-present' if absent else 'never-tagged'
            if located:
                text += f'; {located} persons have its coordinates, which teach it if located'
            findings.add(code, f'keypoint {name!r}', text, WARNING if located else '')

    def to_dict(self) -> dict[str, dict[str, int]]:
        """The counts by keypoint."""
        self.flush()
        return {
            name: dict(seen=int(s), absent=int(a), unknown=int(u), located=int(n))
            for name, (s, a, u), n in zip(self.names, self.counts, self.located)
        }
