"""Checks of image files: there, whole, and readable, within a time budget."""

import os
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from mmengine.logging import print_log

from lfhpe_mmpose.files.images import image_fault

from .annotations import Annotations
from .report import problem
from .sources import Source, is_remote

# A folder with more images than this is listed once instead of asking for each.
_LIST_FROM = 500
_SAMPLE = 24


def check_images(annotations: Annotations, source: Source, seconds: float = 10.0) -> list[str]:
    """Check the images of the persons that are used.

    All are looked for. The first and last bytes of all, as far as the budget
    reaches, tell a file that is cut off; those and a small sample are decoded.

    Args:
        annotations (Annotations): The annotation file.
        source (Source): The data set that reads it.
        seconds (float): Time budget for opening files. Defaults to 10.

    Returns:
        list[str]: The problems.
    """
    root = source.image_root
    if is_remote(root):
        print_log(f'{root}: the images are not on the local disk and are not checked.', 'current')
        return []
    used = {a['image_id'] for _, a in annotations.persons}
    names = [x['file_name'] for x in annotations.data['images'] if x['id'] in used]
    paths = list(dict.fromkeys(os.path.join(root, n) for n in names))
    entry = f'{source.entry}.data_prefix.img (folder {root or "."})'

    missing = find_missing(paths)
    out = []
    if missing:
        what = f'{annotations.path}: {len(missing)} of {len(paths)} images do not exist.'
        remedy = (
            f'put the images there, correct data_root or data_prefix (relative paths start at '
            f'{Path.cwd()}), or remove their annotations'
        )
        out.append(problem(what, entry, remedy, missing))
    gone = set(missing)
    broken = find_broken([p for p in paths if p not in gone], seconds)
    if broken:
        what = f'{annotations.path}: {len(broken)} images are cut off or no images.'
        remedy = 'copy or download these files again, or remove their annotations'
        out.append(problem(what, entry, remedy, broken))
    return out


def find_missing(paths: Sequence[str]) -> list[str]:
    """List the files that do not exist.

    Args:
        paths (Sequence[str]): Files.

    Returns:
        list[str]: Those that are missing, in the given order.
    """
    folders = defaultdict(list)
    for path in paths:
        folders[os.path.dirname(path)].append(path)
    missing: set[str] = set()
    for folder, files in folders.items():
        if len(files) > _LIST_FROM and os.path.isdir(folder or '.'):
            there = set(os.listdir(folder or '.'))
            missing.update(f for f in files if os.path.basename(f) not in there)
        else:
            missing.update(f for f in files if not os.path.isfile(f))
    return [p for p in paths if p in missing]


def find_broken(paths: Sequence[str], seconds: float) -> list[str]:
    """List the files that are cut off or no images.

    Args:
        paths (Sequence[str]): Existing files.
        seconds (float): Time budget.

    Returns:
        list[str]: ``'<path>: <reason>'`` for each broken file.
    """
    deadline = time.monotonic() + seconds
    order = list(paths)
    # From all over the list, and the same each time.
    random.Random(0).shuffle(order)
    broken = {}
    for done, path in enumerate(order):
        if time.monotonic() > deadline:
            print_log(
                f'{done} of {len(order)} images were looked into in {seconds:g} s.', 'current'
            )
            break
        fault = image_fault(path, decode=done < _SAMPLE)
        if fault:
            broken[path] = f'{path}: the file {fault}'
    return [broken[p] for p in paths if p in broken]
