"""The list ``images``: ids, sizes and names; nothing is opened."""

import posixpath
from array import array
from collections.abc import Mapping

import numpy as np

from .findings import Findings, short
from .ids import IdColumn, id_key, is_id, tell_doubles
from .reader import Reader
from .scan import Part
from .values import is_number, not_number


class Images:
    """The images of a file, about 50 bytes each.

    Attributes:
        count (int): Entries of the list.
        ids (IdColumn): Their ids.
        names (IdColumn): Hashes of their file names.
    """

    def __init__(self) -> None:
        self.count = 0
        self.ids = IdColumn()
        self.names = IdColumn()
        self._widths = array('f')
        self._heights = array('f')

    def add(self, key: int, index: int, size: tuple[float, float]) -> None:
        """Append an image.

        Args:
            key (int): Of its id.
            index (int): Index of the entry.
            size (tuple[float, float]): Width and height in pixels, NaN if not known.
        """
        self.ids.add(key, index)
        self._widths.append(size[0])
        self._heights.append(size[1])

    def sizes(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Look up images.

        Args:
            keys (np.ndarray): Of ids, in shape (N,), int64.

        Returns:
            tuple[np.ndarray, np.ndarray, np.ndarray]: Whether there is such an image (bool),
            width and height (float32, NaN where not known), in shape (N,) each.
        """
        rows = self.ids.rows(keys)
        there = rows >= 0
        if not there.any():
            nan = np.full(len(keys), np.nan, dtype=np.float32)
            return there, nan, nan
        widths = np.array(self._widths, dtype=np.float32)
        heights = np.array(self._heights, dtype=np.float32)
        return (
            there,
            np.where(there, widths[rows], np.nan),
            np.where(there, heights[rows], np.nan),
        )


def name_key(file_name: str) -> int:
    """Write a file name in 64 bits; ``a//b`` and ``./a/b`` are ``a/b``.

    Args:
        file_name (str): Relative to the image folder.

    Returns:
        int: A hash.
    """
    return id_key(posixpath.normpath(file_name))


def read_images(reader: Reader, part: Part, findings: Findings) -> Images:
    """Check the images of a file.

    Args:
        reader (Reader): The file.
        part (Part): Its list ``images``.
        findings (Findings): Where faults are told.

    Returns:
        Images: Ids, sizes and names.
    """
    out = Images()
    for i, image in reader.entries(part):
        out.count += 1
        at = f'images[{i}]'
        if not isinstance(image, Mapping):
            findings.add('malformed', f'{at} is {short(image)}, no object')
            continue
        ident, name = image.get('id'), image.get('file_name')
        if isinstance(name, str) and name:
            out.names.add(name_key(name), i)
        else:
            state = f'is {short(name)}' if 'file_name' in image else 'is missing'
            findings.add('malformed', f'{at}.file_name {state}, no text')
        size = _size(image, at, findings)
        if is_id(ident):
            out.add(id_key(ident), i, size)
        else:
            state = f'is {short(ident)}' if 'id' in image else 'is missing'
            findings.add('malformed', f'{at}.id {state}, no whole number or text')
    tell_doubles(out.ids, 'duplicate-id', 'id', reader, part, findings)
    tell_doubles(out.names, 'duplicate-image', 'file_name', reader, part, findings)
    return out


def _size(image: Mapping, at: str, findings: Findings) -> tuple[float, float]:
    size = [float('nan')] * 2
    for k, key in enumerate(('width', 'height')):
        value = image.get(key)
        if key not in image:
            findings.add('malformed', f'{at}.{key} is missing')
        elif not is_number(value):
            not_number(findings, value, f'{at}.{key}')
        elif value <= 0:
            findings.add('malformed', f'{at}.{key} is {short(value)}; it must be above 0')
        else:
            size[k] = value
    return size[0], size[1]
