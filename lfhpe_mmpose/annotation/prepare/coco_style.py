"""Data sets whose own files are COCO-style: COCO, CrowdPose, OCHuman, AP-10K.

COCO is linked as it is. The others are checked entry by entry and written again with MMPose's
names of their keypoints: CrowdPose calls MMPose's ``top_head`` ``head``, AP-10K calls ``L_F_Paw``
``left_front_paw`` and so on. The order is the same; all else stays. From files in their form:
CrowdPose's images have ``crowdIndex``, which its metric needs; its annotations have no ``area``;
AP-10K has a category for each species. What could not be verified: whether every annotation
of OCHuman has a box (one without is left out).

To add a data set, add a :class:`CocoStyle` to :data:`SETS`.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, load_tag_file

from .images import ImageFolder
from .job import Job, OriginalPart, Part, find_file, find_folder
from .keypoint_sets import category_of


@dataclass(frozen=True)
class CocoStyle:
    """Where the files of a data set are, and where the configs expect them.

    Attributes:
        dataset (str): Data set class in MMPose's registry.
        files (Mapping): Of each file of the result, its possible names in the source.
        images (Mapping): Of each file of the result, the folder of images: its name in the
            source and below ``out``.
        remedy (str): Where to get it.
        names (Sequence[str]): Their names of the keypoints, where they are not MMPose's.
        image_keys (Sequence[str]): What an image must have beside COCO's entries.
        as_it_is (bool): Link the files without reading them. Defaults to False.
    """

    dataset: str
    files: Mapping[str, Sequence[str]]
    images: Mapping[str, str]
    remedy: str
    names: Sequence[str] = ()
    image_keys: Sequence[str] = field(default=())
    as_it_is: bool = False


_AP10K_SIDES = ('shoulder', 'elbow', 'front_paw'), ('hip', 'knee', 'back_paw')
_AP10K = [
    f'annotations/ap10k-{part}-split{n}.json' for n in '123' for part in ('train', 'val', 'test')
]
SETS = {
    'coco': CocoStyle(
        'CocoDataset',
        {
            f'annotations/person_keypoints_{part}2017.json': [f'person_keypoints_{part}2017.json']
            for part in ('train', 'val')
        },
        {f'annotations/person_keypoints_{p}2017.json': f'{p}2017' for p in ('train', 'val')},
        'Unpack train2017.zip, val2017.zip and annotations_trainval2017.zip there.',
        as_it_is=True,
    ),
    'crowdpose': CocoStyle(
        'CrowdPoseDataset',
        {
            f'annotations/mmpose_crowdpose_{part}.json': [
                f'crowdpose_{part}.json',
                f'mmpose_crowdpose_{part}.json',
            ]
            for part in ('trainval', 'test')
        },
        {f'annotations/mmpose_crowdpose_{part}.json': 'images' for part in ('trainval', 'test')},
        'Unpack the images and the annotations of CrowdPose there.',
        names=(
            *(f'{s}_{j}' for j in ('shoulder', 'elbow', 'wrist') for s in ('left', 'right')),
            *(f'{s}_{j}' for j in ('hip', 'knee', 'ankle') for s in ('left', 'right')),
            'head',
            'neck',
        ),
        image_keys=('crowdIndex',),
    ),
    'ochuman': CocoStyle(
        'OCHumanDataset',
        {
            f'annotations/ochuman_coco_format_{part}_range_0.00_1.00.json': [
                f'ochuman_coco_format_{part}_range_0.00_1.00.json'
            ]
            for part in ('val', 'test')
        },
        {
            f'annotations/ochuman_coco_format_{part}_range_0.00_1.00.json': 'images'
            for part in ('val', 'test')
        },
        'Download images and the COCO-format annotations of OCHuman and unpack them there.',
    ),
    'ap10k': CocoStyle(
        'AP10KDataset',
        {file: [Path(file).name] for file in _AP10K},
        dict.fromkeys(_AP10K, 'data'),
        'Unpack ap-10k.zip there.',
        names=(
            *('left_eye', 'right_eye', 'nose', 'neck', 'root_of_tail'),
            *(f'{s}_{j}' for group in _AP10K_SIDES for s in ('left', 'right') for j in group),
        ),
    ),
}


def convert(job: Job, style: CocoStyle) -> Iterator[Part | OriginalPart]:
    """Read a data set with COCO-style files.

    Args:
        job (Job): The preparation.
        style (CocoStyle): The data set.

    Yields:
        Part | OriginalPart: One for each of ``style.files``.

    Raises:
        UserError: If a file is missing, or an entry malformed.
    """
    found = {
        target: (
            find_file(job.source, names, style.remedy),
            find_folder(job.source, [style.images[target]], style.remedy),
        )
        for target, names in style.files.items()
    }
    category = category_of(style.dataset)
    for target, (path, images) in found.items():
        folder = ImageFolder(images, job.out, job.missing)
        prefix = f'{style.images[target]}/'
        if style.as_it_is:
            if path.stat().st_size == 0:
                raise UserError(f'{path}: the file is empty (0 bytes). Unpack it again.')
            yield OriginalPart(target, path, images, prefix)
            continue
        tags = load_tag_file(path)
        left_out: Counter = Counter()
        _rename(tags, category, style.names)
        _check_images(tags, style.image_keys)
        _keep_images(tags, folder, left_out)
        _keep_persons(tags, len(category['keypoints']), left_out, job.progress)
        yield Part(target, tags, images, prefix, left_out)


def _rename(tags: TagFile, category: Mapping, known: Sequence[str]) -> None:
    """Give the keypoints MMPose's names, where the file has the names that we know."""
    own = category['keypoints']
    for i, entry in enumerate(tags.categories):
        theirs = entry.get('keypoints')
        if theirs is not None and theirs not in (own, list(known)):
            given = ', '.join(map(str, theirs)) if isinstance(theirs, list) else repr(theirs)
            raise UserError(
                f'{tags.path}: categories[{i}].keypoints are {given}; expected '
                f'{", ".join(known or own)}. Give the original file.'
            )
        entry['keypoints'] = list(own)
        entry.setdefault('skeleton', category['skeleton'])


