"""Choices of Label Studio as tags."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.entries import raise_fault, unknown_keypoint
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN

from .answers import AnswerWords, answer, plain_word
from .label_studio_tasks import Annotated

_NOTHING = ('none', 'none of these', 'nothing')
# The control that says of a located keypoint that it is hidden; no answer about a picture.
OCCLUDED = 'occluded'
_REGIONS = ('rectanglelabels', 'rectangle', 'keypointlabels')


class Control(NamedTuple):
    """A ``Choices`` that was answered.

    Attributes:
        name (str): Its name in the labelling interface.
        choices (list[str]): What was chosen.
        where (str): File and entry, for messages.
        sure (bool): False where it may be no control at all (JSON-MIN).
    """

    name: str
    choices: list[str]
    where: str
    sure: bool


def controls_of(task: Annotated, region: str | None = None) -> list[Control]:
    """The answered choices about a picture or a region.

    Args:
        task (Annotated): The task.
        region (str, optional): Id of the region. Defaults to None: the picture.

    Returns:
        list[Control]: The controls.

    Raises:
        UserError: If one is malformed.
    """
    regions = {r.get('id'): r.get('type') for r in task.result if r.get('type') != 'choices'}
    out = []
    for i, entry in enumerate(task.result):
        if entry.get('type') != 'choices':
            continue
        about = entry.get('id') if entry.get('id') in regions else None
        if about is None and _is_region(entry):
            raise UserError(
                f'{task.where}: result[{i}] ({entry["from_name"]}) is about the region '
                f'{entry.get("id")!r}, which is not there. Export the project as JSON, whole.'
            )
        if about is not None and regions[about] not in _REGIONS:
            raise UserError(
                f'{task.where}: result[{i}] ({entry["from_name"]}) is about a region of the type '
                f'{regions[about]!r}. Draw persons and views as RectangleLabels.'
            )
        if about != region:
            continue
        choices = entry['value'].get('choices')
        at = f'{task.where}: result[{i}] ({entry["from_name"]})'
        if not isinstance(choices, list) or not all(isinstance(c, str) for c in choices):
            raise UserError(f'{at}: value.choices is {choices!r}, no list of words.')
        out.append(Control(entry['from_name'], choices, at, not entry.get('maybe')))
    return out


def _is_region(entry: Mapping[str, Any]) -> bool:
    """Whether choices were made about a region: they repeat its place."""
    return 'x' in entry['value'] and 'y' in entry['value']


def find_names(tasks: Sequence[Annotated], path: str, words: AnswerWords) -> list[str]:
    """The keypoints that an export asks about.

    Args:
        tasks (Sequence[Annotated]): Its tasks.
        path (str): The file, for messages.
        words (AnswerWords): Which words are answers.

    Returns:
        list[str]: Names of controls whose answers are such words, and of points, in the order
        in which they occur.

    Raises:
        UserError: If there are none, or ticks, which do not tell what was never ticked.
    """
    found: dict[str, bool] = {}
    for task in tasks:
        for i, entry in enumerate(task.result):
            if entry.get('type') == 'keypointlabels':
                found.update(dict.fromkeys(entry['value'].get('keypointlabels') or [], True))
            if entry.get('type') != 'choices' or entry['from_name'] == OCCLUDED:
                continue
            name, choices = entry['from_name'], entry['value'].get('choices') or []
            if words.tag(plain_word(name)) is not None:
                raise UserError(
                    f'{task.where}: result[{i}] ({name}) is a list of ticks, which does not name '
                    'what nobody ticked. Give all keypoints by --keypoints a,b,c.'
                )
            if not choices:
                continue
            fits = all(_is_answer(c, not entry.get('maybe'), words) for c in choices)
            if found.setdefault(name, fits) != fits:
                answer(choices[0], f'{task.where}: result[{i}] ({name})', words)
                raise UserError(
                    f'{task.where}: result[{i}] ({name}) is an answer here and none elsewhere. '
                    'Give the keypoints by --keypoints a,b,c.'
                )
    names = [name for name, fits in found.items() if fits]
    if not names:
        raise UserError(
            f'{path}: no keypoint is asked about: no choices with answers such as '
            f'{words.seen[0]!r}. Give the keypoints by --keypoints a,b,c.'
        )
    return names


def tags_of(
    controls: Sequence[Control], names: Sequence[str], words: AnswerWords
) -> list[int] | None:
    """The tags that choices give.

    Args:
        controls (Sequence[Control]): Choices about one picture or region.
        names (Sequence[str]): Names of the K keypoints.
        words (AnswerWords): Which words mean what.

    Returns:
        list[int] | None: K tags, None if no control is about keypoints.

    Raises:
        UserError: If an answer is none, a keypoint unknown, or answered twice.
    """
    told: dict[str, tuple[int, str]] = {}
    rest, about = UNKNOWN, False
    for control in controls:
        meaning = words.tag(plain_word(control.name))
        if control.name in names:
            about = True
            _tell(told, control.name, _one(control, words), control.where)
        elif meaning is not None:
            about = True
            for name in _ticked(control, names):
                _tell(told, name, meaning, control.where)
            if meaning == SEEN:
                rest = ABSENT
        elif control.choices and all(_is_answer(c, control.sure, words) for c in control.choices):
            raise_fault(unknown_keypoint(control.name, names), control.where)
    return [told.get(name, (rest, ''))[0] for name in names] if about else None


def _is_answer(choice: str, sure: bool, words: AnswerWords) -> bool:
    """Whether a choice reads like an answer; a number may be any entry of a task's data."""
    word = plain_word(choice)
    return words.tag(word) is not None and (sure or not word.lstrip('-').isdigit())


