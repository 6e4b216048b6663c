"""The images of a folder: which there are, which are not read, which are missing."""

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from lfhpe_mmpose.errors import UserError

ENDINGS = ('.bmp', '.jpeg', '.jpg', '.png', '.tif', '.tiff', '.webp')
VIDEO_ENDINGS = ('.avi', '.m4v', '.mkv', '.mov', '.mp4', '.mpeg', '.mpg', '.webm', '.wmv')
# Images that the readers of MMPose do not all know, and videos.
_UNREAD = ('.avif', '.gif', '.heic', '.heif', '.jfif', '.jp2', *VIDEO_ENDINGS)
# A folder with more images than this is listed once.
_LIST_FROM = 500


def find_images(
    folder: str | os.PathLike[str], without: str | os.PathLike[str] | None = None
) -> list[str]:
    """List the images of a folder and its sub-folders; hidden files are skipped.

    Returns:
        list[str]: Paths relative to the folder, with ``/``, sorted.

    Raises:
        UserError: 'folder-missing' or 'no-images'.
    """
    if not Path(folder).is_dir():
        raise UserError(
            'folder-missing', str(folder), 'there is no such folder.', 'Give a folder of images.'
        )
    found = _find(folder, without, ENDINGS)
    if not found:
        others = unread_images(folder, without)
        raise UserError(
            'no-images',
            str(folder),
            f'the folder contains no images ({", ".join(ENDINGS)}).',
            others or 'Give the folder of the images.',
        )
    return found


def find_videos(folder: str | os.PathLike[str]) -> list[str]:
    """List the videos of a folder and its sub-folders; none if it has images as well."""
    return [] if _find(folder, None, ENDINGS) else _find(folder, None, VIDEO_ENDINGS)


def unread_images(
    folder: str | os.PathLike[str], without: str | os.PathLike[str] | None = None
) -> str:
    """Say which images and videos of a folder ``find_images`` skips; '' for none."""
    counts = Counter(Path(name).suffix.lower() for name in _find(folder, without, _UNREAD))
    if not counts:
        return ''
    listed = ', '.join(f'{number} {ending}' for ending, number in sorted(counts.items()))
    return f'{listed} files are not read. Convert them to JPEG or PNG.'


def _find(
    folder: str | os.PathLike[str],
    without: str | os.PathLike[str] | None,
    endings: tuple[str, ...],
) -> list[str]:
    root = Path(folder)
    skip = None if without is None else Path(without).resolve()
    found = []
    for where, folders, files in os.walk(root):
        if skip is not None:
            folders[:] = [f for f in folders if (Path(where) / f).resolve() != skip]
        found += [
            (Path(where) / name).relative_to(root).as_posix()
            for name in files
            if name.lower().endswith(endings) and not name.startswith('.')
        ]
    return sorted(found)


def find_missing(paths: Sequence[str]) -> list[str]:
    """List the files that do not exist, in the given order."""
    folders = defaultdict(list)
    for path in paths:
        folders[os.path.dirname(path)].append(path)
    missing: set[str] = set()
    for folder, files in folders.items():
        # Of many files in a folder, one listing is faster than asking for each.
        if len(files) > _LIST_FROM and os.path.isdir(folder or '.'):
            there = set(os.listdir(folder or '.'))
            missing.update(f for f in files if os.path.basename(f) not in there)
        else:
            missing.update(f for f in files if not os.path.isfile(f))
    return [p for p in paths if p in missing]
