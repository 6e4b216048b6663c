"""Keep some persons of a tag file."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, has_coordinates, person_tags, person_views
from lfhpe_mmpose.tags.file_faults import images_by_id, persons_with_images
from lfhpe_mmpose.tags.located import person_hash

from .persons import (
    keypoint_names,
    person_box,
    unknown_name,
)

KINDS = ('located', 'tagged')


@dataclass(frozen=True)
class Conditions:
    """Which persons are kept: those that meet every condition that is given.

    Attributes:
        images: ``file_name`` of the images.
        categories: Names of the categories; the others are removed from the file.
        min_size: Least width and height of the box, pixels; without a box, of the image.
        kind: 'located', persons with coordinates, or 'tagged', persons without coordinates that
            have tags or tagged views.
        with_views: Only persons with tagged views.
        max_persons: Number of persons, chosen by a hash of the seed and their ids among those
            left: a smaller number lies inside a greater.
        seed: Seed of that choice.
        keep_images: Keep images without persons.
    """

    images: Collection[str] | None = None
    categories: Collection[str] | None = None
    min_size: float | None = None
    kind: str | None = None
    with_views: bool = False
    max_persons: int | None = None
    seed: int = 0
    keep_images: bool = False


def subset_tag_file(tags: TagFile, wanted: Conditions) -> TagFile:
    """Keep the persons that meet every condition; the order stays, the input is not changed.

    Raises:
        UserError: If an entry is malformed; 'unknown-name' if there is no such image or category;
            'no-persons' if no person is left.
    """
    tags = _take_categories(tags, wanted.categories)
    there = dict.fromkeys(image['file_name'] for image in images_by_id(tags).values())
    for name in wanted.images or ():
        if name not in there:
            raise unknown_name(tags.path, name, list(there), 'image')
    names = keypoint_names(tags)
    category_ids = {category['id'] for category in tags.categories}
    kept = []
    for person, image, where in persons_with_images(tags):
        if wanted.categories is not None and person.get('category_id') not in category_ids:
            continue
        if _fits(person, image, names, where, wanted):
            kept.append(person)
    if wanted.max_persons is not None and len(kept) > wanted.max_persons:
        ranks = [person_hash(wanted.seed, p['image_id'], p['id'], 'subset') for p in kept]
        chosen = sorted(range(len(kept)), key=ranks.__getitem__)[: wanted.max_persons]
        kept = [kept[i] for i in sorted(chosen)]
    if not kept:
        raise UserError('no-persons', tags.path, 'no person is left.', 'Ask for less.')
    inhabited = {person['image_id'] for person in kept}
    named = wanted.images if wanted.images is not None else there
    left = [
        image
        for image in tags.images
        if image['id'] in inhabited or (wanted.keep_images and image['file_name'] in named)
    ]
    return replace(tags, annotations=kept, images=left)


def _fits(
    person: dict[str, Any], image: dict[str, Any], names: list[str], where: str, wanted: Conditions
) -> bool:
    if wanted.images is not None and image['file_name'] not in wanted.images:
        return False
    size = wanted.min_size
    if size is not None and min(person_box(person, image, where)[2:]) < size:
        return False
    if wanted.with_views and not person_views(person, names, where):
        return False
    return wanted.kind is None or _kind(person, names, where) == wanted.kind


def _kind(person: dict[str, Any], names: list[str], where: str) -> str | None:
    if has_coordinates(person, names, where):
        return 'located'
    if person_tags(person, names, where) is not None or person_views(person, names, where):
        return 'tagged'
    return None


def _take_categories(tags: TagFile, wanted: Collection[str] | None) -> TagFile:
    if wanted is None:
        return tags
    there = [str(category.get('name')) for category in tags.categories]
    for name in wanted:
        if name not in there:
            raise unknown_name(tags.path, name, there, 'category')
    return replace(tags, categories=[c for c in tags.categories if c.get('name') in wanted])