def _one(control: Control, words: AnswerWords) -> int:
    if len(control.choices) > 1:
        raise UserError(
            f'{control.where}: {len(control.choices)} answers, {", ".join(control.choices)}. Keep '
            'one (choice="single" in the labelling interface).'
        )
    return answer(control.choices[0] if control.choices else None, control.where, words)


def _ticked(control: Control, names: Sequence[str]) -> list[str]:
    nothing = [c for c in control.choices if c not in names and plain_word(c) in _NOTHING]
    if nothing and len(control.choices) > 1:
        other = next(c for c in control.choices if c not in nothing)
        raise UserError(f'{control.where}: ticks {nothing[0]!r} and {other!r}. Keep one of them.')
    for choice in control.choices:
        if choice not in names and not nothing:
            raise_fault(unknown_keypoint(choice, names), control.where)
    return [] if nothing else control.choices


def _tell(told: dict[str, tuple[int, str]], name: str, tag: int, where: str) -> None:
    if name in told and told[name][0] != tag:
        raise UserError(
            f'{where}: {name} is {tag} here and {told[name][0]} in {told[name][1]}. Correct one.'
        )
    told[name] = tag, where


def merge_tags(
    answers: Sequence[tuple[list[int], str]], names: Sequence[str], picture: str, conflicts: str
) -> list[int]:
    """Put the answers of several annotators together.

    Args:
        answers (Sequence[tuple[list[int], str]]): K tags and file and entry of each.
        names (Sequence[str]): Names of the K keypoints.
        picture (str): The picture, for messages.
        conflicts (str): 'error', or 'unknown': what they do not agree in is unknown.

    Returns:
        list[int]: K tags.

    Raises:
        UserError: If they differ.
    """
    first, where = answers[0]
    out = list(first)
    for tags, other in answers[1:]:
        for i, (a, b) in enumerate(zip(first, tags, strict=True)):
            if a != b and conflicts == 'error':
                raise UserError(
                    f'{other}: {picture} was answered twice, {names[i]} is {a} in {where} and {b} '
                    'here. Correct one of them, star one annotation as ground truth, or make such '
                    'tags unknown with --conflicts unknown.'
                )
            out[i] = out[i] if a == b else UNKNOWN
    return out
