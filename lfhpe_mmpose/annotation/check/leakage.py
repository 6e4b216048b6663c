"""Images that are in two files, of which one tests what the other teaches."""

import os
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.json_stream import JsonFile, open_json
from lfhpe_mmpose.tags.faults import short

from .findings import Findings
from .ids import IdColumn
from .image_entries import Images, name_key, read_images
from .image_files import image_files


@dataclass
class ImageList:
    """The images of a file.

    Attributes:
        path: The file.
        root: Its image folder; None: not known.
        file: Its lists.
        images: Ids and names.
    """

    path: str
    root: str | None
    file: JsonFile
    images: Images

    @classmethod
    def read(cls, path: str, root: str | None) -> 'ImageList':
        """Read the images of a file.

        Raises:
            UserError: If they cannot be read.
        """
        file = open_json(path)
        part = file.part('images')
        remedy = f'Run lfhpe check {path} first.'
        if part is None or part.kind != 'list':
            raise UserError('structure', path, "the list 'images' is missing.", remedy)
        faults = Findings(1)
        images = read_images(file, faults)
        for found in faults.of('error'):
            if found.kind.code == 'malformed':
                raise UserError('malformed', path, f'{found.entries[0]}.', remedy)
        return cls(path, root, file, images)

    def entry(self, index: int) -> Mapping[str, Any]:
        """An image by its index."""
        image = self.file.entries_at('images', [index]).get(index)
        return image if isinstance(image, Mapping) else {}


def find_shared(
    mine: ImageList, other: ImageList, findings: Findings, same_bytes: bool = False
) -> int:
    """Report the images of both files.

    Args:
        mine: The checked file.
        other: A file that must not share an image with it.
        findings: Where they are reported.
        same_bytes: Compare the content of the image files too; both need a folder.

    Returns:
        Number of images of the checked file that the other one has.
    """
    found = mine.images.names.shared(other.images.names, findings.max_shown)
    apart = None not in (mine.root, other.root) and not _same_folder(mine, other)
    if apart and same_bytes:
        # Of images in different folders the names mean little, and the bytes everything.
        found = 0, []
    _report('shared-name' if apart else 'shared-image', mine, other, found, findings)
    if not same_bytes or None in (mine.root, other.root):
        return found[0]
    columns = _same_bytes(mine, other, known=not apart)
    pairs = columns[0].shared(columns[1], findings.max_shown)
    _report('shared-image', mine, other, pairs, findings, 'byte by byte ')
    return found[0] + pairs[0]


def _report(
    code: str,
    mine: ImageList,
    other: ImageList,
    found: tuple[int, list[tuple[int, int]]],
    findings: Findings,
    how: str = '',
) -> None:
    count, first = found
    for i, j in first:
        a, b = mine.entry(i), other.entry(j)
        text = f'{short(a.get("file_name"), 200)} is {how}images[{j}]'
        if how:
            text += f' ({short(b.get("file_name"), 200)})'
        same = ', with the same id' if a.get('id') == b.get('id') else ''
        findings.add(code, f'images[{i}]', f'{text} of {other.path}{same}')
    if count > len(first):
        findings.add_more(code, count - len(first))


def _same_folder(mine: ImageList, other: ImageList) -> bool:
    return os.path.realpath(mine.root or '') == os.path.realpath(other.root or '')


def _same_bytes(mine: ImageList, other: ImageList, known: bool) -> tuple[IdColumn, IdColumn]:
    """Hash the files whose size occurs in both; ``known``: not those of the same name."""
    both = set(np.intersect1d(_file_sizes(mine), _file_sizes(other)).tolist()) - {-1}
    columns = IdColumn(), IdColumn()
    for side, column in zip((mine, other), columns):
        for image in image_files(side.file, side.root or ''):
            if _file_size(image.path) not in both:
                continue
            if known and side is mine:
                name = name_key(os.path.relpath(image.path, side.root))
                if other.images.names.rows(np.array([name]))[0] >= 0:
                    continue
            try:
                with open(image.path, 'rb') as file:
                    digest = blake2b(file.read(), digest_size=8).digest()
            except OSError:
                continue  # reported as unreadable
            column.add(int.from_bytes(digest, 'little', signed=True), image.row)
    return columns


def _file_sizes(side: ImageList) -> np.ndarray:
    images = image_files(side.file, side.root or '')
    return np.unique(np.array(array('q', (_file_size(i.path) for i in images)), dtype=np.int64))


def _file_size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return -1
