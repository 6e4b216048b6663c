"""COCO keypoint files: every one is a tag file as it is, and is checked here.

A file without coordinates is made of it by :func:`lfhpe_mmpose.annotation.withhold.withhold`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, load_tag_file, person_tags, person_views

from .answers import DEFAULT_WORDS, AnswerWords
from .builder import MAX_PIXELS, check_names, nearest

_TAG_KEYS = ('keypoint_tags', 'tag_views')


def read(
    path: str,
    names: Sequence[str] | None = None,
    plan: TagFile | None = None,
    words: AnswerWords = DEFAULT_WORDS,
    conflicts: str = 'error',
) -> TagFile:
    """Read a COCO keypoint file.

    Args:
        path (str): The file.
        names (Sequence[str], optional): Keypoint names that it must have. Defaults to None.
        plan (TagFile, optional): Not used: a COCO file has no pictures of a plan.
        words (AnswerWords): Not used: a COCO file has no words.
        conflicts (str): Not used.

    Returns:
        TagFile: Its content.

    Raises:
        UserError: If it is damaged, or its keypoints are others.
    """
    del words, conflicts
    if plan is not None:
        raise UserError(f'{path}: a COCO file has no answers to a plan. Leave --plan out.')
    tags = load_tag_file(path)
    if not tags.categories:
        raise UserError(f"{path}: 'categories' is empty; one with the keypoints is needed.")
    if names is not None and tags.names() != list(names):
        own = [str(name) for name in tags.names()]
        wrong = next((n for n in names if n not in own), None)
        what = f'it has no {wrong!r}.{nearest(wrong, own)}' if wrong else 'the order is another.'
        raise UserError(
            f'{path}: the keypoints are {", ".join(own)}, not those given: {what} Leave '
            '--keypoints or --metainfo out, or give those of the file.'
        )
    check(tags)
    return tags


def write(tags: TagFile, path: str, located_only: bool = False, drop_tags: bool = False) -> None:
    """Write a COCO keypoint file that other programs read.

    A person without coordinates gets none. ``num_keypoints``, ``area``, ``iscrowd`` and a
    person's box, which COCO's tools expect, are added where they are missing.

    Args:
        tags (TagFile): The tag file; it is not changed.
        path (str): The file to write.
        located_only (bool): Whether persons without coordinates are left out. Defaults to
            False.
        drop_tags (bool): Whether tags and tagged views are left out. Other programs pass over
            them. Defaults to False.

    Raises:
        UserError: If an entry is malformed or the file cannot be written.
    """
    check(tags)
    images = tags.images_by_id()
    out = TagFile(tags.images, [], tags.categories, tags.rest, tags.path)
    for annotation, _ in tags.with_index():
        located = any(flag > 0 for flag in annotation.get('keypoints', [])[2::3])
        if located_only and not located:
            continue
        person = {k: v for k, v in annotation.items() if not (drop_tags and k in _TAG_KEYS)}
        image = images[annotation['image_id']]
        person.setdefault('bbox', [0, 0, image['width'], image['height']])
        if 'keypoints' in person:
            person.setdefault('num_keypoints', sum(f > 0 for f in person['keypoints'][2::3]))
        person.setdefault('area', person['bbox'][2] * person['bbox'][3])
        person.setdefault('iscrowd', 0)
        out.annotations.append(person)
    save(out, path)


def save(tags: TagFile, path: str) -> None:
    """Save a tag file.

    Args:
        tags (TagFile): The tag file.
        path (str): The file to write.

    Raises:
        UserError: If it cannot be written.
    """
    try:
        tags.save(path)
    except OSError as error:
        raise UserError(
            f'{path}: cannot be written ({error.strerror}). Name another file or folder.'
        ) from None
    except ValueError as error:
        raise UserError(f'{tags.path}: holds a number that JSON has not ({error}).') from None


def check(tags: TagFile) -> None:
    """Refuse a file that would be read wrongly.

    Args:
        tags (TagFile): The file.

    Raises:
        UserError: If an image has no name or size, a person no image or category, or boxes,
            coordinates, tags or views are malformed.
    """
    for i, image in enumerate(tags.images):
        at = f'{tags.path}: images[{i}] (id {image["id"]})'
        name = image.get('file_name')
        if not isinstance(name, str) or not name:
            raise UserError(f'{at}.file_name is {name!r}; give the path of the image.')
        for key in ('width', 'height'):
            if not _is_number(image.get(key)) or image[key] <= 0:
                raise UserError(f'{at}.{key} is {image.get(key)!r}; give a number of pixels.')
    names: dict[Any, list[str]] = {}
    for i, category in enumerate(tags.categories):
        value = category.get('keypoints')
        at = f'{tags.path}: categories[{i}].keypoints'
        if value is not None and not isinstance(value, list):
            raise UserError(f'{at} is no list; give the names of the keypoints.')
        if value and not all(isinstance(name, str) for name in value):
            raise UserError(f'{at} must be names.')
        names[category['id']] = check_names(value, at) if value else []
    images = {image['id'] for image in tags.images}
    for annotation, where in tags.with_index():
        for key, known in (('image_id', images), ('category_id', names)):
            value = annotation.get(key)
            if not isinstance(value, int | str) or value not in known:
                raise UserError(f'{where}.{key} is {value!r}, which the file has not. Correct it.')
        _check_person(annotation, names[annotation['category_id']], where)


def _check_person(annotation: Mapping, names: list[str], where: str) -> None:
    box: Any = annotation.get('bbox')
    if 'bbox' in annotation and not (_numbers(box) and len(box) == 4):
        raise UserError(
            f'{where}.bbox is {box!r}; give [x, y, width, height] in pixels, or leave it out '
            'where the whole image is the person.'
        )
    keypoints = annotation.get('keypoints')
    if keypoints is not None:
        if not _numbers(keypoints) or len(keypoints) != 3 * len(names):
            raise UserError(
                f'{where}.keypoints must be a list of {3 * len(names)} numbers (x, y, visibility '
                f'of {len(names)} keypoints). Without coordinates leave it out.'
            )
        for name, flag in zip(names, keypoints[2::3], strict=True):
            if flag not in (0, 1, 2):
                raise UserError(
                    f'{where}.keypoints: the visibility of {name!r} is {flag!r}; give 0, 1 or 2.'
                )
    elif 'keypoints' in annotation:
        raise UserError(f'{where}.keypoints is null. Without coordinates leave it out.')
    person_tags(annotation, names, where)
    person_views(annotation, names, where)


def _numbers(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_number, value))


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) < MAX_PIXELS
