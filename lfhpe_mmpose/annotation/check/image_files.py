"""The image files: there, readable, and of the size that the tag file gives."""

import math
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import find_missing, image_fault, image_size
from lfhpe_mmpose.files.json_stream import JsonFile
from lfhpe_mmpose.tags.entries import is_number, short

from .findings import Findings

_BATCH = 20_000
# Of more images than these a sample is opened, unless there is no limit of time.
_SAMPLE = 100_000


class ImageFile(NamedTuple):
    """An image of a tag file: index in ``images``, file, width and height of the entry."""

    row: int
    path: str
    size: tuple[Any, Any]


def image_files(file: JsonFile, root: str) -> Iterator[ImageFile]:
    """Iterate over the images that have a name, below an image folder."""
    for i, image in file.entries('images'):
        name = image.get('file_name') if isinstance(image, Mapping) else None
        if isinstance(name, str) and name:
            size = image.get('width'), image.get('height')
            yield ImageFile(i, os.path.join(root, name), size)


def check_folder(root: str, option: str) -> None:
    """Check that an option names an image folder.

    Raises:
        UserError: 'folder-missing' if it does not exist or is not on the local disk.
    """
    if '://' in root or root.startswith('s3:'):
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
    images = image_files(file, root)
    while batch := list(islice(images, _BATCH)):
        missing = set(find_missing([image.path for image in batch]))
        for image in batch:
            if image.path in missing:
                counts['missing'] += 1
                place = f'images[{image.row}]'
                findings.add('missing-image', place, short(image.path, 200))
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


def _keep(sample: list[ImageFile], image: ImageFile, count: int, rng: random.Random) -> None:
    """Keep each of ``count`` images with the same chance."""
    if len(sample) < _SAMPLE:
        sample.append(image)
    else:
        k = rng.randrange(count)
        if k < _SAMPLE:
            sample[k] = image


def _open(image: ImageFile, findings: Findings) -> None:
    place = f'images[{image.row}]'
    fault = image_fault(image.path, decode=True)
    if fault:
        findings.add('unreadable-image', place, f'{short(image.path, 200)} {fault}')
        return
    width, height = image_size(image.path)
    if image.size != (width, height):
        given = 'x'.join(f'{v:g}' if is_number(v) else short(v) for v in image.size)
        text = f'{short(image.path, 200)} is {width}x{height}, the tag file says {given}'
        if image.size == (height, width):
            text += ' (swapped; was the EXIF orientation left out?)'
        findings.add('image-size', place, text)
