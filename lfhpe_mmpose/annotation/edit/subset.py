"""Keep some persons of a tag file."""

from collections.abc import Collection
from dataclasses import replace

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, has_coordinates, person_tags, person_views
from lfhpe_mmpose.tags.located import person_hash

from .persons import (
    images_by_id,
    keypoint_names,
    person_box,
    persons_with_images,
    unknown_name,
)

KINDS = ('located', 'tagged')


def subset_tag_file(
    tags: TagFile,
    images: Collection[str] | None = None,
    categories: Collection[str] | None = None,
    min_size: float | None = None,
    kind: str | None = None,
    with_views: bool = False,
    max_persons: int | None = None,
    seed: int = 0,
    keep_images: bool = False,
) -> TagFile:
    """Keep the persons that every given condition holds for.

    Args:
        tags (TagFile): The file; not changed.
        images (Collection[str], optional): ``file_name`` of the images. Defaults to all.
        categories (Collection[str], optional): Names of the categories; the others are
            removed from the file. Defaults to all.
        min_size (float, optional): Least width and height of the box, pixels. Who has no box
            is as large as his image. Defaults to any.
        kind (str, optional): 'located', persons with coordinates, or 'tagged', persons
            without who have tags or tagged views. Defaults to both and those with nothing.
        with_views (bool): Only persons with tagged views. Defaults to False.
        max_persons (int, optional): Number of persons, chosen by a hash of the seed and
            their ids among those left: a smaller number lies inside a greater. Defaults to
            all.
        seed (int): Seed of that choice. Defaults to 0.
        keep_images (bool): Keep images in which nobody is left. Defaults to False.

    Returns:
        TagFile: A new file. The order stays.

    Raises:
        UserError: If an entry is malformed, a name is unknown, or nobody is left.
    """
    tags = _take_categories(tags, categories)
    _check_images(tags, images)
    names = keypoint_names(tags)
    category_ids = {category['id'] for category in tags.categories}
    kept = []
    for person, image, where in persons_with_images(tags):
        if categories is not None and person.get('category_id') not in category_ids:
            continue
        if images is not None and image['file_name'] not in images:
            continue
        if min_size is not None and min(person_box(person, image, where)[2:]) < min_size:
            continue
        if with_views and not person_views(person, names, where):
            continue
        if kind is not None and _kind(person, names, where) != kind:
            continue
        kept.append(person)
    if max_persons is not None and len(kept) > max_persons:
        ranks = [person_hash(seed, p['image_id'], p['id'], 'subset') for p in kept]
        chosen = sorted(range(len(kept)), key=ranks.__getitem__)[:max_persons]
        kept = [kept[i] for i in sorted(chosen)]
    if not kept:
        raise UserError(f'{tags.path}: nobody is left. Ask for less.')
    inhabited = {person['image_id'] for person in kept}
    left = [
        image
        for image in tags.images
        if image['id'] in inhabited
        or (keep_images and (images is None or image['file_name'] in images))
    ]
    return replace(tags, annotations=kept, images=left)


def _kind(person: dict, names: list[str], where: str) -> str | None:
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
            raise UserError(f'{tags.path}: {unknown_name(name, there, "category")}')
    return replace(tags, categories=[c for c in tags.categories if c.get('name') in wanted])


def _check_images(tags: TagFile, wanted: Collection[str] | None) -> None:
    there = {image['file_name']: None for image in images_by_id(tags).values()}
    for name in wanted or ():
        if name not in there:
            raise UserError(f'{tags.path}: {unknown_name(name, list(there), "image")}')
