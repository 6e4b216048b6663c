"""What the editing functions need of a tag file: keypoints, images, the box of a person."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, parse_box
from lfhpe_mmpose.tags.fields import is_id


def keypoint_names(tags: TagFile) -> list[str]:
    """Keypoint names of a file, in order; several categories may share them.

    Raises:
        UserError: 'no-keypoints', or 'keypoint-sets' if two categories have different ones.
    """
    found = [c for c in tags.categories if c.get('keypoints')]
    if not found:
        return tags.names()  # raises
    names = TagFile(categories=found[:1], path=tags.path).names()
    for category in found[1:]:
        if category['keypoints'] != names:
            both = f'{found[0].get("name")!r} and {category.get("name")!r}'
            raise UserError(
                'keypoint-sets',
                tags.path,
                f'the categories {both} have different keypoints.',
                'Make a file of each first: lfhpe subset --category.',
            )
    return names


def images_by_id(tags: TagFile) -> dict[int | str, dict[str, Any]]:
    """The images of a file by their id, each with a file name.

    Raises:
        UserError: 'duplicate-id', or 'malformed' if a ``file_name`` is missing.
    """
    out: dict[int | str, dict[str, Any]] = {}
    for i, image in enumerate(tags.images):
        place, name = f'{tags.path}: images[{i}]', image.get('file_name')
        if image['id'] in out:
            fault = f'{image["id"]!r} is the id of another image.'
            raise UserError('duplicate-id', f'{place}.id', fault, 'Give each its own id.')
        if not isinstance(name, str) or not name:
            fault = f'{name!r} is not a file name.'
            raise UserError('malformed', f'{place}.file_name', fault, 'Give a file name.')
        out[image['id']] = image
    return out


def persons_with_images(tags: TagFile) -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
    """Iterate over the annotations: annotation, its image, and where it is, for messages.

    Raises:
        UserError: 'unknown-image'.
    """
    images = images_by_id(tags)
    for annotation, where in tags.with_index():
        image_id = annotation.get('image_id')
        image = images.get(image_id) if is_id(image_id) else None
        if image is None:
            raise UserError(
                'unknown-image',
                f'{where}.image_id',
                f'no image has the id {image_id!r}.',
                'Add the image, or remove the annotation.',
            )
        yield annotation, image, where


def person_box(annotation: Mapping[str, Any], image: Mapping[str, Any], where: str) -> list[float]:
    """Box [x, y, width, height] of a person; without one it is the whole image.

    Raises:
        UserError: 'box' or 'not-finite'.
    """
    if annotation.get('bbox') is not None:
        return parse_box(annotation['bbox'], f'{where}.bbox')
    size = [0, 0, image.get('width'), image.get('height')]
    return parse_box(size, f'{where}: the image, which stands for its bbox')


def unknown_name(path: str, name: str, names: Sequence[str], what: str) -> UserError:
    """The error of a name that does not exist, with the nearest one."""
    near = get_close_matches(name, names, 1)
    some = ', '.join(map(repr, names[:3])) + (', ...' if len(names) > 3 else '')
    remedy = f'Did you mean {near[0]!r}?' if near else f'There are {some or "none"}.'
    return UserError('unknown-name', path, f'no {what} is called {name!r}.', remedy)
