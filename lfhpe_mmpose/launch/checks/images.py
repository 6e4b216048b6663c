"""Checks of image files: there, whole and readable, within a time budget."""

import os
import random
import time
from collections.abc import Mapping
from pathlib import Path

from mmengine.logging import print_log

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.image_folders import find_missing
from lfhpe_mmpose.files.images import image_fault, image_size
from lfhpe_mmpose.files.paths import is_remote
from lfhpe_mmpose.tags.misfits import size_guess

from .annotations import Annotations
from .report import problem
from .sources import Source

_SAMPLE = 24


def check_images(
    annotations: Annotations, source: Source, seconds: float = 10.0
) -> list[UserError]:
    """Check the images of the persons that are used.

    All must exist. The first and last bytes of as many as the time allows are read to find
    files that are cut off; those and a small sample are decoded.
    """
    root = source.image_root
    if is_remote(root):
        print_log(f'{root}: the images are not on the local disk and are not checked.', 'current')
        return []
    used = {a['image_id'] for _, a in annotations.persons}
    sizes = {
        os.path.join(root, image['file_name']): (image['width'], image['height'])
        for image in annotations.tags.images
        if image['id'] in used
    }
    paths = list(sizes)
    place = f'{source.entry}.data_prefix.img (folder {root or "."})'

    missing = find_missing(paths)
    gone = set(missing)
    broken, wrong = open_images({p: s for p, s in sizes.items() if p not in gone}, seconds)
    out = []
    if missing:
        fault = f'{len(missing)} of {len(paths)} images of {annotations.path} do not exist.'
        remedy = (
            'Put the images there, correct data_root or data_prefix (relative paths start at '
            f'{Path.cwd()}), or remove their annotations.'
        )
        out.append(problem('missing-image', place, fault, remedy, missing))
    if broken:
        fault = f'{len(broken)} images of {annotations.path} cannot be read.'
        remedy = 'Copy or download these files again, or remove their annotations.'
        out.append(problem('unreadable-image', place, fault, remedy, broken))
    if wrong:
        fault = f'{len(wrong)} images have another size than {annotations.path} says.'
        guess = size_guess([(given, real) for real, given in wrong.values()])
        remedy = guess or 'Boxes and coordinates must belong to the size of the image.'
        rows = [
            f'{path}: {real[0]}x{real[1]}, in the file {given[0]}x{given[1]}'
            for path, (real, given) in wrong.items()
        ]
        out.append(problem('image-size', place, fault, remedy, rows))
    return out


Size = tuple[float, float]


def open_images(
    sizes: Mapping[str, Size], seconds: float
) -> tuple[list[str], dict[str, tuple[Size, Size]]]:
    """Open as many images as the time allows.

    Args:
        sizes: Path to the width and height that the annotation file gives.
        seconds: Time budget.

    Returns:
        ``'<path>: <fault>'`` of the files that are cut off or are not images, and path to real
        and given size of those with another size.
    """
    deadline = time.monotonic() + seconds
    order = list(sizes)
    # From all over the list, and the same each time.
    random.Random(0).shuffle(order)
    broken, wrong = {}, {}
    for done, path in enumerate(order):
        if time.monotonic() > deadline:
            print_log(f'{done} of {len(order)} images were opened in {seconds:g} s.', 'current')
            break
        fault = image_fault(path, decode=done < _SAMPLE)
        if fault:
            broken[path] = f'{path}: the file {fault}'
            continue
        real, given = image_size(path), sizes[path]
        # Programs round sizes that they scale.
        if max(abs(a - b) for a, b in zip(real, given, strict=True)) > 1:
            wrong[path] = (real, given)
    return (
        [broken[p] for p in sizes if p in broken],
        {p: wrong[p] for p in sizes if p in wrong},
    )
