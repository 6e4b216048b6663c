"""Leeds Sports Pose and its extension, from their ``joints.mat`` and ``images/``.

Both hold 14 keypoints in the order of ``LspExtendedDataset``. LSP's
``joints`` is 3 x 14 x 2000 (x, y, flag) with images ``im0001.jpg`` ...; its flag 1 means
**occluded**. LSP-extended's is 14 x 3 x 10000 with images ``im00001.jpg`` ...; its flag 1 means
annotated, 0 that the annotator saw no such joint. Known from their read-me files and from programs
that read them.

Not verified: whether coordinates count from 0 or 1; they are kept (the noise of the annotation
is far above half a pixel).

Our choice: the person box is the annotated extent plus 25%, clipped to the image, since neither
set has boxes. LSP: the first half is train, the second test, its authors' split. LSP-extended has
no split: the last tenth of ``numpy.random.default_rng(0).permutation(10000)`` is validation, the
split of our results. Those were measured on images cropped around the person with 20% context, so
numbers on the full images can differ slightly.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.tags import TagFile

from .images import ImageFolder
from .job import (
    Job,
    Part,
    category_of,
    find_file,
    find_folder,
    listed_in,
    located_person,
    original,
)
from .mat_files import load_variable

MARGIN = 1.25
REMEDY = "Unpack the data set's archive there: joints.mat and the folder images."


def convert_lsp(job: Job) -> Iterator[Part]:
    """Convert Leeds Sports Pose to ``annotations/train.json`` and ``annotations/test.json``.

    Raises:
        UserError: If a file is missing or malformed.
    """
    path, joints = _load(job, (3, 14), 'lspet')
    joints = joints.transpose(2, 1, 0)  # persons x 14 x (x, y, occluded)
    flags = np.where(joints[..., 2] > 0, 1, 2)
    in_train = np.arange(len(joints)) < len(joints) // 2
    yield from _parts(job, path, joints, flags, in_train, ('train', 'test'), 4)


def convert_lspet(job: Job) -> Iterator[Part]:
    """Convert LSP-extended to ``annotations/train.json`` and ``annotations/val.json``.

    Raises:
        UserError: If a file is missing or malformed.
    """
    path, joints = _load(job, (14, 3), 'lsp')
    joints = joints.transpose(2, 0, 1)  # persons x 14 x (x, y, annotated)
    flags = np.where(joints[..., 2] > 0, 2, 0)
    in_train = np.ones(len(joints), dtype=bool)
    if job.val_list is None:
        in_train[validation_rows(len(joints))] = False
    else:
        names = [f'im{i + 1:05d}.jpg' for i in range(len(joints))]
        listed = listed_in(job, set(names)) or set()
        in_train = np.array([name not in listed for name in names])
    yield from _parts(job, path, joints, flags, in_train, ('train', 'val'), 5)


def validation_rows(count: int) -> np.ndarray:
    """Indices from 0 of the validation persons of ``count``, a tenth of them."""
    return np.random.default_rng(0).permutation(count)[count - count // 10 :]


def _load(job: Job, shape: tuple[int, int], other: str) -> tuple[Path, np.ndarray]:
    path = find_file(job.source, ['joints.mat'], REMEDY)
    joints = load_variable(path, 'joints')
    found = getattr(joints, 'shape', ())
    if not isinstance(joints, np.ndarray) or joints.ndim != 3 or found[:2] != shape:
        hint = f' It is the file of {other!r}.' if found[:2] == shape[::-1] else ''
        fault = (
            f'joints is {" x ".join(map(str, found)) or "not an array"}, not '
            f'{shape[0]} x {shape[1]} x persons.{hint}'
        )
        raise original(path, fault, 'joints-shape')
    joints = joints.astype(np.float64)
    # The coordinates of an unseen joint are not used and may be NaN.
    known = np.moveaxis(joints, shape.index(3), 0)
    bad = ~np.isfinite(known[:2]).all(0) & ((known[2] > 0) | (shape[0] == 3))
    if bad.any():
        raise original(path, 'joints has coordinates that are not finite.', 'not-finite')
    if not np.isin(known[2], (0, 1)).all():
        raise original(path, 'joints has flags other than 0 and 1.', 'visibility')
    return path, joints


def _parts(
    job: Job,
    path: Path,
    joints: np.ndarray,
    flags: np.ndarray,
    in_train: np.ndarray,
    splits: tuple[str, str],
    digits: int,
) -> Iterator[Part]:
    folder = ImageFolder(find_folder(job.source, 'images', REMEDY), job.out, job.missing)
    suffix = '.jpg'
    if not any(name.endswith('.jpg') for name in folder.names):
        suffix = '.png'  # the extension also exists in full size, as PNG
    parts = [
        Part(
            f'annotations/{split}.json',
            TagFile(categories=[category_of('lspet')], path=str(path)),
            folder.folder,
            'images/',
        )
        for split in splits
    ]
    rows = tqdm(range(len(joints)), desc='images', disable=not job.progress, mininterval=1)
    for i in rows:
        part = parts[0 if in_train[i] else 1]
        name = f'im{i + 1:0{digits}d}{suffix}'
        size = folder.size(name)
        if size is None:
            part.left_out['persons without their image'] += 1
            continue
        seen = flags[i] > 0
        box = extent_box(joints[i][seen, :2], size) if seen.any() else [0, 0, 0, 0]
        points = np.column_stack([np.nan_to_num(joints[i][:, :2]), flags[i]])
        person = located_person((i + 1, i + 1), box, points.tolist(), size, part.left_out)
        if person is not None:
            image = dict(id=i + 1, file_name=name, width=size[0], height=size[1])
            part.tags.images.append(image)
            part.tags.annotations.append(person)
    yield from parts


def extent_box(points: np.ndarray, size: tuple[int, int]) -> list[float]:
    """Box [x, y, width, height] around keypoints (N, 2) with a margin, clipped to the image."""
    low, high = points.min(0), points.max(0)
    center, half = (low + high) / 2, MARGIN * np.maximum(high - low, 1) / 2
    low, high = np.maximum(center - half, 0), np.minimum(center + half, size)
    return [*low.tolist(), *(high - low).tolist()]
