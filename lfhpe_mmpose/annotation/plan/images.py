"""The images of a folder, told by their path below it.

Ids come from that path alone, so that an image has the same id, and its persons the same views,
whatever else lies in the folder.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence

from PIL import Image

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.checks.images import image_fault

# EXIF: from this orientation on the picture lies on its side.
_ORIENTATION, _SIDEWAYS = 0x0112, 5


def stable_id(*parts: object) -> int:
    """An id that depends on the given parts alone.

    Args:
        parts (object): What tells the thing from others; ``str`` of each is used.

    Returns:
        int: A number below 2**52, which every JSON reader keeps exactly.
    """
    text = '\0'.join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), 'big') >> 12


def image_size(path: str | os.PathLike) -> tuple[int, int]:
    """Width and height of an image as MMPose reads it, that is upright by its EXIF entry.

    Args:
        path (str | os.PathLike): The image.

    Returns:
        tuple[int, int]: Width and height in pixels.

    Raises:
        UserError: If it is no image.
    """
    try:
        with Image.open(path) as image:
            width, height = image.size
            turned = image.getexif().get(_ORIENTATION, 1)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError(f'{path}: the file is no image ({error}). Replace or remove it.') from None
    return (height, width) if turned in range(_SIDEWAYS, 9) else (width, height)


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
            faults.append(f'{path}: left out, {fault}')
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
