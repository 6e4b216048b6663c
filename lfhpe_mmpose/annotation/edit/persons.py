"""What the editing functions ask of a tag file: its keypoints, its images, who has coordinates."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, parse_box


def keypoint_names(tags: TagFile) -> list[str]:
    """Keypoint names of a file; several categories may share them.

    Args:
        tags (TagFile): The file.

    Returns:
        list[str]: The K names, in order.

    Raises:
        UserError: If no category has keypoints, or two have different ones.
    """
    found = [c for c in tags.categories if c.get('keypoints')]
    if not found:
        return tags.names()  # tells what is missing
    names = TagFile(categories=found[:1], path=tags.path).names()
    for category in found[1:]:
        if category['keypoints'] != names:
            raise UserError(
                f'{tags.path}: categories {found[0].get("name")!r} and {category.get("name")!r} '
                'have different keypoints. Make a file of each first: tools/subset_tags.py with '
                '--category.'
            )
    return names


def images_by_id(tags: TagFile) -> dict[int | str, dict]:
    """The images of a file by their id, each with a file name.

    Args:
        tags (TagFile): The file.

    Returns:
        dict[int | str, dict]: Id and image.

    Raises:
        UserError: If two have the same id, or one has no ``file_name``.
    """
    out: dict[int | str, dict] = {}
    for i, image in enumerate(tags.images):
        if image['id'] in out:
            raise UserError(
                f'{tags.path}: images[{i}] has the id {image["id"]!r} of another image. Give '
                'each an id of its own.'
            )
        name = image.get('file_name')
        if not isinstance(name, str) or not name:
            raise UserError(f'{tags.path}: images[{i}].file_name is {name!r}; give a file name.')
        out[image['id']] = image
    return out


def persons_with_images(tags: TagFile) -> Iterator[tuple[dict, dict, str]]:
    """Iterate over the annotations and the image of each.

    Args:
        tags (TagFile): The file.

    Yields:
        tuple[dict, dict, str]: Annotation, image, and where it is, for messages.

    Raises:
        UserError: If an ``image_id`` is that of no image.
    """
    images = images_by_id(tags)
    for annotation, where in tags.with_index():
        image_id = annotation.get('image_id')
        hashable = isinstance(image_id, int | str) and not isinstance(image_id, bool)
        image = images.get(image_id) if hashable else None  # type: ignore[arg-type]
        if image is None:
            raise UserError(
                f'{where}.image_id is {image_id!r}, which no image has. Add the image, or '
                'remove the annotation.'
            )
        yield annotation, image, where


def person_box(annotation: Mapping, image: Mapping, where: str) -> list[float]:
    """Box of a person; the whole image where he has none.

    Args:
        annotation (Mapping): A person.
        image (Mapping): His image.
        where (str): File and entry, for messages.

    Returns:
        list[float]: x, y, width, height in pixels.

    Raises:
        UserError: If the box is malformed, or there is neither a box nor an image size.
    """
    if annotation.get('bbox') is not None:
        return parse_box(annotation['bbox'], f'{where}.bbox')
    size = [0, 0, image.get('width'), image.get('height')]
    return parse_box(size, f'{where} has no bbox, and the size of its image')


def unknown_name(name: str, names: Sequence[str], what: str) -> str:
    """Say that a name is not known, with the nearest one.

    Args:
        name (str): What was given.
        names (Sequence[str]): What there is.
        what (str): What is named, e.g. 'image'.

    Returns:
        str: The fault and the remedy.
    """
    near = get_close_matches(name, names, 1)
    if near:
        return f'no {what} is called {name!r}; did you mean {near[0]!r}?'
    some = ', '.join(map(repr, names[:3])) + (', ...' if len(names) > 3 else '')
    return f'no {what} is called {name!r}; there are {some or "none"}.'
