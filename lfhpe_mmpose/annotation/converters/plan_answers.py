"""Answers about the pictures of an annotation plan, put back to the persons and views.

Every converter that accepts a plan collects its answers and calls :func:`put_back`. The plan's
``rest['plan']['pictures']`` says which picture shows which person and view; a picture is told by
its base name and never guessed.
"""

from collections.abc import Iterable
from copy import deepcopy
from difflib import get_close_matches
from pathlib import PurePosixPath

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import UNKNOWN, parse_tags
from lfhpe_mmpose.tags.tag_file import TagFile

CONFLICTS = ('error', 'unknown')


def base_name(path: str) -> str:
    """The last part of a path or address, whichever slashes it has.

    Args:
        path (str): A path of any system.

    Returns:
        str: Its last part.
    """
    return PurePosixPath(str(path).replace('\\', '/')).name


def plan_pictures(plan: TagFile) -> dict[str, tuple[dict, int]]:
    """The pictures of a plan.

    Args:
        plan (TagFile): As ``tools/plan_tags.py`` writes it.

    Returns:
        dict[str, tuple[dict, int]]: Annotation and view (0 is the whole person, v is
        ``tag_views[v - 1]``) by the base name of the picture.

    Raises:
        UserError: If the file is no plan, or its pictures do not fit its persons.
    """
    about = plan.rest.get('plan')
    pictures = about.get('pictures') if isinstance(about, dict) else None
    if not isinstance(pictures, list):
        raise UserError(
            f'{plan.path}: no annotation plan, plan.pictures is missing. Give the plan.json that '
            'tools/plan_tags.py wrote.'
        )
    annotations = {annotation['id']: annotation for annotation in plan.annotations}
    out: dict[str, tuple[dict, int]] = {}
    for i, picture in enumerate(pictures):
        at = f'{plan.path}: plan.pictures[{i}]'
        if not isinstance(picture, dict) or not isinstance(picture.get('file'), str):
            raise UserError(f'{at} is no object with file, annotation and view.')
        number, view = picture.get('annotation'), picture.get('view')
        if not isinstance(number, int | str) or number not in annotations:
            raise UserError(f'{at}.annotation is {number!r}, and no annotation has this id.')
        views = annotations[number].get('tag_views') or []
        if not isinstance(view, int) or isinstance(view, bool) or not 0 <= view <= len(views):
            raise UserError(
                f'{at}.view is {view!r}, but annotation {number!r} has {len(views)} tag_views.'
            )
        name = base_name(picture['file'])
        if name in out:
            raise UserError(
                f'{at}.file: a second picture is called {name!r}. Give each a name of its own.'
            )
        out[name] = annotations[number], view
    return out


def picture_of(name: str, pictures: Iterable[str], plan_path: str, where: str) -> str:
    """Find the picture that an answer is about.

    Args:
        name (str): Path, address or name of the picture, as the answers have it.
        pictures (Iterable[str]): Base names of the plan's pictures.
        plan_path (str): The plan, for the message.
        where (str): File and entry, for the message.

    Returns:
        str: The base name.

    Raises:
        UserError: If the plan has no such picture.
    """
    known = pictures if isinstance(pictures, dict) else dict.fromkeys(pictures)
    base = base_name(name)
    if base in known:
        return base
    near = get_close_matches(base, list(known)[:5000], 1)
    hint = f' Did you mean {near[0]!r}?' if near else ''
    raise UserError(
        f'{where}: {name!r} is no picture of the plan {plan_path}.{hint} Give the plan that these '
        'pictures were made by.'
    )


def put_back(
    plan: TagFile,
    answers: Iterable[tuple[str, list[int], str]],
    conflicts: str = 'error',
) -> TagFile:
    """Put the answers about a plan's pictures back to the persons and views.

    Args:
        plan (TagFile): The plan; it is not changed.
        answers (Iterable[tuple[str, list[int], str]]): Picture (told by its base name), K tags,
            and file and entry for messages, of each answered picture. A picture may come
            several times, from several annotators. Tags that are all -1 say nothing: the
            picture was not answered.
        conflicts (str): What becomes of a keypoint that one answer says is seen and another
            says is not: ``'error'`` or ``'unknown'``. Where one of them cannot tell, they
            differ as well. Defaults to ``'error'``.

    Returns:
        TagFile: A copy of the plan with the answered persons and views alone, its entry
        ``plan`` left out.

    Raises:
        UserError: If the plan is none, an answer is about another picture, or answers differ.
    """
    if conflicts not in CONFLICTS:
        raise UserError(f'conflicts is {conflicts!r}; give one of {", ".join(CONFLICTS)}.')
    pictures = plan_pictures(plan)
    found: dict[str, tuple[list[int], str]] = {}
    for name, tags, where in answers:
        base = picture_of(name, pictures, plan.path, where)
        names = plan.names(pictures[base][0].get('category_id'))
        tags = parse_tags(tags, names, where)
        if all(tag == UNKNOWN for tag in tags):
            continue
        if base in found:
            tags = _agree(found[base], (tags, where), names, base, conflicts)
            where = found[base][1]
        found[base] = tags, where
    # Annotators who disagree about everything have answered nothing.
    known = {name: tags for name, (tags, _) in found.items() if set(tags) != {UNKNOWN}}
    return _answered(plan, pictures, known)


def _agree(
    first: tuple[list[int], str],
    second: tuple[list[int], str],
    names: list[str],
    picture: str,
    conflicts: str,
) -> list[int]:
    """One list of tags from two answers about a picture."""
    differ = [i for i, (a, b) in enumerate(zip(first[0], second[0], strict=True)) if a != b]
    if differ and conflicts == 'error':
        i = differ[0]
        raise UserError(
            f'{second[1]}: {picture} was answered twice, {names[i]} is {first[0][i]} in '
            f'{first[1]} and {second[0][i]} here. Correct one of them, or make such tags unknown '
            'with --conflicts unknown.'
        )
    return [UNKNOWN if i in differ else tag for i, tag in enumerate(first[0])]


def _answered(
    plan: TagFile, pictures: dict[str, tuple[dict, int]], found: dict[str, list[int]]
) -> TagFile:
    """The plan with the tags in it, and without what nobody answered."""
    by_person: dict[int | str, dict[int, list[int]]] = {}
    for name, tags in found.items():
        annotation, view = pictures[name]
        by_person.setdefault(annotation['id'], {})[view] = tags
    out = TagFile(
        images=deepcopy(plan.images),
        categories=deepcopy(plan.categories),
        rest=deepcopy({k: v for k, v in plan.rest.items() if k != 'plan'}),
        path=plan.path,
    )
    for annotation in plan.annotations:
        tags_of_view = by_person.get(annotation['id'])
        if tags_of_view is None:
            continue
        person = deepcopy(annotation)
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
        out.annotations.append(person)
    return out
