"""MPII Human Pose, from ``mpii_human_pose_v1_u12_1.mat`` and ``mpii_human_pose_v1.tar.gz``.

From the data set's description and from programs that read the file: ``RELEASE`` has
``annolist`` (``image.name``; ``annorect`` with the head's ``x1, y1, x2, y2``, ``scale``
(person height / 200 pixels), ``objpos`` and ``annopoints.point`` with ``x, y, id,
is_visible``), ``img_train`` and ``single_person`` (numbers of the persons that stand apart).
Test images come without keypoints. Coordinates count from 1; they are written from 0.

What could not be verified, and how it is taken: ``is_visible`` is empty for some keypoints
(upper neck and head top), which are taken as visible.

Ours: the person box is the square of side 200 ``scale`` around ``objpos``, moved down by
15 ``scale``, as MMPose has it. It does not come from the keypoints, so a tagged person's box
tells nothing of them. (MMPose does not cut the square at the border of the image, its
COCO-style reader does.) The file names no validation images: without a list, an image is
in validation by a hash of its name, one in ten.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile

from .images import ImageFolder
from .job import Job, Part, find_file, find_folder, located_person
from .keypoint_sets import category_of
from .mat_files import items, load_variable, number

FILE = 'mpii_human_pose_v1_u12_1.mat'
REMEDY = (
    'Download annotations (mpii_human_pose_v1_u12_2.zip) and images (mpii_human_pose_v1.tar.gz) '
    'from the MPII Human Pose page and unpack both there.'
)
NUM_KEYPOINTS = 16
VAL_SHARE = 0.1


def convert(job: Job) -> Iterator[Part]:
    """Read MPII.

    Args:
        job (Job): The preparation.

    Yields:
        Part: ``annotations/mpii_train.json`` and ``annotations/mpii_val.json``.

    Raises:
        UserError: If a file is missing or of another form.
    """
    path = find_file(job.source, [FILE, 'mpii_human_pose_v1_u12*.mat'], REMEDY)
    folder = ImageFolder(find_folder(job.source, ['images'], REMEDY), job.out, job.missing)
    listed = None if job.val_list is None else read_val_list(job.val_list)
    release = load_variable(path, 'RELEASE', structs=True)
    annolist = items(getattr(release, 'annolist', None))
    training = items(getattr(release, 'img_train', None))
    if not annolist or len(training) != len(annolist):
        raise UserError(
            f'{path}: RELEASE has {len(annolist)} entries in annolist and {len(training)} in '
            'img_train; give the original file.'
        )
    apart = items(getattr(release, 'single_person', None))
    if job.persons == 'single' and len(apart) != len(annolist):
        raise UserError(f'{path}: RELEASE.single_person is missing; use --persons all.')

    parts = {
        split: Part(
            f'annotations/mpii_{split}.json',
            TagFile(categories=[category_of('MpiiDataset')], path=str(path)),
            folder.folder,
            'images/',
        )
        for split in ('train', 'val')
    }
    names = set()
    for i in tqdm(range(len(annolist)), desc='MPII', disable=not job.progress, mininterval=1):
        if int(training[i]) != 1:
            continue  # a test image, without keypoints
        entry, where = annolist[i], f'{path}: RELEASE.annolist({i + 1})'
        name = str(getattr(getattr(entry, 'image', None), 'name', ''))
        stem = Path(name).stem
        if not stem.isdigit():
            raise UserError(f'{where}.image.name is {name!r}; give the original file.')
        names.add(name)
        in_val = name in listed if listed is not None else is_val(name)
        part = parts['val' if in_val else 'train']
        size = None
        for r, rect in enumerate(items(getattr(entry, 'annorect', None)), start=1):
            if job.persons == 'single' and r not in map(int, items(apart[i])):
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
            at = f'{where}.annorect({r})'
            person = _person((100 * (i + 1) + r, int(stem)), rect, points, size, part.left_out, at)
            if person is not None:
                part.tags.annotations.append(person)
                if not part.tags.images or part.tags.images[-1]['id'] != int(stem):
                    image = dict(id=int(stem), file_name=name, width=size[0], height=size[1])
                    part.tags.images.append(image)
    if listed is not None and not listed & names:
        raise UserError(
            f'{job.val_list}: none of its {len(listed)} images is a training image of {path}. '
            'Give names such as 015601864.jpg, one a line.'
        )
    yield from parts.values()


def is_val(name: str) -> bool:
    """Whether an image is in our validation set, by its name alone.

    Args:
        name (str): The file name.

    Returns:
        bool: True for about one image in ten.
    """
    digest = hashlib.blake2b(f'mpii val|{name}'.encode(), digest_size=8).digest()
    return int.from_bytes(digest, 'big') < VAL_SHARE * 2.0**64


def read_val_list(path: Path) -> set[str]:
    """Read the names of validation images.

    Args:
        path (Path): A name a line, or a JSON list of objects with ``image``, as the customary
            ``mpii_val.json`` is, or a COCO-style file.

    Returns:
        set[str]: The names.

    Raises:
        UserError: If it is none of these.
    """
    try:
        text = path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f'{path}: the list cannot be read ({error}).') from None
    if path.suffix != '.json':
        return {line.strip() for line in text.splitlines() if line.strip()}
    try:
        data = json.loads(text)
        if isinstance(data, dict):
            return {Path(image['file_name']).name for image in data['images']}
        return {Path(person['image']).name for person in data}
    except (ValueError, KeyError, TypeError):
        raise UserError(
            f"{path}: neither a list of objects with 'image' nor a COCO-style file. Give one of "
            'these, or a text file with a name a line.'
        ) from None


def _person(
    ids: tuple[int, int],
    rect: object,
    points: list,
    size: tuple[int, int],
    left_out: Counter,
    where: str,
) -> dict | None:
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
            raise UserError(
                f'{where}.annopoints.point({p}): x, y or id is missing, or id is not from 0 to '
                f'{NUM_KEYPOINTS - 1}; give the original file.'
            )
        seen = number(getattr(point, 'is_visible', None))
        rows[int(k)] = (px - 1, py - 1, 1 if seen == 0 else 2)
    person = located_person(ids, box, rows, size, left_out)
    if person is not None:
        x1, y1, x2, y2 = (float(v) - 1 for v in head if v is not None)
        # Two corners, in either order; the metric takes the diagonal.
        corner = [min(x1, x2), min(y1, y2)]
        person['head_box'] = [*corner, abs(x2 - x1), abs(y2 - y1)]
    return person
