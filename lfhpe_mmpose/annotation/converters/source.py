"""The file that a converter reads: opened, unpacked and parsed, with clear messages."""

import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from lfhpe_mmpose.errors import UserError, package_error

# How many times its archive's size a file may have, and the size in bytes that is always read.
# CVAT's exports reach 20, and XML with the same answer everywhere 72.
_MAX_RATIOS = {'.json': 50}
_MAX_RATIO, _ALWAYS_READ = 150, 1 << 23
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
            name = _member(archive.namelist(), suffixes, path, remedy)
            ratio = _MAX_RATIOS.get(os.path.splitext(name)[1], _MAX_RATIO)
            with archive.open(name) as member:
                most = max(ratio * os.fstat(file.fileno()).st_size, _ALWAYS_READ)
                yield io.BufferedReader(_Bounded(member, most, path))
        except _ZIP_ERRORS as error:
            if isinstance(error, RecursionError):
                raise
            fault = f'the zip archive is damaged or encrypted ({error}).'
            raise UserError('damaged', path, fault, 'Export it again.') from None


class _Bounded(io.RawIOBase):
    """A file of an archive that must not be larger than ``most`` bytes."""

    def __init__(self, file: IO[bytes], most: int, path: str) -> None:
        self._file, self._left, self._path = file, most, path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        self._left -= len(content)
        if self._left < 0:
            fault = 'the file in the archive is far larger than any export of CVAT would be.'
            remedy = 'If you trust it, unpack it and give the file.'
            raise UserError('too-large', self._path, fault, remedy)
        return len(content)


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
    except UserError:
        raise
    except (ValueError, RecursionError) as error:
        raise UserError('not-json', path, f'this is not a JSON file ({error}).', remedy) from None


def size_in(folder: str, name: str, where: str) -> tuple[int, int]:
    """Width and height of an image of a folder, as training reads it.

    Raises:
        UserError: 'outside-folder', 'missing-image' or 'unreadable-image'.
    """
    from lfhpe_mmpose.files.images import image_size
    from lfhpe_mmpose.files.paths import inside

    try:
        return image_size(inside(folder, name, where))
    except UserError as error:
        if error.place == where:
            raise
        raise UserError(error.code, where, f'{error.place}: {error.fault}', error.remedy) from None


def missing_package(path: str, package: str, extra: str, otherwise: str) -> UserError:
    """The error of a package that a format needs and that is not installed."""
    remedy = f'Run `pip install lfhpe_mmpose[{extra}]`. {otherwise}'
    return package_error(package, path, remedy.strip())
