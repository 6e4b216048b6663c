"""The image files: there, readable, and of the size that the tag file says."""

import math
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_fault, image_size
from lfhpe_mmpose.launch.checks.images import find_missing
from lfhpe_mmpose.launch.checks.sources import is_remote
from lfhpe_mmpose.tags.entries import short

from .findings import Findings
from .reader import Reader
from .scan import Part

_BATCH = 20_000
# Of more images than these a sample is opened, unless there is no limit of time.
_SAMPLE = 100_000


class ImageFile(NamedTuple):
    """An image of a tag file.

    Attributes:
        row (int): Index in ``images``.
        path (str): Its file.
        size (tuple): Width and height as the tag file says.
    """

    row: int
    path: str
    size: tuple


def image_files(reader: Reader, part: Part, root: str) -> Iterator[ImageFile]:
    """Iterate over the images that have a name.

    Args:
        reader (Reader): The tag file.
        part (Part): Its list ``images``.
        root (str): The image folder.

    Yields:
        ImageFile: Not looked for.
    """
    for i, image in reader.entries(part, quiet=True):
        if isinstance(image, Mapping):
            name = image.get('file_name')
            if isinstance(name, str) and name:
                size = (image.get('width'), image.get('height'))
                yield ImageFile(i, os.path.join(root, name), size)


def check_folder(root: str, option: str) -> None:
    """Refuse what is no image folder.

    Args:
        root (str): The folder.
        option (str): What named it, for the message.

    Raises:
        UserError: If it is not on the local disk, or does not exist.
    """
    if is_remote(root):
        raise UserError(f'{option} {root}: give a folder on the local disk.')
    if not os.path.isdir(root):
        state = 'is no folder' if os.path.exists(root) else 'does not exist'
        raise UserError(f'{option} {root}: {state}; give the folder that file_name starts at.')


def check_image_files(
    reader: Reader,
    part: Part,
    root: str,
    findings: Findings,
    seconds: float = 20.0,
    on_image: Callable[[int], object] = lambda n: None,
) -> dict:
    """Look for all images, and open as many as the time allows.

    Args:
        reader (Reader): The tag file.
        part (Part): Its list ``images``.
        root (str): The image folder.
        findings (Findings): Where faults are told.
        seconds (float): Time for opening images; 0: none is opened, infinity: all are.
            Defaults to 20.
        on_image (Callable[[int], object]): Called with the number of images looked for, for a
            progress bar. Defaults to nothing.

    Returns:
        dict: ``there``, ``missing``, ``opened``: numbers of images.
    """
    rng = random.Random(0)
    counts = dict(there=0, missing=0, opened=0)
    sample: list[ImageFile] = []
    for batch in _batches(image_files(reader, part, root)):
        missing = set(find_missing([image.path for image in batch]))
        for image in batch:
            if image.path in missing:
                counts['missing'] += 1
                findings.add('missing-image', f'images[{image.row}]: {short(image.path, 200)}')
                continue
            counts['there'] += 1
            if math.isinf(seconds):
                _open(image, findings)
                counts['opened'] += 1
            elif seconds > 0:
                _keep(sample, image, counts['there'], rng)
        on_image(len(batch))
    # From all over the file, and the same ones each time.
    rng.shuffle(sample)
    deadline = time.monotonic() + seconds
    for image in sample:
        if time.monotonic() > deadline:
            break
        _open(image, findings)
        counts['opened'] += 1
    return counts


def _batches(images: Iterator[ImageFile]) -> Iterator[list[ImageFile]]:
    batch: list[ImageFile] = []
    for image in images:
        batch.append(image)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _keep(sample: list[ImageFile], image: ImageFile, count: int, rng: random.Random) -> None:
    """Keep each of ``count`` images with the same chance."""
    if len(sample) < _SAMPLE:
        sample.append(image)
    else:
        k = rng.randrange(count)
        if k < _SAMPLE:
            sample[k] = image


def _open(image: ImageFile, findings: Findings) -> None:
    at = f'images[{image.row}]: {short(image.path, 200)}'
    fault = image_fault(image.path, decode=True)
    if fault:
        findings.add('unreadable-image', f'{at}: the file {fault}')
        return
    size = image_size(image.path)
    if image.size != size:
        text = f'{at} is {size[0]}x{size[1]}, the tag file says {_times(image.size)}'
        if image.size == size[::-1]:
            text += ' (an image is turned upright by its EXIF entry when it is read)'
        findings.add('image-size', text)


def _times(size: tuple) -> str:
    return 'x'.join(f'{v:g}' if isinstance(v, int | float) else short(v) for v in size)
