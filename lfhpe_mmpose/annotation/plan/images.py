"""Image entries and ids of a folder.

An id depends on the image's path below the folder alone. The same image keeps its id, and its
persons keep their views, whatever else lies in the folder.
"""

import hashlib
import os
from collections.abc import Iterable
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_fault, image_size


def stable_id(*parts: object) -> int:
    """Hash the text of the parts to an id below 2**52, which every JSON reader keeps exactly."""
    content = '\0'.join(map(str, parts)).encode('utf-8', 'surrogatepass')
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), 'big') >> 12


def printable(name: str) -> str:
    """A file name with escapes for bytes that are not UTF-8."""
    return name.encode('utf-8', 'surrogateescape').decode('utf-8', 'backslashreplace')


def image_entries(
    folder: str | os.PathLike[str], names: Iterable[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Make the entries ``images`` of a tag file, and a line for each unreadable image.

    Raises:
        UserError: If two paths have the same id (1 chance in 9,000 for a million images).
    """
    entries: list[dict[str, Any]] = []
    faults: list[str] = []
    owners: dict[int, str] = {}
    for name in names:
        path = os.path.join(folder, name)
        if name != printable(name):
            faults.append(f'{printable(path)}: left out, the name is not UTF-8. Rename the file.')
            continue
        fault = image_fault(path)
        if fault:
            faults.append(f'{path}: left out, the file {fault}')
            continue
        number = stable_id(name)
        if owners.setdefault(number, name) != name:
            raise UserError(
                'duplicate-id', path, f'same id as {owners[number]}.', 'Rename one of them.'
            )
        try:
            width, height = image_size(path)
        except UserError as error:
            faults.append(f'left out: {error}')
            continue
        entries.append(dict(id=number, file_name=name, width=width, height=height))
    return entries, faults
