"""COCO keypoint files, which are tag files as they are, checked here."""

from collections.abc import Sequence
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.entries import image_faults
from lfhpe_mmpose.tags.faults import raise_fault, raise_first, short
from lfhpe_mmpose.tags.fields import are_numbers, id_faults
from lfhpe_mmpose.tags.file_faults import doubles, entry_place, unknown_id
from lfhpe_mmpose.tags.labels import box_faults, keypoints_faults
from lfhpe_mmpose.tags.persons import person_tags, person_views
from lfhpe_mmpose.tags.tag_file import TagFile, load_tag_file

from .answers import DEFAULT_WORDS, AnswerWords
from .builder import check_names, nearest
from .plan_answers import refuse_plan

_TAG_KEYS = ('keypoint_tags', 'tag_views')


def read(
    path: str,
    names: Sequence[str] | None = None,
    plan: TagFile | None = None,
    words: AnswerWords = DEFAULT_WORDS,
    conflicts: str = 'error',
) -> TagFile:
    """Read a COCO keypoint file; ``names`` are the keypoints that it must have."""
    del words, conflicts  # a COCO file has numbers in place of answers
    refuse_plan(plan, path)
    tags = load_tag_file(path)
    if not tags.categories:
        fault = "'categories' is empty."
        raise UserError('no-keypoints', path, fault, 'Add a category with its keypoints.')
    own = [str(name) for name in tags.names()]
    if names is not None and own != list(names):
        wrong = next((n for n in names if n not in own), None)
        raise UserError(
            'keypoint-names',
            path,
            f'The keypoints are {", ".join(own)}, not those given: '
            + (f'{wrong!r} is missing.{nearest(wrong, own)}' if wrong else 'the order differs.'),
            'Leave --keypoints and --metainfo out, or give those of the file.',
        )
    check(tags)
    return tags


def write(tags: TagFile, path: str, located_only: bool = False, drop_tags: bool = False) -> None:
    """Write a COCO keypoint file for other programs.

    ``num_keypoints``, ``area``, ``iscrowd`` and the box, which COCO's tools expect, are added
    where they are missing. Coordinates are never added.

    Args:
        tags: The tag file; it is not changed.
        path: The file to write.
        located_only: Whether persons without coordinates are left out.
        drop_tags: Whether tags and tagged views are left out.

    Raises:
        UserError: If an entry is malformed or the file cannot be written.
    """
    check(tags)
    images = tags.images_by_id()
    out = TagFile(tags.images, [], tags.categories, tags.rest, tags.path)
    for annotation in tags.annotations:
        flags = annotation.get('keypoints', [])[2::3]
        if located_only and not any(flag > 0 for flag in flags):
            continue
        person = {k: v for k, v in annotation.items() if not (drop_tags and k in _TAG_KEYS)}
        image = images[annotation['image_id']]
        person.setdefault('bbox', [0, 0, image['width'], image['height']])
        if 'keypoints' in person:
            person.setdefault('num_keypoints', sum(flag > 0 for flag in flags))
        person.setdefault('area', person['bbox'][2] * person['bbox'][3])
        person.setdefault('iscrowd', 0)
        out.annotations.append(person)
    out.save(path)


def check(tags: TagFile) -> None:
    """Refuse a file that a data set would misread.

    Raises:
        UserError: If an image, a category or a person is malformed.
    """
    for place, double in doubles(tags, 'images', 'annotations', 'categories'):
        raise_fault(double, f'{tags.path}: {place}')
    for i, image in enumerate(tags.images):
        raise_first(image_faults(image), f'{tags.path}: {entry_place("images", i, image)}')
    names: dict[Any, list[str]] = {}
    for i, category in enumerate(tags.categories):
        value = category.get('keypoints')
        where = f'{tags.path}: categories[{i}]'
        if value is not None and not isinstance(value, list):
            fault = f'{short(value)} is not a list of names.'
            raise UserError('malformed', f'{where}.keypoints', fault, 'Name the keypoints.')
        names[category['id']] = check_names(value, where) if value else []
    images = {image['id'] for image in tags.images}
    for annotation, where in tags.with_index():
        raise_first(id_faults(annotation, 'image_id', 'category_id'), where)
        raise_first(unknown_id(annotation, 'image', images), where)
        raise_first(unknown_id(annotation, 'category', names), where)
        box: Any = annotation.get('bbox')
        # COCO has a few boxes without an area, which the data sets leave out.
        numbers = isinstance(box, list) and len(box) == 4 and are_numbers(box)
        if 'bbox' in annotation and not (numbers and min(box[2:]) >= 0):
            raise_first(box_faults(box), f'{where}.bbox')
        own = names[annotation['category_id']]
        if 'keypoints' in annotation:
            raise_first(keypoints_faults(annotation['keypoints'], own), where)
        person_tags(annotation, own, where)
        person_views(annotation, own, where)
