"""Count what a tag file holds: persons, answers, tags of each keypoint, box sizes."""

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
from lfhpe_mmpose.tags.file_faults import persons_with_images

from .persons import keypoint_names, person_box

_WORDS = {SEEN: 'seen', ABSENT: 'absent', UNKNOWN: 'unknown'}
_FLAGS = ('not_annotated', 'occluded', 'visible')


def tag_statistics(tags: TagFile, progress: bool = False) -> dict[str, Any]:
    """Count.

    A question is a tag that is not unknown, given for a person or for a view; visibility flags
    are counted apart (``visible``, ``occluded``, ``not_annotated``).

    Returns:
        ``images`` (``all``, ``without_persons``), ``persons`` (``all``, ``located``: with
        coordinates, ``tagged``: without, with tags or views, ``nothing``, ``with_tags``,
        ``with_views``, ``crowd``), ``views``, ``questions`` (``all``, ``of_persons``,
        ``of_views``, ``per_person``: over persons with any), ``keypoints`` (name to ``seen``,
        ``absent``, ``unknown``, ``visible``, ``occluded``, ``not_annotated``) and ``boxes`` in
        pixels (``none``: persons without; ``width`` and ``height``: ``min``, ``median``, ``max``).

    Raises:
        UserError: If an entry is malformed.
    """
    names = keypoint_names(tags)
    kinds = ('all', 'located', 'tagged', 'nothing', 'with_tags', 'with_views', 'crowd')
    persons = dict.fromkeys(kinds, 0)
    columns = ('seen', 'absent', 'unknown', 'visible', 'occluded', 'not_annotated')
    counts = {name: dict.fromkeys(columns, 0) for name in names}
    asked, of_persons, of_views, num_views, without_box = 0, 0, 0, 0, 0
    inhabited, sizes = set(), []
    hidden = None if progress else True  # None: shown on a terminal alone
    with tqdm(total=len(tags.annotations), unit=' persons', leave=False, disable=hidden) as bar:
        for person, image, where in persons_with_images(tags):
            bar.update()
            given = person_tags(person, names, where)
            views = person_views(person, names, where)
            flags = visibility_flags(person, names, where) or []
            located = any(flag > 0 for flag in flags)
            inhabited.add(image['id'])
            kind = 'located' if located else 'tagged' if given is not None or views else 'nothing'
            persons['all'] += 1
            persons[kind] += 1
            persons['with_tags'] += given is not None
            persons['with_views'] += bool(views)
            persons['crowd'] += person.get('iscrowd') == 1
            for row in (given or [], *(row for _, row in views)):
                for name, tag in zip(names, row):
                    counts[name][_WORDS[tag]] += 1
            for name, flag in zip(names, flags if located else []):
                counts[name][_FLAGS[int(flag)]] += 1
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
    """Write the result of ``tag_statistics`` as a table, and what it means for training."""
    images, persons, questions = found['images'], found['persons'], found['questions']
    boxes = found['boxes']
    sides = ', '.join(
        f'{side} {boxes[side]["min"]:g} to {boxes[side]["max"]:g} px (median '
        f'{boxes[side]["median"]:g})'
        for side in ('width', 'height')
        if boxes[side]
    )
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
        f'boxes      {sides}; {boxes["none"]:,} persons without',
        '',
    ]
    # The tags that people gave, then what the visibility flags say.
    titles = dict(
        seen='visible (1)',
        absent='not visible (0)',
        unknown='unknown (-1)',
        visible='v = 2',
        occluded='v = 1',
        not_annotated='v = 0',
    )
    width = max(len('keypoint'), *(len(name) for name in found['keypoints']))
    lines.append(f'{"keypoint":{width}}' + ''.join(f'{t:>17}' for t in titles.values()))
    for name, counts in found['keypoints'].items():
        lines.append(f'{name:{width}}' + ''.join(f'{counts[key]:>17,}' for key in titles))
    return '\n'.join([*lines, '', *_meaning(found)])


def _meaning(found: Mapping[str, Any]) -> list[str]:
    """What the numbers mean for training, a line each."""
    keypoints = found['keypoints']
    out = []
    for missing, word in (('seen', 'visible'), ('absent', 'not visible')):
        names = [
            name
            for name, counts in keypoints.items()
            if not counts[missing] and (counts['seen'] or counts['absent'])
        ]
        if names:
            some = f'{", ".join(names[:5])}{", ..." if len(names) > 5 else ""}'
            out.append(f'Tags cannot teach {some}: no tag says {word}.')
    if found['persons']['nothing']:
        out.append(f'{found["persons"]["nothing"]:,} persons teach nothing.')
    if found['persons']['tagged'] and not found['persons']['with_views']:
        out.append(
            'No person has tagged views. Whole-person tags barely beat the mean pose; views '
            '(lfhpe plan --views 4) provide most of the signal.'
        )
    return out or ['Tags teach every keypoint.'] * any(found['persons'].values())


def _range(sizes: list[list[float]], side: int) -> dict[str, float]:
    values = [size[side] for size in sizes]
    if not values:
        return {}
    return dict(min=min(values), median=statistics.median(values), max=max(values))
