"""The images of a data set: their sizes, and how they get to their place."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from shutil import copyfile

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_size
from lfhpe_mmpose.files.writing import write_whole

SIZES = '.image_sizes.jsonl'


class ImageFolder:
    """A folder of images, listed once.

    The sizes are stored in the output folder, so that an interrupted preparation continues. The
    store is removed at the end.
    """

    def __init__(self, folder: Path, out: Path, missing: str = 'error') -> None:
        self.folder, self.missing = folder, missing
        self.names = {entry.name for entry in os.scandir(folder)}
        if not self.names:
            raise UserError('no-images', str(folder), 'the folder is empty.', 'Unpack the images.')
        self._file = out / SIZES
        self._sizes: dict[str, tuple[int, int, int]] = {}
        if self._file.is_file():
            self._read_sizes()

    def size(self, name: str) -> tuple[int, int] | None:
        """Width and height of an image in pixels; None if it is missing and may be skipped.

        Raises:
            UserError: If it is missing, or cannot be read.
        """
        path = self.folder / name
        if name not in self.names:
            if self.missing == 'skip':
                return None
            fault = 'the annotations name this image, and it is missing.'
            remedy = 'Unpack the archive of images again, or use --missing skip.'
            raise UserError('missing-image', str(path), fault, remedy)
        key = str(path)
        length = path.stat().st_size
        known = self._sizes.get(key)
        if known is None or known[2] != length:
            known = (*image_size(path), length)
            self._sizes[key] = known
            with open(self._file, 'a', encoding='utf-8') as file:
                file.write(json.dumps([key, *known]) + '\n')
        return known[0], known[1]

    def _read_sizes(self) -> None:
        with open(self._file, encoding='utf-8', errors='replace') as file:
            for line in file:
                try:
                    key, width, height, length = json.loads(line)
                    self._sizes[key] = width, height, length
                except (ValueError, TypeError):
                    continue  # the last line of an interrupted run


def place_images(
    folder: Path, target: Path, names: Iterable[str], how: str, progress: bool = True
) -> str:
    """Bring images to where the configs look for them, and return what was done.

    ``how`` is ``'link'`` (the whole folder) or ``'copy'`` (the files that are used and not there).

    Raises:
        UserError: If something else is in the way.
    """
    if target.exists() and target.resolve() == folder.resolve():
        return 'in place'
    if how == 'copy':
        return _copy(folder, target, sorted(set(names)), progress)
    if target.is_symlink() or target.exists():
        here = {entry.name for entry in os.scandir(target)} if target.is_dir() else set()
        if target.is_symlink() or set(names) - here:
            raise _in_the_way(
                target, folder, 'Remove it, give another --out, or complete it by --images copy.'
            )
        return 'in place'
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(folder.resolve(), target_is_directory=True)
    return f'a link to {folder}'


def place_file(file: Path, target: Path, how: str) -> None:
    """Link or copy one file, whole or not at all.

    Raises:
        UserError: If another file is in the way.
    """
    if target.exists() and target.resolve() == file.resolve():
        return
    if target.is_symlink() or (target.exists() and how == 'link'):
        raise _in_the_way(target, file, 'Remove it.')
    target.parent.mkdir(parents=True, exist_ok=True)
    if how == 'link':
        target.symlink_to(file.resolve())
        return
    with write_whole(target) as part:
        copyfile(file, part)


def _copy(folder: Path, target: Path, names: list[str], progress: bool) -> str:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise _in_the_way(target, folder, 'Remove it.')
    target.mkdir(parents=True, exist_ok=True)
    copied = 0
    for name in tqdm(names, desc='copying images', disable=not progress, mininterval=1):
        file, to = folder / name, target / name
        if to.is_file() and to.stat().st_size == file.stat().st_size:
            continue
        place_file(file, to, 'copy')
        copied += 1
    return f'{copied} copied, {len(names) - copied} existed'


def _in_the_way(target: Path, wanted: Path, remedy: str) -> UserError:
    return UserError('in-the-way', str(target), f'this is in the way of {wanted}.', remedy)
