"""Count what a tag file holds: persons, questions answered, tags of each keypoint, box sizes."""

import statistics
from collections.abc import Mapping
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.tags import (
    ABSENT,
    SEEN,
    UNKNOWN,
    TagFile,
    person_tags,
    person_views,
    visibility_flags,
)

from .persons import keypoint_names, person_box, persons_with_images


def tag_statistics(tags: TagFile, progress: bool = False) -> dict[str, Any]:
    """Count.

    A question is a tag that is not unknown, given for a person or for a view; what visibility
    flags say is counted apart (``visible``, ``occluded``, ``not_annotated``).

    Args:
        tags (TagFile): The file.
        progress (bool): Show a bar. Defaults to False.

    Returns:
        dict[str, Any]: ``images`` (``all``, ``without_persons``), ``persons`` (``all``,
        ``located``: with coordinates, ``tagged``: without, with tags or views, ``nothing``,
        ``with_tags``, ``with_views``, ``crowd``), ``views``, ``questions`` (``all``,
        ``of_persons``, ``of_views``, ``per_person``: over persons with any), ``keypoints``
        (name to ``seen``, ``absent``, ``unknown``, ``visible``, ``occluded``,
        ``not_annotated``) and ``boxes`` in pixels (``none``: persons without; ``width`` and
        ``height``: ``min``, ``median``, ``max``).

    Raises:
        UserError: If an entry is malformed.
    """
    names = keypoint_names(tags)
    kinds = ('all', 'located', 'tagged', 'nothing', 'with_tags', 'with_views', 'crowd')
    persons = dict.fromkeys(kinds, 0)
    columns = ('seen', 'absent', 'unknown', 'visible', 'occluded', 'not_annotated')
    counts = {name: dict.fromkeys(columns, 0) for name in names}
    word = {SEEN: 'seen', ABSENT: 'absent', UNKNOWN: 'unknown'}
    asked, of_persons, of_views, num_views, without_box = 0, 0, 0, 0, 0
    inhabited, sizes = set(), []
    people = tqdm(
        persons_with_images(tags),
        total=len(tags.annotations),
        unit=' persons',
        leave=False,
        disable=None if progress else True,  # None: shown on a terminal alone
    )
    for person, image, where in people:
        given = person_tags(person, names, where)
        views = person_views(person, names, where)
        flags = visibility_flags(person, names, where)
        located = flags is not None and any(flag > 0 for flag in flags)
        inhabited.add(image['id'])
        persons['all'] += 1
        kind = 'located' if located else 'tagged' if given is not None or views else 'nothing'
        persons[kind] += 1
        persons['with_tags'] += given is not None
        persons['with_views'] += bool(views)
        persons['crowd'] += person.get('iscrowd') == 1
        for row in ([given] if given is not None else []) + [row for _, row in views]:
            for name, tag in zip(names, row):
                counts[name][word[tag]] += 1
        for name, flag in zip(names, flags if located and flags is not None else []):
            counts[name][('not_annotated', 'occluded', 'visible')[int(flag)]] += 1
        own = sum(tag != UNKNOWN for tag in given or [])
        further = sum(tag != UNKNOWN for _, row in views for tag in row)
        of_persons, of_views = of_persons + own, of_views + further
        asked += own + further > 0
        num_views += len(views)
        without_box += person.get('bbox') is None
        sizes.append(person_box(person, image, where)[2:])
    total = of_persons + of_views
    return dict(
        file=tags.path,
        images=dict(all=len(tags.images), without_persons=len(tags.images) - len(inhabited)),
        persons=persons,
        views=num_views,
        questions=dict(
            all=total,
            of_persons=of_persons,
            of_views=of_views,
            per_person=round(total / asked, 2) if asked else 0.0,
        ),
        keypoints=counts,
        boxes=dict(none=without_box, width=_range(sizes, 0), height=_range(sizes, 1)),
    )


def statistics_table(found: Mapping[str, Any]) -> str:
    """Write statistics as a small table.

    Args:
        found (Mapping[str, Any]): Result of :func:`tag_statistics`.

    Returns:
        str: Several lines.
    """
    images, persons, questions = found['images'], found['persons'], found['questions']
    boxes = found['boxes']
    lines = [
        f'{found["file"]}',
        f'images     {images["all"]:,} ({images["without_persons"]:,} without persons)',
        f'persons    {persons["all"]:,}: {persons["located"]:,} located, '
        f'{persons["tagged"]:,} tagged, {persons["nothing"]:,} with nothing '
        f'({persons["crowd"]:,} crowds)',
        f'tags       {persons["with_tags"]:,} persons with tags, {persons["with_views"]:,} with '
        f'tagged views ({found["views"]:,} views)',
        f'questions  {questions["all"]:,} answered: {questions["of_persons"]:,} of persons, '
        f'{questions["of_views"]:,} of views; {questions["per_person"]:g} a person asked',
        'boxes      '
        + ', '.join(
            f'{side} {boxes[side]["min"]:g} to {boxes[side]["max"]:g} px (median '
            f'{boxes[side]["median"]:g})'
            for side in ('width', 'height')
            if boxes[side]
        )
        + f'; {boxes["none"]:,} persons without',
        '',
    ]
    # What the file's people said, then what its coordinates say.
    titles = ['seen', 'absent', 'unknown', 'visible', 'occluded', 'not annotated']
    width = max(len('keypoint'), *(len(name) for name in found['keypoints']))
    lines.append(f'{"keypoint":{width}}' + ''.join(f'{title:>14}' for title in titles))
    for name, counts in found['keypoints'].items():
        cells = (counts[title.replace(' ', '_')] for title in titles)
        lines.append(f'{name:{width}}' + ''.join(f'{cell:>14,}' for cell in cells))
    return '\n'.join(lines)


def _range(sizes: list[list[float]], side: int) -> dict[str, float]:
    values = [size[side] for size in sizes]
    if not values:
        return {}
    return dict(min=min(values), median=statistics.median(values), max=max(values))
