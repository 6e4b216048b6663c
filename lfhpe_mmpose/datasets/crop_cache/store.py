"""The file of a crop cache: an LMDB with one entry a person, read by any number of processes."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError

VERSION = 1
# Open for reading, by folder: LMDB allows one handle a process. A forked process must not have its
# parent's, so they are closed before a fork; each process opens the file again at its next use.
_OPEN: dict[str, tuple] = {}


@dataclass(frozen=True)
class CropEntry:
    """What is kept of a person beside the pixels: ids, box and where the crop is from.

    Attributes:
        img_id (int | str): Image id.
        ann_id (int | str): Annotation id.
        box (tuple[float, ...]): The person box x1, y1, x2, y2, pixels, as the data set
            gives it.
        window (tuple[int, ...]): x, y, width, height of the crop in the image, pixels.
        size (tuple[int, int]): Width and height at which it is kept.
        image_size (tuple[int, int]): Width and height of the image.
        file_bytes (int): Size of the image file.
        file_hash (str): BLAKE2b of the image file, 8 bytes, hexadecimal.
        form (str): One of ``encoding.FORMATS``, or ``'file'``: the image file itself.
    """

    img_id: int | str
    ann_id: int | str
    box: tuple[float, ...]
    window: tuple[int, ...]
    size: tuple[int, int]
    image_size: tuple[int, int]
    file_bytes: int
    file_hash: str
    form: str

    @property
    def scaled(self) -> bool:
        """Whether the crop has fewer pixels than its window."""
        return self.size != self.window[2:]

    def to_bytes(self) -> bytes:
        """Write it as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> 'CropEntry':
        """Read what :meth:`to_bytes` wrote."""
        return cls(**with_tuples(json.loads(data)))


def plain_id(value: Any) -> int | str:
    """An id as JSON holds it: NumPy's numbers become Python's."""
    return value if isinstance(value, str) else int(value)


