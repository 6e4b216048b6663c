"""Ids of millions of entries in 8 bytes each."""

from array import array
from hashlib import blake2b

import numpy as np

from lfhpe_mmpose.tags.entries import short

from .findings import MORE, Findings
from .reader import Reader
from .scan import Part

_BITS = 1 << 63


def id_key(value: int | str) -> int:
    """Write an id in 64 bits.

    Args:
        value (int | str): The id.

    Returns:
        int: The number itself, or a hash of the text. That two of a million texts have the
        same one has a chance of 1 : 30 000 000.
    """
    if isinstance(value, int) and -_BITS <= value < _BITS:
        return value
    data = f'{type(value).__name__} {value}'.encode('utf-8', 'surrogatepass')
    return int.from_bytes(blake2b(data, digest_size=8).digest(), 'little', signed=True)


class IdColumn:
    """A column of ids, by the index of their entry.

    An entry without an id takes no part in it, so the index is kept as well.
    """

    def __init__(self) -> None:
        self._keys = array('q')
        self._indices = array('q')
        self._sorted: tuple[np.ndarray, np.ndarray] | None = None

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: int, index: int) -> None:
        """Append an id.

        Args:
            key (int): Of :func:`id_key`.
            index (int): Index of the entry.
        """
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
        """Entries with an id that came before.

        Args:
            most (int): How many to name.

        Returns:
            tuple[int, list[tuple[int, int]]]: Their number; index of the entry and of the
            first one with its id, of the first of them.
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
        """Find ids.

        Args:
            keys (np.ndarray): Of :func:`id_key`, in shape (N,), int64.

        Returns:
            np.ndarray: Row (in the order of :meth:`add`) of the last entry with each id, as
            in a dict, in shape (N,), -1 where there is none.
        """
        own, order = self._sort()
        if not len(own):
            return np.full(len(keys), -1, dtype=np.int64)
        at = np.searchsorted(own, keys, side='right') - 1
        there = (at >= 0) & (own[at] == keys)
        return np.where(there, order[at], -1)

    def shared(self, other: 'IdColumn', most: int) -> tuple[int, list[tuple[int, int]]]:
        """Entries of both columns.

        Args:
            other (IdColumn): The other one.
            most (int): How many to name.

        Returns:
            tuple[int, list[tuple[int, int]]]: Their number; index here and there, of the
            first of them.
        """
        found = other.rows(np.array(self._keys, dtype=np.int64))
        here = np.flatnonzero(found >= 0)
        few = here[:most]
        return len(here), [(self._indices[i], other._indices[found[i]]) for i in few]


def tell_doubles(
    column: IdColumn, code: str, key: str, reader: Reader, part: Part, findings: Findings
) -> None:
    """Tell which entries have an id, or a name, that another one has.

    Args:
        column (IdColumn): Those of all entries.
        code (str): Kind of the fault.
        key (str): What they are called in the file.
        reader (Reader): The file; the first entries are read again, for their ids.
        part (Part): The list of the entries.
        findings (Findings): Where they are told.
    """
    count, first = column.doubles(findings.max_shown)
    entries = reader.entries_at(part, [i for i, _ in first])
    for i, before in first:
        # Only entries that are objects with this key are in the column.
        value = entries[i][key]
        text = f'{part.key}[{i}].{key} is {short(value)}, as that of {part.key}[{before}]'
        findings.add(code, text)
    if count > len(first):
        findings.add(code, MORE, count=count - len(first))
