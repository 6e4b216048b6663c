"""How often each keypoint is seen, not seen and unknown, and what can be learnt from that."""

from collections.abc import Sequence

import numpy as np

from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN
from .findings import Findings
from .kinds import WARNING
from .values import Names

_BATCH = 8192


class Tally:
    """Tags of one keypoint set, counted.

    Args:
        names (Names): The K keypoints.

    Attributes:
        counts (np.ndarray): Seen, absent and unknown of each keypoint in shape (K, 3): tags
            of whole persons and of views.
        located (np.ndarray): Persons with a coordinate of each keypoint, (K,).
    """

    def __init__(self, names: Names) -> None:
        self.names = names.names
        self.counts = np.zeros((len(names), 3), dtype=np.int64)
        self.located = np.zeros(len(names), dtype=np.int64)
        self._rows: list[Sequence] = []
        self._flags: list[Sequence] = []

    def add(self, tags: Sequence[float]) -> None:
        """Count the tags of a person or of a view.

        Args:
            tags (Sequence[float]): K tags.
        """
        self._rows.append(tags)
        if len(self._rows) >= _BATCH:
            self.flush()

    def add_located(self, flags: Sequence[float]) -> None:
        """Count the coordinates of a person.

        Args:
            flags (Sequence[float]): K visibility flags.
        """
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
        """Tell which keypoints cannot be learnt from these tags.

        It takes pictures with and without a keypoint. Where coordinates teach it, a lack of
        one of them is a warning.

        Args:
            findings (Findings): Where faults are told.
        """
        self.flush()
        for name, (seen, absent, unknown), located in zip(self.names, self.counts, self.located):
            if seen and absent:
                continue
            if not seen and not absent:
                code, text = 'never-tagged', f'no known tag ({unknown} unknown)'
            elif not seen:
                code, text = 'never-present', f'0 seen, {absent} not seen, {unknown} unknown'
            else:
                code, text = 'never-absent', f'{seen} seen, 0 not seen, {unknown} unknown'
            if located:
                text += f'; {located} persons have its coordinates, which teach it if located'
            findings.add(code, f'keypoint {name!r}: {text}', WARNING if located else None)

    def to_dict(self) -> dict:
        """The counts by keypoint."""
        self.flush()
        return {
            name: dict(seen=int(s), absent=int(a), unknown=int(u), located=int(n))
            for name, (s, a, u), n in zip(self.names, self.counts, self.located)
        }
