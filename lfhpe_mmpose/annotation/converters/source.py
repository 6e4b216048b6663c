"""The file that a converter reads: opened, unpacked and parsed, with clear messages."""

import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from lfhpe_mmpose.errors import UserError

_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)


@contextmanager
def open_binary(path: str) -> Iterator[IO[bytes]]:
    """Open a file that is not empty.

    Raises:
        UserError: 'unreadable-file' or 'empty-file'.
    """
    try:
        file = open(path, 'rb')  # noqa: SIM115 (its body must not be in this try)
    except (OSError, ValueError) as error:
        fault = f'the file cannot be read ({getattr(error, "strerror", None) or error}).'
        raise UserError('unreadable-file', path, fault, 'Correct the path.') from None
    with file:
        if os.fstat(file.fileno()).st_size == 0:
            raise UserError('empty-file', path, 'the file is empty.', 'Export it again.')
        yield file


@contextmanager
def open_member(path: str, suffixes: tuple[str, ...], remedy: str) -> Iterator[IO[bytes]]:
    """Open a file, or the one fitting file inside a zip archive.

    Args:
        path: The file or archive.
        suffixes: Endings of the file inside an archive; the first that matches decides.
        remedy: What to do if not exactly one file fits.

    Raises:
        UserError: 'archive' if no or several files fit, 'damaged' if it cannot be unpacked.
    """
    with open_binary(path) as file:
        if file.read(2) != b'PK':
            file.seek(0)
            yield file
            return
        try:
            archive = zipfile.ZipFile(file)
            with archive.open(_member(archive.namelist(), suffixes, path, remedy)) as member:
                yield member
        except _ZIP_ERRORS as error:
            if isinstance(error, RecursionError):
                raise
            fault = f'the zip archive is damaged or encrypted ({error}).'
            raise UserError('damaged', path, fault, 'Export it again.') from None


def _member(members: list[str], suffixes: tuple[str, ...], path: str, remedy: str) -> str:
    for suffix in suffixes:
        found = [m for m in members if m.endswith(suffix) and '__MACOSX' not in m]
        if found:
            break
    if len(found) != 1:
        fault = f'the archive holds {len(found)} annotation files ({", ".join(suffixes)}).'
        raise UserError('archive', path, fault, remedy)
    return found[0]


def read_json(file: IO[bytes], path: str, remedy: str) -> Any:
    """Parse a JSON file.

    Raises:
        UserError: 'not-json' if it is anything else.
    """
    try:
        return json.load(file)
    except (ValueError, RecursionError) as error:
        raise UserError('not-json', path, f'this is not a JSON file ({error}).', remedy) from None