def _check_images(tags: TagFile, keys: Sequence[str]) -> None:
    ids = set()
    for i, image in enumerate(tags.images):
        lost = [k for k in ('file_name', 'width', 'height', *keys) if k not in image]
        if lost:
            raise UserError(
                f'{tags.path}: images[{i}] (id {image["id"]}) has no {", ".join(lost)}. Give the '
                'original file.'
            )
        if image['id'] in ids:
            raise UserError(f'{tags.path}: images[{i}] has the id {image["id"]} of another one.')
        ids.add(image['id'])
    if not ids:
        raise UserError(f'{tags.path}: there are no images in it. Give the original file.')


def _keep_images(tags: TagFile, folder: ImageFolder, left_out: Counter) -> None:
    """Every image is there; or those that are not are left out."""
    gone = [image for image in tags.images if image['file_name'] not in folder.names]
    if gone and folder.missing == 'error':
        listed = ', '.join(str(image['file_name']) for image in gone[:5])
        raise UserError(
            f'{tags.path}: {len(gone)} of {len(tags.images)} images are not in {folder.folder} '
            f'({listed}{", ..." if len(gone) > 5 else ""}). Unpack the archive again, or leave '
            'such images out by --missing skip.'
        )
    if gone:
        left_out['images that are missing'] = len(gone)
        ids = {image['id'] for image in gone}
        tags.images = [image for image in tags.images if image['id'] not in ids]
        tags.annotations = [a for a in tags.annotations if a.get('image_id') not in ids]


def _keep_persons(tags: TagFile, count: int, left_out: Counter, progress: bool) -> None:
    images = {image['id'] for image in tags.images}
    categories = {entry['id'] for entry in tags.categories}
    seen: set = set()
    kept = []
    rows = tqdm(tags.with_index(), desc=Path(tags.path).name, disable=not progress, mininterval=1)
    for annotation, where in rows:
        fault = _fault(annotation, count, images, categories, seen)
        if fault:
            raise UserError(f'{where}{fault}. Give the original file.')
        seen.add(annotation['id'])
        if 'bbox' not in annotation or 'keypoints' not in annotation:
            left_out['persons without box or keypoints'] += 1
            continue
        kept.append(annotation)
    tags.annotations = kept


def _fault(annotation: Mapping, count: int, images: set, categories: set, seen: set) -> str:
    if annotation['id'] in seen:
        return ' has the id of another annotation'
    if annotation.get('image_id') not in images:
        return f'.image_id is {annotation.get("image_id")!r}, which no image has'
    if annotation.get('category_id') not in categories:
        return f'.category_id is {annotation.get("category_id")!r}, which no category has'
    box, points = annotation.get('bbox'), annotation.get('keypoints')
    if box is not None and not _numbers(box, 4):
        return f'.bbox is {box!r}, not [x, y, width, height]'
    if points is not None and (
        not _numbers(points, 3 * count) or any(v not in (0, 1, 2) for v in points[2::3])
    ):
        return f'.keypoints is no list of {count} x (x, y, visibility 0, 1 or 2)'
    return ''


def _numbers(value: object, count: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(
            isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
            for v in value
        )
    )
