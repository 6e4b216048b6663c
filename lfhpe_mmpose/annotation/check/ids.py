"""Ids of millions of entries in 16 bytes each."""

from array import array
from hashlib import blake2b

import numpy as np

from lfhpe_mmpose.files.json_stream import JsonFile
from lfhpe_mmpose.tags.faults import short

from .findings import Findings

_BITS = 1 << 63


def id_key(value: int | str) -> int:
    """Write an id in 64 bits: the number itself, or a hash of the text.

    Two of a million texts have the same hash with a chance of 1 : 30 000 000.
    """
    if isinstance(value, int) and -_BITS <= value < _BITS:
        return value
    data = f'{type(value).__name__} {value}'.encode('utf-8', 'surrogatepass')
    return int.from_bytes(blake2b(data, digest_size=8).digest(), 'little', signed=True)


class IdColumn:
    """A column of ids with the indices of their entries; an entry without an id is not in it."""

    def __init__(self) -> None:
        self._keys = array('q')
        self._indices = array('q')
        self._sorted: tuple[np.ndarray, np.ndarray] | None = None

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: int, index: int) -> None:
        """Append the ``id_key`` of the entry with an index."""
        self._keys.append(key)
        self._indices.append(index)
        self._sorted = None

    def _sort(self) -> tuple[np.ndarray, np.ndarray]:
        """Sorted keys, and the rows they are in."""
        if self._sorted is None:
            # A copy: an array whose buffer is lent cannot grow.
            keys = np.array(self._keys, dtype=np.int64)
            order = np.argsort(keys, kind='stable')
            self._sorted = keys[order], order
        return self._sorted

    def doubles(self, most: int) -> tuple[int, list[tuple[int, int]]]:
        """Entries whose id came before.

        Returns:
            Their number; the index of each and of the first entry with its id, at most ``most``.
        """
        keys, order = self._sort()
        if len(keys) < 2:
            return 0, []
        again = np.flatnonzero(keys[1:] == keys[:-1]) + 1
        # Rows, and with them indices, are in the order of the file.
        again = again[np.argsort(order[again])]
        few = again[:most]
        first = np.searchsorted(keys, keys[few])
        index = self._indices
        return len(again), [(index[order[a]], index[order[b]]) for a, b in zip(few, first)]

    def rows(self, keys: np.ndarray) -> np.ndarray:
        """Find ids: the row of the last entry with each key (N,), -1 without one."""
        own, order = self._sort()
        if not len(own):
            return np.full(len(keys), -1, dtype=np.int64)
        at = np.searchsorted(own, keys, side='right') - 1
        there = (at >= 0) & (own[at] == keys)
        return np.where(there, order[at], -1)

    def shared(self, other: 'IdColumn', most: int) -> tuple[int, list[tuple[int, int]]]:
        """Entries of both columns.

        Returns:
            Their number; the index of each here and there, at most ``most``.
        """
        found = other.rows(np.array(self._keys, dtype=np.int64))
        here = np.flatnonzero(found >= 0)
        few = here[:most]
        return len(here), [(self._indices[i], other._indices[found[i]]) for i in few]


def find_doubles(
    column: IdColumn, code: str, at: tuple[str, str], file: JsonFile, findings: Findings
) -> None:
    """Report the entries whose id, or name, another one has."""
    part, key = at
    count, first = column.doubles(findings.max_shown)
    entries = file.entries_at(part, [i for i, _ in first])
    for i, before in first:
        # Only entries that are objects with this key are in the column.
        text = f'{short(entries[i][key])} is also that of {part}[{before}]'
        findings.add(code, f'{part}[{i}].{key}', text)
    if count > len(first):
        findings.add_more(code, count - len(first))
