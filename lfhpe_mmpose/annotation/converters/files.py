"""Files of a converter: opened with a clear message, written whole or not at all."""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lfhpe_mmpose.errors import UserError

_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)


@contextmanager
def open_binary(path: str) -> Iterator[BinaryIO]:
    """Open a file to read.

    Args:
        path (str): The file.

    Yields:
        BinaryIO: The open file.

    Raises:
        UserError: If it cannot be read or is empty.
    """
    try:
        file = open(path, 'rb')  # noqa: SIM115 (its body must not be in this try)
    except OSError as error:
        raise UserError(f'{path}: cannot be read ({error.strerror}). Correct the path.') from None
    with file:
        if os.fstat(file.fileno()).st_size == 0:
            raise UserError(f'{path}: the file is empty (0 bytes). Export it again.')
        yield file


@contextmanager
def open_member(path: str, suffixes: tuple[str, ...], remedy: str) -> Iterator[BinaryIO]:
    """Open a file, or the one fitting file inside a zip archive.

    Args:
        path (str): The file or archive.
        suffixes (tuple[str, ...]): How the name of the file in an archive may end; the first
            that one file fits is taken.
        remedy (str): What to do without exactly one fitting file, for the message.

    Yields:
        BinaryIO: The open file.

    Raises:
        UserError: If it cannot be read, or the archive holds no or several such files.
    """
    with open_binary(path) as file:
        if file.read(2) != b'PK':
            file.seek(0)
            yield file
            return
        try:
            with zipfile.ZipFile(file) as archive:
                found = _fitting(archive.namelist(), suffixes)
                if len(found) != 1:
                    raise UserError(
                        f'{path}: the archive holds {len(found)} annotation files '
                        f'({", ".join(suffixes)}). {remedy}'
                    )
                with archive.open(found[0]) as member:
                    yield member  # type: ignore[misc]
        except _ZIP_ERRORS as error:
            if isinstance(error, RecursionError):
                raise
            raise UserError(
                f'{path}: the zip archive is damaged or encrypted ({error}). Export it again.'
            ) from None


def _fitting(members: list[str], suffixes: tuple[str, ...]) -> list[str]:
    for suffix in suffixes:
        found = [m for m in members if m.endswith(suffix) and '__MACOSX' not in m]
        if found:
            return found
    return []


@contextmanager
def write_whole(path: str | os.PathLike) -> Iterator[Path]:
    """Write a file whole or not at all.

    Args:
        path (str | os.PathLike): The file; its folder is made if missing.

    Yields:
        Path: A hidden file beside it to write to, which takes its place at the end.

    Raises:
        UserError: If it cannot be written.
    """
    target = Path(path)
    part = target.with_name(f'.{target.name}.part')
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield part
        os.replace(part, target)
    except OSError as error:
        raise UserError(
            f'{path}: cannot be written ({error.strerror or error}). Name another file or folder.'
        ) from None
    finally:
        part.unlink(missing_ok=True)
