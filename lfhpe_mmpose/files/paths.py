"""Paths: names of a tag file below the image folder, and other storage."""

import os
from pathlib import Path

from lfhpe_mmpose.errors import UserError


def inside(folder: str | os.PathLike[str], name: str, where: str = '') -> Path:
    """Join a folder and a file name; refuse a name that leads out of the folder.

    A file from elsewhere must not decide which files are opened. Links inside the folder are the
    user's own and are followed.

    Args:
        folder: The folder that the user gave.
        name: The ``file_name`` of an image.
        where: File and entry, for the message; by default the name.

    Raises:
        UserError: 'outside-folder' if the name is absolute or leads out by ``..``.
    """
    if os.path.isabs(name) or os.path.normpath(name).split(os.sep)[0] == os.pardir:
        fault = f'{name!r} leads out of the image folder {folder}.'
        remedy = 'Give a folder that contains all images, and names relative to it.'
        raise UserError('outside-folder', where or name, fault, remedy)
    return Path(folder, name)


def is_remote(path: str) -> bool:
    """Whether a path is for another storage than the local disk."""
    return '://' in path or path.startswith('s3:')
