"""Animal-Pose (Cao et al., ICCV 2019), part I, from its ``keypoints.json`` and ``images/``.

``images`` is an object from id to file name; an annotation has ``image_id``, ``category_id`` (the
species), ``bbox`` as x1, y1, x2, y2 and 20 ``keypoints`` [x, y, flag]. Flag 1 means annotated
and not occluded, 0 absent; an absent keypoint may have coordinates, which are dropped. Known from
the authors' read-me file and from their drawing program.

Our choice: an animal's id is its place in the file, from 1. The file has no split: without a list,
a hash of its name puts one image in ten into validation.

``convert_crops`` reads crops in COCO's format, with the authors' keypoints in their order, and
the images in ``images`` or in ``images_train.tar`` and ``images_val.tar``.
"""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_whole
from lfhpe_mmpose.tags import TagFile, load_tag_file
from lfhpe_mmpose.tags.entries import image_faults
from lfhpe_mmpose.tags.faults import raise_first
from lfhpe_mmpose.tags.fields import is_id
from lfhpe_mmpose.tags.labels import keypoints_faults

from .images import ImageFolder
from .job import (
    Job,
    Part,
    category_of,
    find_file,
    find_folder,
    is_row,
    is_val,
    listed_in,
    located_person,
    original,
)

REMEDY = 'Unpack keypoints.json and images/ of Animal-Pose, part I, there.'
_LEGS = ('L_F', 'R_F', 'L_B', 'R_B')
# The authors' order, in MMPose's names.
AUTHORS = (
    *('L_Eye', 'R_Eye', 'Nose', 'L_EarBase', 'R_EarBase'),
    *(f'{leg}_{joint}' for joint in ('Elbow', 'Knee', 'Paw') for leg in _LEGS),
    *('Throat', 'Withers', 'TailBase'),
)
_WORDS = {'L': 'left', 'R': 'right', 'F': 'front', 'B': 'back', 'EarBase': 'ear'}


def convert(job: Job) -> Iterator[Part]:
    """Convert Animal-Pose to ``annotations/animalpose_train.json`` and ``..._val.json``.

    Raises:
        UserError: If a file is missing or malformed.
    """
    path = find_file(job.source, ['keypoints.json'], REMEDY)
    folder = ImageFolder(find_folder(job.source, 'images', REMEDY), job.out, job.missing)
    data = _load(path)
    listed = listed_in(job, set(data['images'].values()))
    order = _order()
    species = {entry['id']: entry.get('name') for entry in data['categories']}
    parts = {split: _part(split, path, folder.folder) for split in ('train', 'val')}
    images: dict[str, dict[str, Any]] = {}
    bar = tqdm(data['annotations'], desc='Animal-Pose', disable=not job.progress, mininterval=1)
    for number, entry in enumerate(bar, start=1):
        where = f'{path}: annotations[{number - 1}]'
        name, box, rows = _read(entry, data['images'], where)
        if not is_id(entry.get('category_id')) or entry['category_id'] not in species:
            raise original(f'{where}.category_id', 'it is unknown.', 'unknown-category')
        val = name in listed if listed is not None else is_val('animalpose', name)
        part = parts['val' if val else 'train']
        size = folder.size(name)
        if size is None:
            part.left_out['animals without their image'] += 1
            continue
        absent = sum(not flag and any((x, y)) for x, y, flag in rows)
        if absent:
            part.left_out['coordinates of absent keypoints'] += absent
        points = [(x, y, 2 * flag) for x, y, flag in (rows[i] for i in order)]
        image_id = int(entry['image_id'])
        animal = located_person((number, image_id), box, points, size, part.left_out)
        if animal is None:
            continue
        animal['species'] = species[entry['category_id']]
        part.tags.annotations.append(animal)
        if name not in images:
            images[name] = dict(id=image_id, file_name=name, width=size[0], height=size[1])
            part.tags.images.append(images[name])
    yield from parts.values()


