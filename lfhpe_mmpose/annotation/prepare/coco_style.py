"""Data sets with COCO-style files: COCO, CrowdPose, OCHuman, AP-10K.

COCO is linked unchanged. The others are checked entry by entry and written with MMPose's keypoint
names in the same order: CrowdPose's ``head`` is MMPose's ``top_head``, AP-10K's ``left_front_paw``
is ``L_F_Paw``. CrowdPose's images have ``crowdIndex``, which its metric needs, and its annotations
have no ``area``; AP-10K has a category per species. Known from files of their form.

Not verified: whether every annotation of OCHuman has a box; one without is left out.

To add a data set, add a ``CocoStyle`` to ``SETS``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, load_tag_file
from lfhpe_mmpose.tags.entries import image_faults
from lfhpe_mmpose.tags.faults import raise_fault, raise_first
from lfhpe_mmpose.tags.fields import id_faults
from lfhpe_mmpose.tags.file_faults import doubles, unknown_id
from lfhpe_mmpose.tags.labels import keypoints_faults

from .images import ImageFolder
from .job import (
    Job,
    OriginalPart,
    Part,
    category_of,
    find_file,
    find_folder,
    is_row,
    original,
)


@dataclass(frozen=True)
class CocoStyle:
    """Where the files of a data set are, and where the configs expect them.

    Attributes:
        metainfo: Name of MMPose's metainfo file.
        files: Possible names in the source, by file of the result.
        images: Folder of the images in the source and below ``out``, by file of the result.
        remedy: Where to get the data set.
        names: The data set's own keypoint names, if they differ from MMPose's.
        image_keys: Required keys of an image besides COCO's.
        unchanged: Link the files without reading them.
    """

    metainfo: str
    files: Mapping[str, Sequence[str]]
    images: Mapping[str, str]
    remedy: str
    names: Sequence[str] = ()
    image_keys: Sequence[str] = ()
    unchanged: bool = False


_AP10K_SIDES = ('shoulder', 'elbow', 'front_paw'), ('hip', 'knee', 'back_paw')
_AP10K = [
    f'annotations/ap10k-{part}-split{n}.json' for n in '123' for part in ('train', 'val', 'test')
]
SETS = {
    'coco': CocoStyle(
        'coco',
        {
            f'annotations/person_keypoints_{part}2017.json': [f'person_keypoints_{part}2017.json']
            for part in ('train', 'val')
        },
        {f'annotations/person_keypoints_{p}2017.json': f'{p}2017' for p in ('train', 'val')},
        'Unpack train2017.zip, val2017.zip and annotations_trainval2017.zip there.',
        unchanged=True,
    ),
    'crowdpose': CocoStyle(
        'crowdpose',
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
        'ochuman',
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
        'ap10k',
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
    """Convert a data set with COCO-style files, one part for each of ``style.files``.

    Raises:
        UserError: If a file is missing, or an entry malformed.
    """
    found = {
        target: (
            find_file(job.source, names, style.remedy),
            find_folder(job.source, style.images[target], style.remedy),
        )
        for target, names in style.files.items()
    }
    category = category_of(style.metainfo)
    for target, (path, images) in found.items():
        folder = ImageFolder(images, job.out, job.missing)
        prefix = f'{style.images[target]}/'
        if style.unchanged:
            if path.stat().st_size == 0:
                raise UserError(
                    'empty-file', str(path), 'the file is empty (0 bytes).', 'Unpack it again.'
                )
            yield OriginalPart(target, path, images, prefix)
            continue
        tags = load_tag_file(path)
        left_out: Counter[str] = Counter()
        _rename(tags, category, style.names)
        _check_images(tags, style.image_keys)
        _keep_images(tags, folder, left_out)
        _keep_persons(tags, category['keypoints'], left_out, job.progress)
        yield Part(target, tags, images, prefix, left_out)


def _rename(tags: TagFile, category: Mapping[str, Any], known: Sequence[str]) -> None:
    """Replace the data set's keypoint names by MMPose's."""
    own = category['keypoints']
    for i, entry in enumerate(tags.categories):
        theirs = entry.get('keypoints')
        if theirs is not None and theirs not in (own, list(known)):
            given = ', '.join(map(str, theirs)) if isinstance(theirs, list) else repr(theirs)
            fault = f'{given} are not {", ".join(known or own)}.'
            raise original(f'{tags.path}: categories[{i}].keypoints', fault, 'keypoint-names')
        entry['keypoints'] = list(own)
        entry.setdefault('skeleton', category['skeleton'])


def _check_images(tags: TagFile, keys: Sequence[str]) -> None:
    for place, fault in doubles(tags, 'images', 'annotations'):
        raise_fault(fault, f'{tags.path}: {place}')
    for i, image in enumerate(tags.images):
        place = f'{tags.path}: images[{i}] (id {image["id"]})'
        raise_first(image_faults(image), place)
        lost = [key for key in keys if key not in image]
        if lost:
            raise original(place, f'{", ".join(lost)} are missing.')
    if not tags.images:
        raise original(tags.path, 'there are no images in it.', 'no-images')


def _keep_images(tags: TagFile, folder: ImageFolder, left_out: Counter[str]) -> None:
    """Remove missing images and their persons, or raise."""
    gone = [image for image in tags.images if image['file_name'] not in folder.names]
    if gone and folder.missing == 'error':
        listed = ', '.join(str(image['file_name']) for image in gone[:5])
        fault = (
            f'{len(gone)} of {len(tags.images)} images are not in {folder.folder} ({listed}'
            f'{", ..." if len(gone) > 5 else ""}).'
        )
        remedy = 'Unpack the archive again, or use --missing skip.'
        raise UserError('missing-image', tags.path, fault, remedy)
    if gone:
        left_out['images that are missing'] = len(gone)
        ids = {image['id'] for image in gone}
        tags.images = [image for image in tags.images if image['id'] not in ids]
        tags.annotations = [a for a in tags.annotations if a.get('image_id') not in ids]


def _keep_persons(
    tags: TagFile, names: Sequence[str], left_out: Counter[str], progress: bool
) -> None:
    images = {image['id'] for image in tags.images}
    categories = {entry['id'] for entry in tags.categories}
    kept = []
    rows = tqdm(tags.with_index(), desc=Path(tags.path).name, disable=not progress, mininterval=1)
    for annotation, where in rows:
        raise_first(id_faults(annotation, 'image_id', 'category_id'), where)
        raise_first(unknown_id(annotation, 'image', images), where)
        raise_first(unknown_id(annotation, 'category', categories), where)
        box, points = annotation.get('bbox'), annotation.get('keypoints')
        if box is not None and not is_row(box, 4):
            raise original(f'{where}.bbox', f'{box!r} is not [x, y, width, height].', 'box')
        if points is not None:
            raise_first(keypoints_faults(points, names), where)
        if box is None or points is None:
            left_out['persons without box or keypoints'] += 1
            continue
        kept.append(annotation)
    tags.annotations = kept
