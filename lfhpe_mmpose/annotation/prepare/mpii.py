"""MPII Human Pose, from ``mpii_human_pose_v1_u12_1.mat`` and ``mpii_human_pose_v1.tar.gz``.

``RELEASE`` has ``annolist`` (``image.name``; ``annorect`` with the head's ``x1, y1, x2, y2``,
``scale`` (person height / 200 pixels), ``objpos`` and ``annopoints.point`` with ``x, y, id,
is_visible``), ``img_train`` and ``single_person`` (numbers of the persons that stand apart). Test
images have no keypoints. Coordinates count from 1; they are written from 0. Known from the data
set's description and from programs that read the file.

Not verified: ``is_visible`` is empty for some keypoints (upper neck and head top), which are read
as visible.

Our choice: the person box is the square of side 200 ``scale`` around ``objpos``, moved down by
15 ``scale``, as in MMPose. It does not depend on the keypoints. (MMPose does not clip the square
to the image, its COCO-style reader does.) The file names no validation images: without a list, a
hash of its name puts one image in ten into validation.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile

from .images import ImageFolder
from .job import (
    Job,
    Part,
    category_of,
    find_file,
    find_folder,
    is_val,
    listed_in,
    located_person,
    original,
)
from .mat_files import items, load_variable, number

FILE = 'mpii_human_pose_v1_u12_1.mat'
REMEDY = (
    'Download annotations (mpii_human_pose_v1_u12_2.zip) and images (mpii_human_pose_v1.tar.gz) '
    'from the MPII Human Pose page and unpack both there.'
)
NUM_KEYPOINTS = 16


def convert(job: Job) -> Iterator[Part]:
    """Convert MPII to ``annotations/mpii_train.json`` and ``annotations/mpii_val.json``.

    Raises:
        UserError: If a file is missing or malformed.
    """
    path = find_file(job.source, [FILE, 'mpii_human_pose_v1_u12*.mat'], REMEDY)
    folder = ImageFolder(find_folder(job.source, 'images', REMEDY), job.out, job.missing)
    annolist, training, apart = _release(path, job.persons == 'single')
    parts = {
        split: Part(
            f'annotations/mpii_{split}.json',
            TagFile(categories=[category_of('mpii')], path=str(path)),
            folder.folder,
            'images/',
        )
        for split in ('train', 'val')
    }
    names: dict[int, str] = {}
    for i, entry in enumerate(annolist):
        if int(training[i]) != 1:
            continue  # a test image, without keypoints
        names[i] = str(getattr(getattr(entry, 'image', None), 'name', ''))
        if not Path(names[i]).stem.isdigit():
            where = f'{path}: RELEASE.annolist({i + 1}).image.name'
            raise original(where, f'{names[i]!r} is not a number.')
    listed = listed_in(job, set(names.values()))
    for i, name in tqdm(names.items(), desc='MPII', disable=not job.progress, mininterval=1):
        where = f'{path}: RELEASE.annolist({i + 1})'
        in_val = name in listed if listed is not None else is_val('mpii', name)
        alone = None if job.persons == 'all' else set(map(int, items(apart[i])))
        _add(parts['val' if in_val else 'train'], folder, i + 1, annolist[i], name, alone, where)
    yield from parts.values()


def _release(path: Path, single: bool) -> tuple[list[Any], list[Any], list[Any]]:
    """``annolist``, ``img_train`` and ``single_person`` of the file."""
    release = load_variable(path, 'RELEASE', structs=True)
    annolist, training, apart = (
        items(getattr(release, key, None)) for key in ('annolist', 'img_train', 'single_person')
    )
    if not annolist or len(training) != len(annolist):
        raise original(
            path,
            f'RELEASE has {len(annolist)} entries in annolist and {len(training)} in img_train.',
        )
    if single and len(apart) != len(annolist):
        raise UserError(
            'malformed', str(path), 'RELEASE.single_person is missing.', 'Use --persons all.'
        )
    return annolist, training, apart


def _add(
    part: Part,
    folder: ImageFolder,
    index: int,
    entry: object,
    name: str,
    alone: set[int] | None,
    where: str,
) -> None:
    """Add the persons of one training image; ``alone`` are the numbers to use, None for all."""
    size, image_id = None, int(Path(name).stem)
    for r, rect in enumerate(items(getattr(entry, 'annorect', None)), start=1):
        if alone is not None and r not in alone:
            part.left_out['persons who do not stand apart'] += 1
            continue
        points = items(getattr(getattr(rect, 'annopoints', None), 'point', None))
        if not points:
            part.left_out['persons without a keypoint'] += 1
            continue
        size = size or folder.size(name)
        if size is None:
            part.left_out['persons without their image'] += 1
            continue
        ids = (100 * index + r, image_id)
        person = _person(ids, rect, points, size, part.left_out, f'{where}.annorect({r})')
        if person is not None:
            part.tags.annotations.append(person)
            if not part.tags.images or part.tags.images[-1]['id'] != image_id:
                image = dict(id=image_id, file_name=name, width=size[0], height=size[1])
                part.tags.images.append(image)


def _person(
    ids: tuple[int, int],
    rect: object,
    points: list[Any],
    size: tuple[int, int],
    left_out: Counter[str],
    where: str,
) -> dict[str, Any] | None:
    place = getattr(rect, 'objpos', None)
    x, y = number(getattr(place, 'x', None)), number(getattr(place, 'y', None))
    scale = number(getattr(rect, 'scale', None))
    head = [number(getattr(rect, key, None)) for key in ('x1', 'y1', 'x2', 'y2')]
    if x is None or y is None or not scale or scale < 0:
        left_out['persons without place or scale'] += 1
        return None
    if None in head:
        left_out['persons without a head box'] += 1
        return None
    side = 200 * scale
    box = [x - 1 - side / 2, y - 1 + 15 * scale - side / 2, side, side]
    rows: list[tuple[float, float, int]] = [(0.0, 0.0, 0)] * NUM_KEYPOINTS
    for p, point in enumerate(points, start=1):
        px, py = number(getattr(point, 'x', None)), number(getattr(point, 'y', None))
        k = number(getattr(point, 'id', None))
        if px is None or py is None or k is None or not 0 <= k < NUM_KEYPOINTS:
            fault = f'x, y or id is missing, or id is not from 0 to {NUM_KEYPOINTS - 1}.'
            raise original(f'{where}.annopoints.point({p})', fault)
        seen = number(getattr(point, 'is_visible', None))
        rows[int(k)] = (px - 1, py - 1, 1 if seen == 0 else 2)
    person = located_person(ids, box, rows, size, left_out)
    if person is not None:
        x1, y1, x2, y2 = (float(v) - 1 for v in head if v is not None)
        # Two corners, in either order.
        person['head_box'] = [min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)]
    return person
