"""One person of a tag file: tags, views, box and visibility flags, or an error that names it.

``where`` is always the file and the entry, for the message.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from .faults import raise_first
from .labels import box_faults, keypoints_faults, tags_faults, views_faults
from .values import UNKNOWN

View = tuple[list[float], list[int]]


def parse_tags(value: object, names: Sequence[str], where: str) -> list[int]:
    """Read ``keypoint_tags`` of a person or of a view.

    Args:
        value: A list of K tags, or an object from keypoint name to tag; a keypoint that the
            object does not name is unknown.
        names: The K keypoints, in order.
        where: File and entry.

    Raises:
        UserError: 'malformed', 'tag-count', 'unknown-keypoint' or 'wrong-tag'.
    """
    raise_first(tags_faults(value, names), where)
    if isinstance(value, Mapping):
        return [int(value.get(name, UNKNOWN)) for name in names]
    return [int(tag) for tag in value]  # type: ignore[attr-defined]


def parse_box(value: object, where: str) -> list[float]:
    """Read a box [x, y, width, height] in pixels.

    Raises:
        UserError: 'box' or 'not-finite'.
    """
    raise_first(box_faults(value), where)
    return [float(number) for number in value]  # type: ignore[attr-defined]


def person_tags(
    annotation: Mapping[str, Any], names: Sequence[str], where: str
) -> list[int] | None:
    """The K tags of the whole person, None without ``keypoint_tags``.

    Raises:
        UserError: See ``parse_tags``.
    """
    if annotation.get('keypoint_tags') is None:
        return None
    return parse_tags(annotation['keypoint_tags'], names, f'{where}.keypoint_tags')


def person_views(annotation: Mapping[str, Any], names: Sequence[str], where: str) -> list[View]:
    """The tagged views of a person: window [x, y, width, height] in pixels, and K tags.

    Raises:
        UserError: 'malformed' or 'view' if the entry is not a list of views; see also
            ``parse_box`` and ``parse_tags``.
    """
    views = annotation.get('tag_views')
    if views is None:
        return []
    raise_first(views_faults(views, names), f'{where}.tag_views')
    out = []
    for view in views:
        box = [float(number) for number in view['bbox']]
        out.append((box, parse_tags(view['keypoint_tags'], names, where)))
    return out


def visibility_flags(
    annotation: Mapping[str, Any], names: Sequence[str], where: str
) -> list[float] | None:
    """The K visibility flags 0, 1 or 2 of a person, None without ``keypoints``.

    Raises:
        UserError: 'keypoint-count', 'malformed', 'not-finite' or 'visibility'.
    """
    keypoints = annotation.get('keypoints')
    if keypoints is None:
        return None
    raise_first(keypoints_faults(keypoints, names), where)
    return keypoints[2::3]


def has_coordinates(annotation: Mapping[str, Any], names: Sequence[str], where: str) -> bool:
    """Whether a keypoint of a person has a coordinate: a visibility above 0.

    Raises:
        UserError: See ``visibility_flags``.
    """
    return any(flag > 0 for flag in visibility_flags(annotation, names, where) or ())


def named_tags(tags: Sequence[int], names: Sequence[str]) -> dict[str, int]:
    """Write K tags by keypoint name, without the unknown ones."""
    return {name: int(tag) for name, tag in zip(names, tags, strict=True) if tag != UNKNOWN}
