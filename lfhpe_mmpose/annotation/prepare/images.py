"""The images of a data set: are they there, how large are they; and bring them to their place."""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_size

SIZES = '.image_sizes.jsonl'


class ImageFolder:
    """A folder of images, listed once.

    The sizes that were read are kept in a file in the output folder, so that a preparation
    that was interrupted goes on where it was. The file goes when all is done.

    Args:
        folder (Path): The folder.
        out (Path): The output folder.
        missing (str): ``'error'`` or ``'skip'``.

    Raises:
        UserError: If the folder is not there or empty.
    """

    def __init__(self, folder: Path, out: Path, missing: str = 'error') -> None:
        if not folder.is_dir():
            raise UserError(f'{folder}: no such folder of images. Unpack the images there.')
        self.folder = folder
        self.missing = missing
        self.names = {entry.name for entry in os.scandir(folder)}
        if not self.names:
            raise UserError(f'{folder}: there are no images. Unpack the images there.')
        self._file = out / SIZES
        self._sizes: dict[str, tuple[int, int, int]] = {}
        if self._file.is_file():
            self._read_sizes()

    def size(self, name: str) -> tuple[int, int] | None:
        """Width and height of an image, from its first bytes.

        Args:
            name (str): The file in this folder.

        Returns:
            tuple[int, int] | None: In pixels; None where it is missing and may be.

        Raises:
            UserError: If it is missing, or cannot be read.
        """
        if name not in self.names:
            if self.missing == 'skip':
                return None
            raise UserError(
                f'{self.folder / name}: the image is missing, and the annotations name it. Unpack '
                'the archive of images again, or leave such images out by --missing skip.'
            )
        path = self.folder / name
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
        with open(self._file, encoding='utf-8') as file:
            for line in file:
                try:
                    key, *known = json.loads(line)
                    self._sizes[key] = (known[0], known[1], known[2])
                except (ValueError, IndexError):
                    continue  # the last line of an interrupted run


def place_images(
    folder: Path, target: Path, names: Iterable[str], how: str, progress: bool = True
) -> str:
    """Bring images to where the configs look for them.

    Args:
        folder (Path): Where they are.
        target (Path): Where they shall be.
        names (Iterable[str]): The files that are used.
        how (str): ``'link'``: the whole folder by one link; ``'copy'``: the files that are
            used, those that are there already left as they are.
        progress (bool): Show a bar. Defaults to True.

    Returns:
        str: What was done.

    Raises:
        UserError: If something else is in the way.
    """
    if target.exists() and target.resolve() == folder.resolve():
        return 'in place'
    if how == 'copy':
        return _copy(folder, target, sorted(set(names)), progress)
    if target.is_symlink() or target.exists():
        here = {entry.name for entry in os.scandir(target)} if target.is_dir() else set()
        lost = sorted(set(names) - here)
        if target.is_symlink() or lost:
            raise UserError(
                f'{target}: is in the way, and is not {folder}. Remove it, give another --out, or '
                'complete it by --images copy.'
            )
        return 'in place'
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(folder.resolve(), target_is_directory=True)
    return f'a link to {folder}'


def place_file(file: Path, target: Path, how: str) -> None:
    """Link or copy one file, whole or not at all.

    Args:
        file (Path): The file.
        target (Path): Where it shall be.
        how (str): ``'link'`` or ``'copy'``.

    Raises:
        UserError: If another file is there.
    """
    if target.exists() and target.resolve() == file.resolve():
        return
    if target.is_symlink() or (target.exists() and how == 'link'):
        raise UserError(f'{target}: is in the way, and is not {file}. Remove it.')
    target.parent.mkdir(parents=True, exist_ok=True)
    if how == 'link':
        target.symlink_to(file.resolve())
        return
    part = target.with_name(f'.{target.name}.part')
    shutil.copyfile(file, part)
    os.replace(part, target)


def _copy(folder: Path, target: Path, names: list[str], progress: bool) -> str:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise UserError(f'{target}: is a link or a file and in the way. Remove it.')
    target.mkdir(parents=True, exist_ok=True)
    copied = 0
    for name in tqdm(names, desc='copying images', disable=not progress, mininterval=1):
        file, to = folder / name, target / name
        if to.is_file() and to.stat().st_size == file.stat().st_size:
            continue
        place_file(file, to, 'copy')
        copied += 1
    return f'{copied} copied, {len(names) - copied} were there'
