"""The list ``images``: ids, sizes and names; nothing is opened."""

import posixpath
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lfhpe_mmpose.files.json_stream import JsonFile
from lfhpe_mmpose.tags.entries import image_faults
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.fields import is_id, is_number

from .findings import Findings
from .ids import IdColumn, find_doubles, id_key


class Images:
    """The images of a file, about 50 bytes each.

    Attributes:
        count: Entries of the list.
        ids: Their ids.
        names: Hashes of their file names.
    """

    def __init__(self) -> None:
        self.count = 0
        self.ids = IdColumn()
        self.names = IdColumn()
        self._widths = array('f')
        self._heights = array('f')

    def add(self, key: int, index: int, width: float, height: float) -> None:
        """Append an image by the key of its id; a size that is not known is NaN."""
        self.ids.add(key, index)
        self._widths.append(width)
        self._heights.append(height)

    def sizes(self, ids: Sequence[Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Look up images by their N ids.

        Returns:
            Whether there is such an image (N,), its width and height (N,), NaN where not known.
        """
        keys = np.array([id_key(ident) for ident in ids], dtype=np.int64)
        rows = self.ids.rows(keys)
        there = rows >= 0
        if not there.any():
            nan = np.full(len(keys), np.nan, dtype=np.float32)
            return there, nan, nan
        sides = (np.array(side, dtype=np.float32) for side in (self._widths, self._heights))
        width, height = (np.where(there, side[rows], np.nan) for side in sides)
        return there, width, height


def name_key(file_name: str) -> int:
    """Write a file name in 64 bits; ``a//b`` and ``./a/b`` are ``a/b``."""
    return id_key(posixpath.normpath(file_name))


def read_images(
    file: JsonFile, findings: Findings, on_bytes: Callable[[int], Any] = lambda n: None
) -> Images:
    """Check the images of a file."""
    out = Images()
    for i, image in file.entries('images', on_bytes):
        out.count += 1
        if not isinstance(image, Mapping):
            findings.add('malformed', f'images[{i}]', f'{short(image)} is not an object')
            continue
        findings.take(image_faults(image), f'images[{i}]'.__str__)
        name = image.get('file_name')
        if isinstance(name, str) and name:
            out.names.add(name_key(name), i)
        if is_id(image.get('id')):
            out.add(id_key(image['id']), i, _side(image, 'width'), _side(image, 'height'))
    find_doubles(out.ids, 'duplicate-id', ('images', 'id'), file, findings)
    find_doubles(out.names, 'duplicate-image', ('images', 'file_name'), file, findings)
    return out


def _side(image: Mapping[str, Any], key: str) -> float:
    value = image.get(key)
    return value if is_number(value) and value > 0 else float('nan')