def with_tuples(values: Mapping) -> dict[str, Any]:
    """Turn the lists of a dict that was JSON back into tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


def person_key(img_id: int | str, ann_id: int | str) -> bytes:
    """The key of a person, 16 bytes. Ids 3 and '3' are two."""
    text = json.dumps([plain_id(img_id), plain_id(ann_id)])
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


class CropStore:
    """A finished cache, for reading. It is opened at the first use in each process.

    Args:
        path (str): The folder.

    Raises:
        UserError: If there is no cache, it is unfinished, or of another version.
    """

    def __init__(self, path: str | os.PathLike) -> None:
        self.path = str(path)
        state = read_state(self.path)
        self.settings: dict = state['settings']
        if not state['complete']:
            raise UserError(
                f'{self.path}: the crop cache is not finished. Run tools/cache_crops.py again '
                'with the same arguments; it goes on where it stopped.'
            )

    def entry(self, img_id: int | str, ann_id: int | str) -> CropEntry | None:
        """What is kept of a person, None if nothing is."""
        env, entries, _ = self._handle()
        with env.begin(db=entries) as txn:
            data = txn.get(person_key(img_id, ann_id))
        return None if data is None else CropEntry.from_bytes(data)

    def data(self, img_id: int | str, ann_id: int | str) -> bytes:
        """The encoded crop of a person who has an entry."""
        env, _, crops = self._handle()
        with env.begin(db=crops) as txn:
            return txn.get(person_key(img_id, ann_id))

    def __len__(self) -> int:
        """Persons in the cache."""
        env, entries, _ = self._handle()
        with env.begin() as txn:
            return txn.stat(entries)['entries']

    def items(self) -> Iterator[tuple[CropEntry, bytes]]:
        """All entries with their crops, in the order of their keys."""
        env, entries, crops = self._handle()
        with env.begin() as txn:
            for key, data in txn.cursor(entries):
                yield CropEntry.from_bytes(data), txn.get(key, db=crops)

    def _handle(self) -> tuple:
        key = os.path.realpath(self.path)
        if key not in _OPEN:
            env = _lmdb().open(
                self.path, readonly=True, lock=False, readahead=False, meminit=False, max_dbs=2
            )
            _OPEN[key] = (env, *(env.open_db(name, create=False) for name in _PARTS))
        return _OPEN[key]


_PARTS = (b'entries', b'crops')


class CropWriter:
    """A cache that is being written, or goes on being written.

    Args:
        path (str): The folder; it is made if need be.
        settings (Mapping): What the crops were made with.
        max_bytes (int): The file never grows beyond it.

    Raises:
        UserError: If the folder holds something else, or a cache of other settings.
    """

    def __init__(self, path: str | os.PathLike, settings: Mapping, max_bytes: int) -> None:
        self.path = str(path)
        lmdb = _lmdb()
        folder = Path(path)
        settings = json.loads(json.dumps(settings))
        if folder.is_dir() and any(folder.iterdir()):
            old = read_state(self.path)['settings']
            changed = [k for k in {*old, *settings} if old.get(k) != settings.get(k)]
            if changed:
                detail = '; '.join(
                    f'{k}: {old.get(k)!r}, asked for {settings.get(k)!r}' for k in sorted(changed)
                )
                raise UserError(
                    f'{self.path} holds a crop cache of other settings ({detail}). Choose another '
                    'folder, or remove this one.'
                )
        folder.mkdir(parents=True, exist_ok=True)
        close_readers(self.path)
        self._full = lmdb.MapFullError
        self.env = lmdb.open(self.path, map_size=max_bytes, max_dbs=2, meminit=False)
        self.entries, self.crops = (self.env.open_db(name) for name in _PARTS)
        if not (folder / _STATE).exists():
            self._write_state(settings, complete=False)
        self.settings = settings

    def known(self) -> dict[bytes, CropEntry]:
        """What is there already, by key."""
        with self.env.begin(db=self.entries) as txn:
            return {bytes(k): CropEntry.from_bytes(v) for k, v in txn.cursor()}

    def write(self, crops: list[tuple[CropEntry, bytes]]) -> None:
        """Write some persons, all or none of them.

        Args:
            crops (list[tuple[CropEntry, bytes]]): Entries and encoded crops.

        Raises:
            UserError: If the file would grow beyond its bound.
        """
        try:
            with self.env.begin(write=True) as txn:
                for entry, data in crops:
                    key = person_key(entry.img_id, entry.ann_id)
                    txn.put(key, entry.to_bytes(), db=self.entries)
                    txn.put(key, data, db=self.crops)
        except self._full:
            gib = self.env.info()['map_size'] / 2**30
            raise UserError(
                f'{self.path}: the crop cache would grow beyond {gib:.3g} GiB. What is there '
                'stays; raise --max-gib and run the same command again, or take a smaller '
                '--quality, --oversample or --margin in another folder.'
            ) from None

    def finish(self) -> None:
        """Mark the cache as whole."""
        self.env.sync(True)
        self._write_state(self.settings, complete=True)

    def close(self) -> None:
        """Close the file."""
        self.env.close()

    def _write_state(self, settings: Mapping, complete: bool) -> None:
        text = json.dumps(dict(settings=settings, complete=complete), indent=1)
        part = Path(self.path) / f'{_STATE}.part'
        part.write_text(text)
        part.replace(Path(self.path) / _STATE)


# Beside LMDB's own file, so that a person can read it.
_STATE = 'crop_cache.json'


def read_state(path: str) -> dict:
    """Read the settings of a cache, and whether it is whole.

    Args:
        path (str): The folder.

    Returns:
        dict: ``settings`` and ``complete``.

    Raises:
        UserError: If there is no cache, or one of another version.
    """
    file = Path(path) / _STATE
    try:
        state = json.loads(file.read_text())
        version = state['settings']['version']
        state['complete'] = bool(state['complete'])
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = 'there is no crop cache' if not file.exists() else f'{_STATE} cannot be read'
        raise UserError(
            f'{path}: {what} ({type(error).__name__}). Build one with tools/cache_crops.py in a '
            'new folder, or correct the path.'
        ) from None
    if version != VERSION:
        raise UserError(
            f'{path}: the crop cache has version {version}, this code reads {VERSION}. Build it '
            'again with tools/cache_crops.py in another folder.'
        )
    return state


def close_readers(path: str | os.PathLike | None = None) -> None:
    """Close what this process has open of a cache, or of all."""
    for key in list(_OPEN) if path is None else [os.path.realpath(path)]:
        handle = _OPEN.pop(key, None)
        if handle is not None:
            handle[0].close()


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(before=close_readers)


def box_of(results: Mapping) -> tuple[float, ...]:
    """The box of one person as an entry keeps it: x1, y1, x2, y2 in float32's digits."""
    return tuple(float(v) for v in np.asarray(results['bbox'], dtype=np.float32).reshape(-1)[:4])


def _lmdb() -> Any:
    try:
        import lmdb
    except ImportError:
        raise UserError('A crop cache needs the package lmdb: pip install lmdb.') from None
    return lmdb
