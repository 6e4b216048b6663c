"""What the editing functions need of a tag file: keypoints, images, the box of a person."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, parse_box


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
