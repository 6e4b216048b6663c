"""Checks of image files: there, whole and readable, within a time budget."""

import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

from mmengine.logging import print_log

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import find_missing, image_fault, is_remote

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

    Args:
        annotations: The annotation file.
        source: The data set that reads it.
        seconds: Time budget for opening files.
    """
    root = source.image_root
    if is_remote(root):
        print_log(f'{root}: the images are not on the local disk and are not checked.', 'current')
        return []
    used = {a['image_id'] for _, a in annotations.persons}
    names = [x['file_name'] for x in annotations.data['images'] if x['id'] in used]
    paths = list(dict.fromkeys(os.path.join(root, n) for n in names))
    place = f'{source.entry}.data_prefix.img (folder {root or "."})'

    missing = find_missing(paths)
    gone = set(missing)
    broken = find_broken([p for p in paths if p not in gone], seconds)
    out = []
    if missing:
        fault = f'{len(missing)} of {len(paths)} images of {annotations.path} do not exist.'
        remedy = (
            'Put the images there, correct data_root or data_prefix (relative paths start at '
            f'{Path.cwd()}), or remove their annotations.'
        )
        out.append(problem('image-missing', place, fault, remedy, missing))
    if broken:
        fault = f'{len(broken)} images of {annotations.path} cannot be read.'
        remedy = 'Copy or download these files again, or remove their annotations.'
        out.append(problem('unreadable-image', place, fault, remedy, broken))
    return out


def find_broken(paths: Sequence[str], seconds: float) -> list[str]:
    """List ``'<path>: <fault>'`` of the files that are cut off or are not images."""
    deadline = time.monotonic() + seconds
    order = list(paths)
    # From all over the list, and the same each time.
    random.Random(0).shuffle(order)
    broken = {}
    for done, path in enumerate(order):
        if time.monotonic() > deadline:
            print_log(f'{done} of {len(order)} images were opened in {seconds:g} s.', 'current')
            break
        fault = image_fault(path, decode=done < _SAMPLE)
        if fault:
            broken[path] = f'{path}: the file {fault}'
    return [broken[p] for p in paths if p in broken]
