"""The list ``images``: ids, sizes and names; nothing is opened."""

import posixpath
from array import array
from collections.abc import Mapping

import numpy as np

from lfhpe_mmpose.tags.entries import image_faults, is_id, is_number, short

from .findings import Findings
from .ids import IdColumn, id_key, tell_doubles
from .reader import Reader
from .scan import Part
from .values import collect


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
        collect(image_faults(image), at, findings)
        ident, name = image.get('id'), image.get('file_name')
        if isinstance(name, str) and name:
            out.names.add(name_key(name), i)
        if is_id(ident):
            sides = [image.get(key) for key in ('width', 'height')]
            sides = [v if is_number(v) and v > 0 else float('nan') for v in sides]
            out.add(id_key(ident), i, (sides[0], sides[1]))
    tell_doubles(out.ids, 'duplicate-id', 'id', reader, part, findings)
    tell_doubles(out.names, 'duplicate-image', 'file_name', reader, part, findings)
    return out
