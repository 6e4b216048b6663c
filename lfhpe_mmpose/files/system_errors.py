"""Errors of the operating system as messages for a user."""

import errno
import os

from lfhpe_mmpose.errors import UserError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM)
_PATH = (errno.ENAMETOOLONG, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP)


def as_user_error(error: OSError, place: str = '', writes: bool = False) -> UserError | None:
    """Translate an error of the operating system that a user can do something about.

    Args:
        error: The error.
        place: The file, for the message. Defaults to the file that the error names.
        writes: Whether the file was being written. Any error is then translated.

    Returns:
        UserError | None: 'disk-full', 'permission', 'not-writable' or 'path'; None for another
        error.
    """
    if not place and error.filename is not None:
        place = str(os.fsdecode(error.filename))
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        remedy = 'Free some space, or write to another folder.'
        return UserError('disk-full', place, f'The file cannot be written ({reason}).', remedy)
    if error.errno in _FORBIDDEN:
        verb = 'written' if writes else 'opened or written'
        remedy = 'Change the permissions, or use another folder.'
        return UserError('permission', place, f'The file cannot be {verb} ({reason}).', remedy)
    if writes or error.errno == errno.EROFS:
        remedy = 'Give another file or folder.'
        return UserError('not-writable', place, f'The file cannot be written ({reason}).', remedy)
    if error.errno in _PATH and place:
        return UserError(
            'path', place, f'The file cannot be used ({reason}).', 'Correct the path.'
        )
    return None
