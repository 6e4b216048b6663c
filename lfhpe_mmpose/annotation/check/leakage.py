"""Images that are in two files, of which one is to test what the other has taught."""

import os
from array import array
from collections.abc import Mapping
from hashlib import blake2b

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.entries import short

from .findings import MORE, Findings
from .ids import IdColumn
from .image_entries import Images, name_key, read_images
from .image_files import image_files
from .reader import Reader
from .scan import Part, ScanError, scan


class OtherFile:
    """A file that must not share an image with the checked one.

    Args:
        path (str): The file.
        root (str, optional): Its image folder. Defaults to None: not known.

    Raises:
        UserError: If its images cannot be read.
    """

    def __init__(self, path: str, root: str | None = None) -> None:
        self.path = path
        self.root = root
        faults = Findings(1)
        try:
            layout = scan(path)
        except ScanError as error:
            raise UserError(f'--against {path}: cannot be read: {error.text}.') from None
        part = layout.part('images')
        if part is None or part.kind != 'list':
            raise UserError(f"--against {path}: has no list 'images'; give a COCO-style file.")
        self.part: Part = part
        self.reader = Reader(layout, faults)
        self.images = read_images(self.reader, part, faults)
        broken = [f for f in faults.of('error') if f.kind.code in ('not-json', 'malformed')]
        if broken:
            raise UserError(
                f'--against {path}: {broken[0].entries[0]}. Check this file first '
                f'(tools/check_tags.py {path}).'
            )


def check_leakage(
    reader: Reader,
    part: Part,
    images: Images,
    root: str | None,
    other: OtherFile,
    findings: Findings,
    same_bytes: bool = False,
) -> int:
    """Tell the images of both files.

    Args:
        reader (Reader): The checked file.
        part (Part): Its list ``images``.
        images (Images): Its images.
        root (str, optional): Its image folder.
        other (OtherFile): The other file.
        findings (Findings): Where they are told.
        same_bytes (bool): Compare the content of the image files too; both need a folder.
            Defaults to False.

    Returns:
        int: Images of this file that the other one has.
    """
    count, first = images.names.shared(other.images.names, findings.max_shown)
    apart = root is not None and other.root is not None and not _same_folder(root, other.root)
    if not (apart and same_bytes):
        # Of images in different folders the names mean little, and the bytes everything.
        code = 'shared-name' if apart else 'shared-image'
        _tell(code, reader, part, other, (count, first), findings)
    else:
        count = 0
    if same_bytes and root is not None and other.root is not None:
        found = _same_bytes(reader, part, root, other, known=not apart)
        pairs = found[0].shared(found[1], findings.max_shown)
        _tell('shared-image', reader, part, other, pairs, findings, 'byte by byte ')
        count += pairs[0]
    return count


def _tell(
    code: str,
    reader: Reader,
    part: Part,
    other: OtherFile,
    found: tuple[int, list],
    findings: Findings,
    how: str = '',
) -> None:
    count, first = found
    mine = reader.entries_at(part, [i for i, _ in first])
    theirs = other.reader.entries_at(other.part, [j for _, j in first])
    for i, j in first:
        a, b = _entry(mine.get(i)), _entry(theirs.get(j))
        same = ', with the same id' if a.get('id') == b.get('id') else ''
        text = f'images[{i}] ({short(a.get("file_name"), 200)}) is {how}images[{j}]'
        if how:
            text += f' ({short(b.get("file_name"), 200)})'
        findings.add(code, f'{text} of {other.path}{same}')
    if count > len(first):
        findings.add(code, MORE, count=count - len(first))


def _entry(image: object) -> Mapping:
    return image if isinstance(image, Mapping) else {}


def _same_folder(a: str, b: str) -> bool:
    return os.path.realpath(a) == os.path.realpath(b)


def _same_bytes(
    reader: Reader, part: Part, root: str, other: OtherFile, known: bool
) -> tuple[IdColumn, IdColumn]:
    """Hash the files whose size occurs in both; ``known``: not those of the same name."""
    sides = ((reader, part, root), (other.reader, other.part, other.root or ''))
    sizes = [np.unique(np.array(_file_sizes(*side), dtype=np.int64)) for side in sides]
    both = set(np.intersect1d(sizes[0], sizes[1]).tolist()) - {-1}
    columns = IdColumn(), IdColumn()
    for (own, own_part, folder), column in zip(sides, columns):
        for image in image_files(own, own_part, folder):
            if _file_size(image.path) not in both:
                continue
            if known and own is reader:
                name = name_key(os.path.relpath(image.path, folder))
                if other.images.names.rows(np.array([name]))[0] >= 0:
                    continue
            try:
                with open(image.path, 'rb') as file:
                    digest = blake2b(file.read(), digest_size=8).digest()
            except OSError:
                continue  # told as unreadable
            column.add(int.from_bytes(digest, 'little', signed=True), image.row)
    return columns


def _file_sizes(reader: Reader, part: Part, root: str) -> array:
    return array('q', (_file_size(image.path) for image in image_files(reader, part, root)))


def _file_size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return -1
