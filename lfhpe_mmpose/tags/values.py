"""One tag, and the tags of one picture: how they are written in a file.

No coordinate of a keypoint is read here.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from lfhpe_mmpose.errors import UserError

SEEN, ABSENT, UNKNOWN = 1, 0, -1
TAG_VALUES = (SEEN, ABSENT, UNKNOWN)


def is_tag(value: object) -> bool:
    """Whether a value of a file is a tag: the number 1, 0 or -1.

    ``true``, ``"1"`` and the like are not: who writes them may mean something else.

    Args:
        value (object): A value of a JSON file.

    Returns:
        bool: True for a tag.
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and value in TAG_VALUES


def parse_tags(value: object, names: Sequence[str], where: str) -> list[int]:
    """Read ``keypoint_tags`` of a person or of a view.

    Args:
        value (object): A list with a tag for each keypoint, or an object from keypoint name
            to tag. A keypoint that the object does not name is unknown.
        names (Sequence[str]): Names of the K keypoints, in order.
        where (str): File and entry, for the message.

    Returns:
        list[int]: K tags, 1 seen, 0 not, -1 unknown.

    Raises:
        UserError: If it is neither, has another length, an unknown name or another value.
    """
    if isinstance(value, Mapping):
        for name, tag in value.items():
            if name not in names:
                raise UserError(f'{where}: {unknown_keypoint(name, names)}')
            if not is_tag(tag):
                raise UserError(f'{where}[{name!r}]: {wrong_tag(tag)}')
        return [int(value.get(name, UNKNOWN)) for name in names]
    if not isinstance(value, list | tuple):
        raise UserError(
            f'{where} is {_short(value)}. Give a list of {len(names)} tags, or an object from '
            'keypoint name to tag.'
        )
    if len(value) != len(names):
        raise UserError(
            f'{where} has {len(value)} tags, but there are {len(names)} keypoints. Give one a '
            'keypoint in the order of the category, or an object from keypoint name to tag.'
        )
    for i, tag in enumerate(value):
        if not is_tag(tag):
            raise UserError(f'{where}[{i}] ({names[i]}): {wrong_tag(tag)}')
    return [int(tag) for tag in value]


def named_tags(tags: Sequence[int], names: Sequence[str]) -> dict[str, int]:
    """Write tags by keypoint name; what is unknown is left out.

    Args:
        tags (Sequence[int]): K tags.
        names (Sequence[str]): Names of the K keypoints.

    Returns:
        dict[str, int]: Name and tag of each keypoint of which one is known.
    """
    return {name: int(tag) for name, tag in zip(names, tags, strict=True) if tag != UNKNOWN}


def unknown_keypoint(name: object, names: Sequence[str]) -> str:
    """Say that a keypoint is not known, with the nearest name.

    Args:
        name (object): What was given.
        names (Sequence[str]): The keypoints there are.

    Returns:
        str: The fault and the remedy.
    """
    near = get_close_matches(str(name).lower().replace(' ', '_'), names, 1)
    remedy = f'did you mean {near[0]!r}?' if near else f'the keypoints are {", ".join(names)}.'
    return f'no keypoint is called {name!r}; {remedy}'


def wrong_tag(value: object) -> str:
    """Say that a value is no tag.

    Args:
        value (object): What was given.

    Returns:
        str: The fault and the remedy.
    """
    return f'{_short(value)} is no tag; write 1 (seen), 0 (not seen) or -1 (cannot tell).'


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f'{text[:57]}...'
