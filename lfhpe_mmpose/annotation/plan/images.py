"""The images of a folder, told by their path below it.

Ids come from that path alone, so that an image has the same id, and its persons the same views,
whatever else lies in the folder.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_fault, image_size


def stable_id(*parts: object) -> int:
    """An id that depends on the given parts alone.

    Args:
        parts (object): What tells the thing from others; ``str`` of each is used.

    Returns:
        int: A number below 2**52, which every JSON reader keeps exactly.
    """
    text = '\0'.join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), 'big') >> 12


def image_entries(
    folder: str | os.PathLike, names: Sequence[str], progress: Iterable[str] | None = None
) -> tuple[list[dict], list[str]]:
    """Make the entries ``images`` of a tag file.

    Args:
        folder (str | os.PathLike): The folder.
        names (Sequence[str]): Paths relative to it.
        progress (Iterable[str], optional): The same names, wrapped in a progress bar.
            Defaults to None.

    Returns:
        tuple[list[dict], list[str]]: ``id, file_name, width, height`` of each good image, and
        a line for each that cannot be read.

    Raises:
        UserError: If two paths have one id (for a million images one chance in 9,000).
    """
    entries: list[dict] = []
    faults: list[str] = []
    owners: dict[int, str] = {}
    for name in names if progress is None else progress:
        path = os.path.join(folder, name)
        fault = image_fault(path)
        if fault:
            faults.append(f'{path}: left out, the file {fault}')
            continue
        number = stable_id(name)
        if owners.setdefault(number, name) != name:
            raise UserError(f'{path}: has the same id as {owners[number]}. Rename one of them.')
        try:
            width, height = image_size(path)
        except UserError as error:
            faults.append(f'left out: {error}')
            continue
        entries.append(dict(id=number, file_name=name, width=width, height=height))
    return entries, faults
