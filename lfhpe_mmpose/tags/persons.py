"""One person of a tag file: tags, views, box and visibility flags, or an error that names it.

``where`` is always the file and the entry, for the message.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .faults import Fault, raise_first
from .labels import ReadView, box_faults, keypoints_faults, read_tags, read_views
from .values import UNKNOWN

View = tuple[list[float], list[int]]


class Labels(NamedTuple):
    """The labels of a person as they were read.

    Attributes:
        tags: K tags of the whole person; None without good ones.
        views: The entries of ``tag_views``.
        flags: K visibility flags; empty without good keypoints.
        teaches: Whether training uses the person: no crowd, with tags, views or a coordinate.
        faults: All faults, with their places below the entry.
    """

    tags: list[int] | None
    views: list[ReadView]
    flags: list[float]
    teaches: bool
    faults: list[Fault]

    @property
    def located(self) -> bool:
        """Whether a keypoint has a coordinate."""
        return any(flag > 0 for flag in self.flags)

    def good_views(self) -> list[View]:
        """Box and tags of the views without a fault."""
        return [
            ([float(number) for number in box], [int(tag) for tag in tags])
            for box, tags, faults in self.views
            if box is not None and tags is not None
        ]


def read_labels(person: Mapping[str, Any], names: Sequence[str]) -> Labels:
    """Read tags, views and visibility flags of a person, and the faults of its box."""
    faults: list[Fault] = []
    tags = None
    if person.get('keypoint_tags') is not None:
        tags, found = read_tags(person['keypoint_tags'], names)
        faults += [fault._replace(at=f'.keypoint_tags{fault.at}') for fault in found]
    views = list(read_views(person.get('tag_views'), names))
    faults += [f._replace(at=f'.tag_views{f.at}') for view in views for f in view.faults]
    flags: list[float] = []
    if person.get('keypoints') is not None:
        found = list(keypoints_faults(person['keypoints'], names))
        faults += found
        flags = [] if found else person['keypoints'][2::3]
    teaches = has_labels(person)
    # The data sets leave out a person that teaches nothing without a look at its box.
    if teaches and 'bbox' in person:
        faults += [fault._replace(at=f'.bbox{fault.at}') for fault in box_faults(person['bbox'])]
    return Labels(tags, views, flags, teaches, faults)


def has_labels(person: Mapping[str, Any]) -> bool:
    """Whether a person is no crowd and has tags, views or a coordinate, good or not."""
    if person.get('iscrowd'):
        return False
    given = person.get('keypoint_tags') is not None or bool(person.get('tag_views'))
    return given or has_coordinate(person)


def has_coordinate(person: Mapping[str, Any]) -> bool:
    """Whether a visibility is above 0, in keypoints that may be faulty."""
    keypoints = person.get('keypoints')
    flags = keypoints[2::3] if isinstance(keypoints, list) else []
    return any(isinstance(flag, int | float) and flag > 0 for flag in flags)


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
    tags, faults = read_tags(value, names)
    raise_first(faults, where)
    return [int(tag) for tag in tags or ()]


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
    out = []
    for box, tags, faults in read_views(annotation.get('tag_views'), names):
        raise_first(faults, f'{where}.tag_views')
        if box is not None and tags is not None:
            out.append(([float(number) for number in box], [int(tag) for tag in tags]))
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
