"""Checks of crop caches: there, of this data set, of these boxes and image files."""

import os
import time
from collections.abc import Sequence

import numpy as np
from mmengine.logging import print_log

from lfhpe_mmpose.datasets.crop_cache import CropPlan, CropStore
from lfhpe_mmpose.datasets.crop_cache.people import plan_of
from lfhpe_mmpose.errors import UserError

from .annotations import Annotations
from .report import problem
from .sources import Source, Step, is_remote

_LOAD = 'LoadCachedCrop'
_AFFINE = 'CachedTopdownAffine'
# What may stand between the two: steps that leave pixels alone, but for a flip.
_BETWEEN = (
    *('GetBBoxCenterScale', 'RandomFlip', 'RandomHalfBody', 'RandomBBoxTransform'),
    *('LoadPseudoLocations', 'GenerateTarget', 'KeypointConverter', 'SingleHandConverter'),
)
_REMEDY = 'build a cache of this data set with tools/cache_crops.py in another folder'


def check_caches(sources: Sequence[Source]) -> list[str]:
    """Check the steps that read a crop cache, and that the cache is whole.

    Args:
        sources (Sequence[Source]): The data sets of the run.

    Returns:
        list[str]: The problems.
    """
    out = []
    for source in sources:
        names = [step.name for step in source.steps]
        if _LOAD not in names:
            continue
        at = names.index(_LOAD)
        out += _check_order(source, names, at)
        store, found = open_store(source.steps[at])
        out += found
        if store is not None:
            _say_where_smaller(source, store)
    return out


def check_cached_persons(
    annotations: Annotations, source: Source, seconds: float = 10.0
) -> list[str]:
    """Check that a cache holds the persons of an annotation file, cut by their boxes.

    Data sets that read boxes in a way of their own are checked person by person in training.

    Args:
        annotations (Annotations): The annotation file.
        source (Source): The data set that reads it.
        seconds (float): Time budget for looking at image files. Defaults to 10.

    Returns:
        list[str]: The problems.
    """
    step = next((s for s in source.steps if s.name == _LOAD), None)
    if step is None or not (source.parses_coco or source.reads_tags):
        return []
    store, found = open_store(step)
    if store is None:
        return []  # told by check_caches
    # A part of the file: who is in it, only the data set knows.
    whole = not any(source.cfg.get(k) for k in ('indices', 'sample_interval', 'filter_cfg'))
    images = {image['id']: image for image in annotations.data['images']}
    missing, other, files = [], [], {}
    for i, person in annotations.persons:
        image = images.get(person['image_id'])
        box = None if image is None else _clipped_box(person, image)
        if image is None or box is None:
            continue
        where = f'annotations[{i}] (id {person["id"]}, image {person["image_id"]})'
        entry = store.entry(person['image_id'], person['id'])
        if entry is None:
            missing += [where] if whole else []
        elif entry.box != box:
            other.append(f'{where}: box {box}, in the cache {entry.box}')
        else:
            files[os.path.join(source.image_root, image['file_name'])] = entry.file_bytes
    if missing:
        what = f'{store.path}: the crop cache lacks {len(missing)} persons of {annotations.path}.'
        found.append(problem(what, f'{step.entry}.cache', _REMEDY, missing))
    if other:
        what = (
            f'{store.path}: {len(other)} crops were cut for other boxes than those of '
            f'{annotations.path}.'
        )
        found.append(problem(what, f'{step.entry}.cache', _REMEDY, other))
    return found + _check_files(store, step, files, seconds)


def open_store(step: Step) -> tuple[CropStore | None, list[str]]:
    """Open the cache that a step names.

    Args:
        step (Step): The step ``LoadCachedCrop``.

    Returns:
        tuple[CropStore | None, list[str]]: The cache, None if it cannot be used, and problems.
    """
    path = step.cfg.get('cache')
    if not path:
        return None, [problem(f'{_LOAD} names no cache.', step.entry, 'give cache=<folder>')]
    try:
        return CropStore(path), []
    except UserError as error:
        return None, [problem(str(error), f'{step.entry}.cache')]


def _check_order(source: Source, names: list[str], at: int) -> list[str]:
    entry = f'{source.entry}.pipeline'
    out = []
    if names[:1] != ['WithholdLocations']:
        what = f'{_LOAD} stands in a pipeline without WithholdLocations in front.'
        out.append(problem(what, entry, "put dict(type='WithholdLocations', fraction=...) first"))
    if _AFFINE not in names[at:]:
        what = f'{_LOAD} gives crops, and no {_AFFINE} follows that knows where they are from.'
        out.append(problem(what, entry, f'write {_AFFINE} in place of TopdownAffine'))
        return out
    between = names[at + 1 : names.index(_AFFINE, at)]
    strange = [name for name in between if name not in _BETWEEN]
    if strange:
        what = (
            f'Between {_LOAD} and {_AFFINE} stand {", ".join(strange)}, which may look at pixels '
            'and would see a crop.'
        )
        out.append(problem(what, entry, f'put them after {_AFFINE}, or load whole images'))
    return out


def _say_where_smaller(source: Source, store: CropStore) -> None:
    """Tell, no more: such crops are cut from the images, which costs time only."""
    own = plan_of(store.settings)
    try:
        plan = CropPlan.from_steps(
            [s.cfg for s in source.steps], source.entry, own.margin, own.oversample
        )
    except (UserError, TypeError, KeyError):
        return  # no top-down pipeline: other checks tell
    if plan != own:
        print_log(
            f'{store.path}: the crops were cut for {own}, the pipeline of {source.entry} has '
            f'{plan}. Where they do not reach, the images are read; build the cache again if '
            'that costs time.',
            'current',
            level=30,
        )


def _check_files(store: CropStore, step: Step, files: dict[str, int], seconds: float) -> list[str]:
    """Compare the sizes of image files, as far as the time reaches."""
    end = time.monotonic() + seconds
    changed = []
    for path, size in files.items():
        if is_remote(path) or time.monotonic() > end:
            break
        # Without the images a cache serves all the same, as long as the crops reach.
        if os.path.isfile(path) and os.path.getsize(path) != size:
            changed.append(f'{path}: {os.path.getsize(path)} bytes, was {size}')
    if not changed:
        return []
    what = f'{store.path}: {len(changed)} images are not those the crops were cut from.'
    return [problem(what, f'{step.entry}.cache', _REMEDY, changed)]


def _clipped_box(person: dict, image: dict) -> tuple[float, ...] | None:
    """The box as MMPose's COCO-style data sets read it, None for one that they leave out."""
    width, height = image['width'], image['height']
    box = person.get('bbox', [0, 0, width, height])
    try:
        x, y, w, h = (float(v) for v in box)
    except (TypeError, ValueError):
        return None  # told by the check of boxes
    limit = [width - 1, height - 1] * 2
    corners = np.clip([x, y, x + w, y + h], 0, limit).astype(np.float32)
    if not (corners[2:] > corners[:2]).all():
        return None
    return tuple(float(v) for v in corners)
