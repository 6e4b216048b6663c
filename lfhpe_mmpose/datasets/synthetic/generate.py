"""Write a set of synthetic people in COCO's format.

Layout::

    out_dir/train/000000000.jpg ...
    out_dir/val/000000000.jpg ...
    out_dir/annotations/person_keypoints_train.json
    out_dir/annotations/person_keypoints_val.json
    out_dir/synthetic.json      what was asked for; written last, so that it marks a finished set
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_text

from .keypoints import KEYPOINT_NAMES, SKELETONS
from .scene import check_arguments, draw_person_image, refuse_unless

logger = logging.getLogger(__name__)

#: Increase it if pictures or annotations change: older sets are then written again.
VERSION = 2

#: First index of the val set, so that its pictures do not depend on the train set's size.
_VAL_START = 1_000_000_000
_QUALITY = 92
_CHUNK = 64
_MANIFEST = 'synthetic.json'


def _draw_chunk(
    task: tuple[str, int, int, int, dict[str, Any]],
) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Draw and write pictures ``first`` to ``last``; return their image and annotation entries."""
    folder, start, first, last, request = task
    cv2.setNumThreads(1)
    found = []
    for number in range(first, last):
        image, annotations = draw_person_image(
            request['seed'],
            start + number,
            keypoints=request['keypoints'],
            image_size=tuple(request['image_size']),
            persons=request['persons_per_image'],
            back_views=request['back_views'],
        )
        name = f'{number:09d}.jpg'
        path = os.path.join(folder, name)
        if not cv2.imwrite(path, image, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY)):
            raise UserError(
                'not-writable', path, 'The picture cannot be written.', 'Check disk and folder.'
            )
        height, width = image.shape[:2]
        entry = dict(id=number + 1, file_name=name, width=width, height=height)
        found.append((entry, annotations))
    return found


def _category(keypoints: str) -> dict[str, Any]:
    names = KEYPOINT_NAMES[keypoints]
    links = [[names.index(a) + 1, names.index(b) + 1] for a, b in SKELETONS[keypoints]]
    return dict(id=1, name='person', supercategory='person', keypoints=list(names), skeleton=links)


def _write_split(
    out: Path, split: str, total: int, request: dict[str, Any], workers: int, progress: bool
) -> None:
    folder = out / split
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob('*.jpg'):
        old.unlink()
    start = _VAL_START if split == 'val' else 0
    tasks = [
        (str(folder), start, first, min(first + _CHUNK, total), request)
        for first in range(0, total, _CHUNK)
    ]
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    began = time.perf_counter()

    def collect(chunk: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
        for entry, people in chunk:
            images.append(entry)
            for person in people:
                person.update(id=len(annotations) + 1, image_id=entry['id'], category_id=1)
                annotations.append(person)
        if progress:
            rate = len(images) / max(time.perf_counter() - began, 1e-9)
            end = '\n' if len(images) == total else ''
            sys.stderr.write(
                f'\rsynthetic people, {split}: {len(images)}/{total} ({rate:.0f}/s){end}'
            )
            sys.stderr.flush()

    if workers > 1 and len(tasks) > 1:
        # Threads of OpenCV and torch do not survive a fork.
        context = multiprocessing.get_context('spawn')
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            for chunk in pool.map(_draw_chunk, tasks):
                collect(chunk)
    else:
        for task in tasks:
            collect(_draw_chunk(task))
    content = dict(
        info=dict(description=f'synthetic people, {split}', version=VERSION, request=request),
        images=images,
        annotations=annotations,
        categories=[_category(request['keypoints'])],
    )
    text = json.dumps(content, separators=(',', ':'))
    write_text(out / 'annotations' / f'person_keypoints_{split}.json', text)


def _finished(out: Path, request: dict[str, Any], paths: dict[str, str]) -> bool:
    """Whether the folder holds this set, complete."""
    try:
        known = json.loads((out / _MANIFEST).read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return False
    if known != request or not all(Path(p).exists() for p in paths.values()):
        return False
    return all(
        len(os.listdir(out / split)) == request[f'num_{split}'] for split in ('train', 'val')
    )


def generate_people(
    out_dir: str | os.PathLike[str],
    num_train: int,
    num_val: int,
    seed: int = 0,
    keypoints: str = 'lsp',
    image_size: int | tuple[int, int] = 176,
    persons_per_image: int = 1,
    back_views: float = 0.06,
    workers: int = 1,
    progress: bool = True,
) -> dict[str, str]:
    """Write a train and a val set of synthetic people in COCO's format.

    A finished set of the same arguments is reused; an unfinished one, or one of other arguments,
    is written again. Neither ``workers`` nor ``num_train`` changes a picture.

    Args:
        out_dir (str | os.PathLike): Folder, made if missing.
        num_train (int): Training pictures.
        num_val (int): Validation pictures.
        seed (int): Seed of the set.
        keypoints (str): ``'lsp'`` (14 keypoints) or ``'coco'`` (17).
        image_size (int | tuple[int, int]): Side, or (width, height), in pixels.
        persons_per_image (int): People in a picture.
        back_views (float): Share of people seen from behind.
        workers (int): Number of processes.
        progress (bool): Write a progress line to stderr.

    Returns:
        dict[str, str]: Paths: ``train_ann``, ``train_img``, ``val_ann``, ``val_img``.

    Raises:
        UserError: If an argument is invalid, ``out_dir`` holds other files, or a picture cannot
            be written.
    """
    for name, number, least in (
        ('num_train', num_train, 1),
        ('num_val', num_val, 1),
        ('workers', workers, 1),
        ('seed', seed, 0),
    ):
        good = isinstance(number, int) and not isinstance(number, bool) and number >= least
        refuse_unless(good, name, number, f'a whole number from {least}')
        refuse_unless(number <= _VAL_START or name == 'seed', name, number, f'<= {_VAL_START}')
    size = check_arguments(keypoints, image_size, persons_per_image, back_views)
    request = dict(
        version=VERSION,
        num_train=num_train,
        num_val=num_val,
        seed=seed,
        keypoints=keypoints,
        image_size=list(size),
        persons_per_image=persons_per_image,
        back_views=back_views,
    )
    out = Path(out_dir)
    paths = {}
    for split in ('train', 'val'):
        paths[f'{split}_ann'] = str(out / 'annotations' / f'person_keypoints_{split}.json')
        paths[f'{split}_img'] = str(out / split)
    if out.exists() and not out.is_dir():
        raise UserError('out-dir', str(out), 'It is a file.', 'Name a folder.')
    if _finished(out, request, paths):
        logger.info('synthetic people in %s are up to date', out)
        return paths
    started = out / (_MANIFEST + '.started')
    if (
        out.is_dir()
        and any(out.iterdir())
        and not ((out / _MANIFEST).exists() or started.exists())
    ):
        fault = 'The folder holds other files and no synthetic set.'
        raise UserError('out-dir', str(out), fault, 'Name an empty or a new folder.')
    (out / 'annotations').mkdir(parents=True, exist_ok=True)
    # Marks an unfinished set.
    write_text(started, '')
    (out / _MANIFEST).unlink(missing_ok=True)
    _write_split(out, 'train', num_train, request, workers, progress)
    _write_split(out, 'val', num_val, request, workers, progress)
    write_text(out / _MANIFEST, json.dumps(request, separators=(',', ':')))
    started.unlink()
    return paths
