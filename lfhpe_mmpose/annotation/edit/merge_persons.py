"""Two entries of one person become one: tags that agree, views joined, coordinates kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import (
    UNKNOWN,
    has_coordinates,
    named_tags,
    person_tags,
    person_views,
    tags_from_visibility,
    visibility_flags,
)

CONFLICT_CHOICES = ('error', 'unknown', 'first')
_REMEDY = "Ask again, or give 'unknown' or 'first' for --conflicts."


@dataclass(frozen=True)
class Policy:
    """How two answers become one.

    Attributes:
        conflicts: 'error', 'unknown' or 'first'.
        occluded: Tag of visibility flag 1: 'positive', 'negative' or 'unknown'.
        names: Names of the K keypoints.
    """

    conflicts: str
    occluded: str
    names: Sequence[str]

    def join(
        self, first: Sequence[int], second: Sequence[int], one: str, other: str
    ) -> tuple[list[int], int]:
        """Join two tag sets of K tags; ``one`` and ``other`` are their places.

        Returns:
            K tags, and how many contradicted one another.

        Raises:
            UserError: 'conflict' if some do, and conflicts are errors.
        """
        out, count = [], 0
        for name, a, b in zip(self.names, first, second):
            if a == b or UNKNOWN in (a, b):
                out.append(a if b == UNKNOWN else b)
                continue
            if self.conflicts == 'error':
                fault = f'the tag is {b}, but {a} in {one}.'
                raise UserError('conflict', f'{other}[{name!r}]', fault, _REMEDY)
            count += 1
            out.append(a if self.conflicts == 'first' else UNKNOWN)
        return out, count


def reorder_person(person: dict[str, Any], order: Sequence[int]) -> dict[str, Any]:
    """Copy a valid person with keypoints in another order: ``order`` has their old places."""
    out = dict(person)
    if list(order) == list(range(len(order))):
        return out
    if person.get('keypoints') is not None:
        old = person['keypoints']
        out['keypoints'] = [v for i in order for v in old[3 * i : 3 * i + 3]]
    if isinstance(person.get('keypoint_tags'), list):
        out['keypoint_tags'] = [person['keypoint_tags'][i] for i in order]
    if person.get('tag_views') is not None:
        out['tag_views'] = [
            {**view, 'keypoint_tags': [view['keypoint_tags'][i] for i in order]}
            if isinstance(view['keypoint_tags'], list)
            else view
            for view in person['tag_views']
        ]
    return out


def merge_person(
    first: dict[str, Any], second: dict[str, Any], one: str, other: str, policy: Policy
) -> tuple[dict[str, Any], int]:
    """Join two entries of one person in the same order of keypoints.

    Returns:
        The person, and how many answers contradicted one another.

    Raises:
        UserError: 'conflict' if tags contradict one another and that is an error, or if there are
            two different sets of coordinates and the policy is not 'first'.
    """
    out = {**second, **{k: v for k, v in first.items() if v is not None}}
    pair = ((first, one), (second, other))
    tags, conflicts = _join_tags(pair, policy)
    if tags is not None:
        form = first if first.get('keypoint_tags') is not None else second
        listed = isinstance(form['keypoint_tags'], list)
        out['keypoint_tags'] = tags if listed else named_tags(tags, policy.names)
    views, more = _join_views(pair, policy)
    if views:
        out['tag_views'] = views
    located = [has_coordinates(person, policy.names, where) for person, where in pair]
    if all(located) and first['keypoints'] != second['keypoints'] and policy.conflicts != 'first':
        fault = f'the coordinates differ from those in {one}.'
        remedy = "Remove those of one, or give 'first' for --conflicts."
        raise UserError('conflict', f'{other}.keypoints', fault, remedy)
    source = second if located[1] and not located[0] else first
    for key in ('keypoints', 'num_keypoints'):
        if located[0] != located[1]:
            out.pop(key, None)
            if key in source:
                out[key] = source[key]
    return out, conflicts + more


_Pair = tuple[tuple[dict[str, Any], str], tuple[dict[str, Any], str]]


def _join_tags(pair: _Pair, policy: Policy) -> tuple[list[int] | None, int]:
    """Tags of the whole person; None if both have only what their coordinates say."""
    given = [person_tags(person, policy.names, where) for person, where in pair]
    if given == [None, None]:
        return None, 0
    # Tags go before visibility flags, so those of the other would be lost: write them down.
    for i, (person, where) in enumerate(pair):
        if given[i] is None and has_coordinates(person, policy.names, where):
            flags = visibility_flags(person, policy.names, where)
            given[i] = tags_from_visibility(flags or [], policy.occluded)
    first, second = given
    if first is None or second is None:
        return first if second is None else second, 0
    one, other = (f'{where}.keypoint_tags' for _, where in pair)
    return policy.join(first, second, one, other)


def _join_views(pair: _Pair, policy: Policy) -> tuple[list[dict[str, Any]], int]:
    """Views of both; those of one window become one."""
    (first, one), (second, other) = pair
    out = list(first.get('tag_views') or [])
    rows = person_views(first, policy.names, one)
    windows = {tuple(box): i for i, (box, _) in reversed(list(enumerate(rows)))}
    tags = [row for _, row in rows]
    conflicts = 0
    parsed = person_views(second, policy.names, other)
    for v, (view, (box, row)) in enumerate(zip(second.get('tag_views') or [], parsed)):
        if (box, row) in rows:
            continue
        i = windows.get(tuple(box))
        if i is None:
            out.append(view)
            continue
        paths = f'{one}.tag_views[{i}].keypoint_tags', f'{other}.tag_views[{v}].keypoint_tags'
        joined, count = policy.join(tags[i], row, *paths)
        conflicts += count
        if joined != tags[i]:
            by_name = isinstance(out[i]['keypoint_tags'], dict)
            tags[i] = joined
            written = named_tags(joined, policy.names) if by_name else joined
            out[i] = {**out[i], 'keypoint_tags': written}
    return out, conflicts
