"""The image files: there, readable, and of the size that the tag file gives."""

import math
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.image_folders import find_missing
from lfhpe_mmpose.files.images import image_fault, image_size
from lfhpe_mmpose.files.json_stream import JsonFile
from lfhpe_mmpose.files.paths import inside, is_remote
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.fields import is_number
from lfhpe_mmpose.tags.misfits import size_guess

from .findings import Findings

_BATCH = 20_000
# Of more images than these a sample is opened, unless there is no limit of time.
_SAMPLE = 100_000


class ImageFile(NamedTuple):
    """An image of a tag file: index in ``images``, file, width and height of the entry."""

    row: int
    path: str
    size: tuple[Any, Any]


def image_files(
    file: JsonFile, root: str, findings: Findings | None = None
) -> Iterator[ImageFile]:
    """Iterate over the images that have a name inside the image folder.

    A name that leads out of the folder is reported, and its file is not touched.
    """
    for i, image in file.entries('images'):
        name = image.get('file_name') if isinstance(image, Mapping) else None
        if not isinstance(name, str) or not name:
            continue
        try:
            path = str(inside(root, name))
        except UserError as error:
            if findings:
                findings.add(error.code, f'images[{i}].file_name', error.fault.rstrip('.'))
            continue
        yield ImageFile(i, path, (image.get('width'), image.get('height')))


def check_folder(root: str, option: str) -> None:
    """Check that an option names an image folder.

    Raises:
        UserError: 'folder-missing' if it does not exist or is not on the local disk.
    """
    if is_remote(root):
        fault = 'it is not on the local disk.'
    elif not os.path.isdir(root):
        fault = 'it is not a folder.' if os.path.exists(root) else 'it does not exist.'
    else:
        return
    raise UserError('folder-missing', f'{option} {root}', fault, 'Give the image folder.')


def check_image_files(
    file: JsonFile,
    root: str,
    findings: Findings,
    seconds: float = 20.0,
    on_image: Callable[[int], Any] = lambda n: None,
) -> dict[str, int]:
    """Look for all images, and open as many as the time allows.

    Args:
        file: The tag file.
        root: The image folder.
        findings: Where faults are reported.
        seconds: Time for opening images; 0: none is opened, infinity: all are.
        on_image: Called with the number of images looked for, for a progress bar.

    Returns:
        ``there``, ``missing``, ``opened``: numbers of images.
    """
    rng = random.Random(0)
    counts = dict(there=0, missing=0, opened=0)
    sample: list[ImageFile] = []
    opener = _Opener(findings)
    images = image_files(file, root, findings)
    while batch := list(islice(images, _BATCH)):
        missing = set(find_missing([image.path for image in batch]))
        for image in batch:
            if image.path in missing:
                counts['missing'] += 1
                guess = similar_file(root, image.path) if findings.shows('missing-image') else ''
                place, text = f'images[{image.row}]', short(image.path, 200)
                findings.add('missing-image', place, text, remedy=guess)
                continue
            counts['there'] += 1
            if math.isinf(seconds):
                opener.open(image)
            elif seconds > 0:
                _keep(sample, image, counts['there'], rng)
        on_image(len(batch))
    # From all over the file, and the same ones each time.
    rng.shuffle(sample)
    deadline = time.monotonic() + seconds
    for image in sample:
        if time.monotonic() > deadline:
            break
        opener.open(image)
    findings.explain('image-size', size_guess(opener.sizes))
    return counts | dict(opened=opener.opened)


def similar_file(root: str, path: str) -> str:
    """The question whether a missing file is one with slashes or in another case; '' if none."""
    name = os.path.relpath(path, root).replace('\\', '/')
    found = root
    for part in name.split('/'):
        if not os.path.exists(os.path.join(found, part)):
            try:
                names = os.listdir(found)
            except OSError:
                return ''
            part = next((n for n in names if n.casefold() == part.casefold()), '')
            if not part:
                return ''
        found = os.path.join(found, part)
    return f'Did you mean {os.path.relpath(found, root)!r}?'


def _keep(sample: list[ImageFile], image: ImageFile, count: int, rng: random.Random) -> None:
    """Keep each of ``count`` images with the same chance."""
    if len(sample) < _SAMPLE:
        sample.append(image)
    else:
        k = rng.randrange(count)
        if k < _SAMPLE:
            sample[k] = image


class _Opener:
    """Opens images, and collects the sizes that are not those of the tag file."""

    def __init__(self, findings: Findings) -> None:
        self.opened = 0
        self.sizes: list[tuple[Any, tuple[int, int]]] = []
        self._findings = findings

    def open(self, image: ImageFile) -> None:
        """Check that an image can be read, and its size."""
        self.opened += 1
        place = f'images[{image.row}]'
        fault = image_fault(image.path, decode=True)
        if fault:
            text = f'{short(image.path, 200)} {fault}'
            self._findings.add('unreadable-image', place, text)
            return
        size = image_size(image.path)
        if image.size != size:
            self.sizes.append((image.size, size))
            given = 'x'.join(f'{v:g}' if is_number(v) else short(v) for v in image.size)
            text = f'{short(image.path, 200)} is {size[0]}x{size[1]}, the tag file says {given}'
            self._findings.add('image-size', place, text)
