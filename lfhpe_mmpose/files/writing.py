"""Files that appear whole or not at all, and locks on files and folders."""

import errno
import fcntl
import json
import os
import secrets
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError

from .system_errors import as_user_error


@contextmanager
def write_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file that appears under its name only when it is complete.

    Args:
        path: The file. Its folder is made if it is missing.

    Yields:
        Path: A new hidden file in the same folder, with the same suffix, to write to. It replaces
        the file at the end of the block and is removed if the block raises.

    Raises:
        UserError: 'disk-full', 'permission' or 'not-writable'.
    """
    with write_together([path]) as parts:
        yield parts[0]


@contextmanager
def write_together(paths: Sequence[str | os.PathLike[str]]) -> Iterator[list[Path]]:
    """Write several files, all of them or none; see ``write_whole``."""
    targets = [Path(path) for path in paths]
    with ExitStack() as stack:
        parts: list[Path] = []
        for target in targets:
            with writing(target):
                if target.is_dir():
                    raise IsADirectoryError(errno.EISDIR, 'it is a folder')
                target.parent.mkdir(parents=True, exist_ok=True)
                if target.exists() and not target.is_file():  # /dev/null, a pipe
                    parts.append(target)
                    continue
                parts.append(_new_file(target))
            stack.callback(_remove, parts[-1])
        with writing(targets[0] if len(targets) == 1 else targets[0].parent, *targets, *parts):
            yield parts
        new = [(p, t) for p, t in zip(parts, targets, strict=True) if p != t]
        for part, target in new:
            with writing(target):
                _flush(part)
        for part, target in new:
            with writing(target):
                os.replace(part, target)
        for folder in {target.parent for _, target in new}:
            with suppress(OSError):  # some file systems cannot flush a folder
                _flush(folder)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text as UTF-8, whole or not at all; see ``write_whole``."""
    with write_whole(path) as part:
        # A file name that is not UTF-8 is written as its bytes.
        part.write_text(text, encoding='utf-8', errors='surrogateescape')


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write bytes, whole or not at all; see ``write_whole``."""
    with write_whole(path) as part:
        part.write_bytes(content)


def write_json(path: str | os.PathLike[str], content: Any, **options: Any) -> None:
    """Write JSON and a line break, whole or not at all; ``options`` are those of ``json.dump``."""
    with write_whole(path) as part, open(part, 'w', encoding='utf-8') as file:
        json.dump(content, file, **options)
        file.write('\n')


@contextmanager
def writing(target: str | os.PathLike[str], *others: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an error of the system while ``target`` is written into a ``UserError``.

    Args:
        target: What is written, for the message.
        others: Further files that are written. An error that names any other file is left.

    Raises:
        UserError: 'disk-full', 'permission' or 'not-writable'.
    """
    try:
        yield
    except OSError as error:
        mine = {os.fspath(p) for p in (target, Path(target).parent, *others)}
        if others and error.filename is not None and os.fspath(error.filename) not in mine:
            raise
        known = as_user_error(error, os.fspath(target), writes=True)
        raise known or error from None


@contextmanager
def lock_folder(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Hold an output folder, made if it is missing, by the file ``.lock`` in it.

    A second process that asks for the same folder stops at once rather than mixing its output
    with that of the first. Processes of several machines see each other's locks if the file
    system shares them. The system frees the lock of a process that is killed.

    Raises:
        UserError: 'locked' if another process holds it (the message names the process),
            'disk-full', 'permission' or 'not-writable'.
    """
    new = not os.path.isdir(folder)
    with writing(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
    try:
        with _locked(Path(folder), Path(folder, '.lock')):
            yield
    finally:
        if new:
            with suppress(OSError):  # it stays unless it is empty
                Path(folder).rmdir()


def folder_holder(folder: str | os.PathLike[str]) -> str | None:
    """The process that holds a folder by ``lock_folder``, in words; None if it is free."""
    name = Path(folder, '.lock')
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(name)
    finally:
        os.close(handle)
    return None


@contextmanager
def lock_file(path: str | os.PathLike[str]) -> Iterator[None]:
    """Hold a file that is extended line by line; as ``lock_folder``, by ``.NAME.lock``."""
    with writing(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    with _locked(Path(path), Path(path).with_name(f'.{Path(path).name}.lock')):
        yield


@contextmanager
def _locked(target: Path, name: Path) -> Iterator[None]:
    with writing(target):
        handle = _acquire(name)
    if handle is None:
        raise UserError(
            'locked',
            str(target),
            f'{_holder(name)} is writing it.',
            'Wait for that process or stop it, or give another output.',
        )
    _held.add(handle)
    try:
        yield
    finally:
        if handle in _held:  # not in a process that was forked meanwhile
            _held.remove(handle)
            _remove(name)  # while the lock is held, so that nobody else's is removed
            os.close(handle)


# Locks of this process. A forked child, such as a loader's worker, may outlive it by seconds and
# must not keep its locks.
_held: set[int] = set()


def _forget_locks() -> None:
    while _held:
        os.close(_held.pop())


os.register_at_fork(after_in_child=_forget_locks)


def _acquire(name: Path) -> int | None:
    """Lock the file ``name``, made if need be; None if another process holds it."""
    while True:
        handle = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its last holder may have removed the file between the two calls.
            with suppress(FileNotFoundError):
                if os.path.samestat(os.stat(name), os.fstat(handle)):
                    command = ' '.join(sys.argv)
                    who = dict(pid=os.getpid(), host=socket.gethostname(), command=command)
                    os.ftruncate(handle, 0)
                    os.pwrite(handle, json.dumps(who).encode(), 0)
                    return handle
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _holder(name: Path) -> str:
    try:
        who = json.loads(name.read_text(encoding='utf-8'))
        return f'process {who["pid"]} on {who["host"]} ({who["command"]})'
    except (OSError, ValueError, KeyError, TypeError):
        return 'another process'


def _new_file(target: Path) -> Path:
    """Make an empty file beside ``target``, under a name that nobody can know or have."""
    # Shorter than the longest name of a file, whatever the name of the target is.
    stem, suffix = target.stem[:32], target.suffix if len(target.suffix) <= 16 else ''
    while True:
        part = target.with_name(f'.{stem}.{secrets.token_hex(6)}.part{suffix}')
        with suppress(FileExistsError):
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
            return part


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