def convert_crops(job: Job) -> Iterator[Part]:
    """Convert crops with the authors' keypoints to the files of ``convert``.

    Raises:
        UserError: If a file is missing or malformed.
    """
    words = ['_'.join(_WORDS.get(w, w.lower()) for w in name.split('_')) for name in AUTHORS]
    for split in ('train', 'val'):
        path = find_file(job.source, [f'annotations/{split}.json'], 'Unpack the crops there.')
        tags = load_tag_file(path)
        if tags.names() != words:
            raise original(f'{path}: categories', 'the keypoints differ.', 'keypoint-names')
        for i, image in enumerate(tags.images):
            raise_first(image_faults(image), f'{path}: images[{i}]')
        for annotation, where in tags.with_index():
            points = annotation.get('keypoints') or []
            raise_first(keypoints_faults(points, words), where)
            rows = [points[3 * i : 3 * i + 3] for i in _order()]
            annotation['keypoints'] = [value for row in rows for value in row]
        part = _part(split, path, _unpacked(job, split))
        tags.categories = part.tags.categories
        part.tags = tags
        yield part


def _order() -> list[int]:
    """The authors' index of each of MMPose's keypoints."""
    return [AUTHORS.index(name) for name in category_of('animalpose')['keypoints']]


def _part(split: str, path: Path, images: Path) -> Part:
    tags = TagFile(categories=[category_of('animalpose', 'animal')], path=str(path))
    return Part(f'annotations/animalpose_{split}.json', tags, images, 'images/')


def _load(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError, RecursionError) as error:
        raise original(path, f'the file is not JSON ({error}).', 'not-json') from None
    kinds = dict(images=dict, annotations=list, categories=list)
    for key, kind in kinds.items():
        if not isinstance(data, dict) or not isinstance(data.get(key), kind):
            raise original(path, f'{key!r} is missing, or of another form.', 'structure')
    if not all(isinstance(entry, dict) and is_id(entry.get('id')) for entry in data['categories']):
        raise original(f'{path}: categories', 'an entry has no id.')
    if not all(number.isdigit() and isinstance(n, str) for number, n in data['images'].items()):
        raise original(f'{path}: images', 'an entry is not an id with a file name.')
    return data


def _read(
    entry: Any, images: dict[str, str], where: str
) -> tuple[str, list[float], list[list[float]]]:
    """File name, box [x, y, width, height] and the authors' 20 keypoints of an animal."""
    if not isinstance(entry, dict):
        raise original(where, 'the entry is not an object.')
    name = images.get(str(entry.get('image_id')))
    if name is None:
        raise original(f'{where}.image_id', 'no image has this id.', 'unknown-image')
    box, rows = entry.get('bbox'), entry.get('keypoints')
    if not is_row(box, 4) or box[0] >= box[2] or box[1] >= box[3]:  # type: ignore[index]
        raise original(f'{where}.bbox', f'{box!r} is not x1, y1, x2, y2.', 'box')
    if not isinstance(rows, list) or len(rows) != len(AUTHORS):
        raise original(f'{where}.keypoints', f'{len(AUTHORS)} are needed.', 'keypoint-count')
    for k, row in enumerate(rows):
        if not is_row(row, 3) or row[2] not in (0, 1):
            fault = f'{row!r} is not x, y and a flag 0 or 1.'
            raise original(f'{where}.keypoints[{k}]', fault, 'visibility')
    x1, y1, x2, y2 = box  # type: ignore[misc]
    return name, [x1, y1, x2 - x1, y2 - y1], rows


def _unpacked(job: Job, split: str) -> Path:
    """The folder of the images, unpacked below ``out`` if they are in an archive."""
    archive = job.source / f'images_{split}.tar'
    if not archive.is_file():
        return find_folder(job.source, 'images', 'Unpack the images there.')
    folder = job.out / 'images'
    try:
        with tarfile.open(archive) as tar:
            for member in tqdm(tar, desc=f'{split} images', disable=not job.progress):
                target = folder / Path(member.name).name
                content = tar.extractfile(member) if member.isfile() else None
                if content is not None and not target.exists():
                    with write_whole(target) as part:
                        part.write_bytes(content.read())
    except tarfile.TarError as error:
        fault = f'the archive is damaged ({error}).'
        raise UserError('archive', str(archive), fault, 'Copy it again.') from None
    return folder
