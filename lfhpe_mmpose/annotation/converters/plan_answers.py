"""Answers about the pictures of an annotation plan, put back to its persons and views.

The plan's ``rest['plan']['pictures']`` maps each picture to a person and a view. Pictures are
found by base name and never guessed.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.tag_file import TagFile
from lfhpe_mmpose.tags.values import UNKNOWN

from .answers import Answered, agree


def base_name(path: object) -> str:
    """The last part of a path or address, with either kind of slash."""
    return PurePosixPath(str(path).replace('\\', '/')).name


def refuse_plan(plan: TagFile | None, path: str) -> None:
    """Refuse a plan where the format holds coordinates in place of answers."""
    if plan is not None:
        fault = 'the file holds coordinates, not answers to a plan.'
        raise UserError('option', path, fault, 'Leave --plan out.')


def plan_pictures(plan: TagFile) -> dict[str, tuple[dict[str, Any], int]]:
    """Map the base name of each picture of a plan to its annotation and view.

    View 0 is the whole person, view v is ``tag_views[v - 1]``.

    Raises:
        UserError: 'plan' if the file is not a plan, or its pictures do not fit its persons.
    """
    about = plan.rest.get('plan')
    pictures = about.get('pictures') if isinstance(about, dict) else None
    if not isinstance(pictures, list):
        fault = 'this is not an annotation plan: plan.pictures is missing.'
        raise UserError('plan', plan.path, fault, 'Give the plan.json that `lfhpe plan` wrote.')
    annotations = {annotation['id']: annotation for annotation in plan.annotations}
    out: dict[str, tuple[dict[str, Any], int]] = {}
    for i, picture in enumerate(pictures):
        fault = ''
        if not isinstance(picture, dict) or not isinstance(picture.get('file'), str):
            picture, fault = {}, 'It is not an object with file, annotation and view.'
        name = base_name(picture.get('file'))
        number, view = picture.get('annotation'), picture.get('view')
        person = annotations.get(number) if isinstance(number, int | str) else None
        views = [] if person is None else person.get('tag_views') or []
        if fault:
            pass
        elif person is None:
            fault = f'no annotation has the id {short(number)}.'
        elif type(view) is not int or not 0 <= view <= len(views):
            fault = (
                f'the view is {short(view)}, but annotation {number!r} has {len(views)} tag_views.'
            )
        elif name in out:
            fault = f'a second picture is called {name!r}.'
        if fault or person is None or view is None:
            where = f'{plan.path}: plan.pictures[{i}]'
            raise UserError('plan', where, fault, 'Make the plan again with `lfhpe plan`.')
        out[name] = person, view
    return out


def picture_of(name: object, pictures: Mapping[str, object], plan_path: str, where: str) -> str:
    """Find the base name of the picture that an answer is about.

    Args:
        name: Path, address or name of the picture in the answers.
        pictures: The plan's pictures by base name.
        plan_path: The plan, for the message.
        where: File and entry, for the message.

    Raises:
        UserError: 'unknown-picture' if the plan does not have it.
    """
    base = base_name(name)
    if base in pictures:
        return base
    near = get_close_matches(base, list(pictures)[:5000], 1)
    raise UserError(
        'unknown-picture',
        where,
        f'{name!r} is not a picture of the plan {plan_path}.',
        (f'Did you mean {near[0]!r}? ' if near else '')
        + 'Give the plan that these pictures were made by.',
    )


def put_back(
    plan: TagFile, answers: Iterable[tuple[str, list[int], str]], conflicts: str = 'error'
) -> TagFile:
    """Put the answers about a plan's pictures back to its persons and views.

    Args:
        plan: The plan; it is not changed.
        answers: Picture, K tags, and file and entry for messages. A picture may have several
            answers. Tags that are all unknown count as no answer.
        conflicts: See ``agree``.

    Returns:
        A copy of the plan with the answered persons and views only, without its entry ``plan``.

    Raises:
        UserError: 'plan', 'unknown-picture' or 'conflict'.
    """
    pictures = plan_pictures(plan)
    found: dict[str, Answered] = {}
    for name, tags, where in answers:
        base = picture_of(name, pictures, plan.path, where)
        names = plan.names(pictures[base][0].get('category_id'))
        given = Answered(tags, where)
        if set(tags) != {UNKNOWN}:
            known = found.get(base)
            found[base] = agree(known, given, names, base, conflicts) if known else given
    by_person: dict[int | str, dict[int, list[int]]] = {}
    for base, (tags, _) in found.items():
        annotation, view = pictures[base]
        if set(tags) != {UNKNOWN}:  # annotators who disagree everywhere have answered nothing
            by_person.setdefault(annotation['id'], {})[view] = tags
    rest = {k: v for k, v in plan.rest.items() if k != 'plan'}
    persons = [
        _answered(deepcopy(annotation), by_person[annotation['id']])
        for annotation in plan.annotations
        if annotation['id'] in by_person
    ]
    images, categories, rest = deepcopy((plan.images, plan.categories, rest))
    return TagFile(images, persons, categories, rest, plan.path)


def _answered(person: dict[str, Any], tags_of_view: Mapping[int, list[int]]) -> dict[str, Any]:
    """A person of the plan with the answered views only."""
    views = person.pop('tag_views', None) or []
    person.pop('keypoint_tags', None)
    if 0 in tags_of_view:
        person['keypoint_tags'] = tags_of_view[0]
    kept = [
        {**view, 'keypoint_tags': tags_of_view[v]}
        for v, view in enumerate(views, 1)
        if v in tags_of_view
    ]
    if kept:
        person['tag_views'] = kept
    return person
