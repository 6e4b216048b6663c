"""The answers of a session as a tag file: nothing but tags and views.

A window becomes a view with the tags that were asked. A circle becomes a view with one tag: the
square around it if it holds the keypoint, the square inside it if not, so that both are true.
Squares are cut at the person's window, where every keypoint is looked for.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Any

from lfhpe_mmpose.tags import SEEN, UNKNOWN, TagFile, is_known

from .answers import Answer
from .plan_source import AskPlan
from .questions import Person, Window


def export_answers(
    plan: AskPlan,
    answers: Mapping[Person, Sequence[Answer]],
    error: Callable[[str], float],
) -> TagFile:
    """Make a tag file of the answers.

    Args:
        plan: The plan.
        answers: Answers by person.
        error: Share of wrong answers of an annotator.

    Returns:
        The answered persons of the plan in its order. ``info`` states who answered how much, in
        which time, and with which error. A person with answers of other annotators than most has
        an ``answer_error`` of its own.
    """
    out = TagFile.new(plan.keypoints)
    out.categories = [_category(c) for c in plan.tags.categories if c.get('keypoints')]
    category = out.categories[0]['id']
    images = set()
    for person, entry in plan.persons.items():
        given = [a for a in answers.get(person, ()) if a.known()]
        if not given:
            continue
        annotation: dict[str, Any] = dict(id=person, image_id=entry.image_id, category_id=category)
        if entry.bbox is not None:
            annotation['bbox'] = list(entry.bbox)
        annotation.update(tags_and_views(given, len(plan.keypoints), entry.grid().window))
        annotation['answer_error'] = round(_mean(given, error), 4)
        out.annotations.append(annotation)
        images.add(entry.image_id)
    out.images = [dict(image) for image in plan.tags.images if image['id'] in images]
    everything = [a for given in answers.values() for a in given]
    out.rest['info'].update(
        provenance='asked by lfhpe_mmpose',
        plan=plan.hash,
        answer_error=round(_mean([a for a in everything if a.known()], error), 4),
        annotators=_annotators(everything, error),
    )
    return out


def tags_and_views(
    answers: Sequence[Answer], keypoints: int, within: Window | None = None
) -> dict[str, Any]:
    """Entries ``keypoint_tags`` and ``tag_views`` of a person.

    Answers to the same picture are joined; where they differ, the tag is unknown.

    Args:
        answers: Of the person.
        keypoints: Their number.
        within: Window that the squares of circles are cut at.
    """
    whole: list[set[int]] = [set() for _ in range(keypoints)]
    views: dict[Window, list[set[int]]] = {}
    for answer in answers:
        question = answer.question
        for i, (k, tag) in enumerate(answer.tags()):
            if not is_known(tag):
                continue
            if question.kind == 'whole':
                whole[k].add(tag)
                continue
            window = question.window
            if question.kind == 'confirm':
                _, x, y, radius = question.circles[i]
                half = radius if tag == SEEN else radius / sqrt(2)
                window = _cut((x - half, y - half, 2 * half, 2 * half), within)
            views.setdefault(window, [set() for _ in range(keypoints)])[k].add(tag)
    out: dict[str, Any] = {}
    if any(whole):
        out['keypoint_tags'] = _tags(whole)
    rows = [(window, _tags(tags)) for window, tags in views.items()]
    known = [(window, tags) for window, tags in rows if any(map(is_known, tags))]
    if known:
        out['tag_views'] = [dict(bbox=list(w), keypoint_tags=tags) for w, tags in known]
    return out


def _cut(window: Window, within: Window | None) -> Window:
    x, y, w, h = window
    if within is not None:
        left, top = max(x, within[0]), max(y, within[1])
        w = min(x + w, within[0] + within[2]) - left
        h = min(y + h, within[1] + within[3]) - top
        x, y = left, top
    return round(x, 2), round(y, 2), round(w, 2), round(h, 2)


def _tags(given: Sequence[set[int]]) -> list[int]:
    return [next(iter(tags)) if len(tags) == 1 else UNKNOWN for tags in given]


def _category(category: Mapping[str, Any]) -> dict[str, Any]:
    kept = ('id', 'name', 'keypoints', 'skeleton', 'flip_pairs')
    return {key: category[key] for key in kept if key in category}


def _mean(answers: Sequence[Answer], error: Callable[[str], float]) -> float:
    """Mean share of wrong answers, by the number of keypoints answered."""
    total = sum(a.known() for a in answers)
    return sum(a.known() * error(a.annotator) for a in answers) / total if total else 0.0


def _annotators(answers: Sequence[Answer], error: Callable[[str], float]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = defaultdict(lambda: dict(pictures=0, answers=0, seconds=0.0))
    for answer in answers:
        row = rows[answer.annotator]
        row['pictures'] += 1
        row['answers'] += answer.known()
        row['seconds'] = round(row['seconds'] + answer.seconds, 2)
    return [
        dict(name=name, **row, answer_error=round(error(name), 4))
        for name, row in sorted(rows.items())
    ]
