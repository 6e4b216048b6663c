"""Choices of Label Studio as tags."""

from collections.abc import Sequence
from typing import NamedTuple

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import raise_fault
from lfhpe_mmpose.tags.labels import unknown_keypoint
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN

from .answers import AnswerWords, answer, plain_word
from .label_studio_tasks import Annotated

_NOTHING = ('none', 'none of these', 'nothing')
# The control that marks a located keypoint as hidden; not an answer about a picture.
OCCLUDED = 'occluded'
REGIONS = ('rectanglelabels', 'rectangle', 'keypointlabels')


class Control(NamedTuple):
    """A ``Choices`` that was answered.

    Attributes:
        name: Its name in the labelling interface.
        choices: What was chosen.
        where: File and entry, for messages.
        sure: False where it may be another entry of the task's data (JSON-MIN).
    """

    name: str
    choices: list[str]
    where: str
    sure: bool


def controls_of(task: Annotated, region: str | None = None) -> list[Control]:
    """The answered choices about a region, or about the picture if None.

    Raises:
        UserError: 'region' if one is about a region that is missing or of another kind.
    """
    regions = {r.get('id'): r['type'] for r in task.result if r['type'] != 'choices'}
    out = []
    for entry, at in task.results('choices'):
        number = entry.get('id')
        about = number if number in regions else None
        # Choices about a region repeat its place.
        if about is None and 'x' in entry['value'] and 'y' in entry['value']:
            fault = f'it is about the region {number!r}, which is missing.'
            raise UserError('region', at, fault, 'Export the whole project as JSON.')
        if about is not None and regions[about] not in REGIONS:
            fault = f'it is about a region of the type {regions[about]!r}.'
            raise UserError('region', at, fault, 'Draw persons and views as RectangleLabels.')
        if about == region:
            sure = not entry.get('maybe')
            out.append(Control(entry['from_name'], entry['value']['choices'], at, sure))
    return out


def find_names(tasks: Sequence[Annotated], path: str, words: AnswerWords) -> list[str]:
    """The keypoints of an export: points, and controls with answers, in their order.

    Raises:
        UserError: 'no-keypoints' if there are none, or only ticks, which do not name keypoints
            that nobody ticked.
    """
    found: dict[str, bool] = {}
    maybe: dict[str, bool] = {}
    remedy = 'Name all keypoints with --keypoints a,b,c.'
    for task in tasks:
        for entry, where in task.results('keypointlabels', 'choices'):
            name = entry['from_name']
            if entry['type'] == 'keypointlabels':
                found.update(dict.fromkeys(entry['value']['keypointlabels'], True))
                continue
            if name == OCCLUDED:
                continue
            if words.tag(plain_word(name)) is not None:
                fault = 'a list of ticks does not name the keypoints that nobody ticked.'
                raise UserError('no-keypoints', where, fault, remedy)
            choices = entry['value']['choices']
            if not choices:
                continue
            fits = all(_is_answer(c, not entry.get('maybe'), words) for c in choices)
            maybe[name] = maybe.get(name, True) and all(
                _is_answer(c, True, words) for c in choices
            )
            if found.setdefault(name, fits) != fits:
                answer(choices[0], where, words)
                fault = 'it is an answer here, and something else in another task.'
                raise UserError('answer', where, fault, remedy)
    names = [name for name, fits in found.items() if fits]
    numbers = [name for name, fits in maybe.items() if fits and name not in names]
    if names and numbers:
        fault = f'{", ".join(numbers)}: these hold numbers that may be answers.'
        raise UserError('no-keypoints', path, fault, remedy)
    if not names:
        fault = f'no control has answers such as {words.seen[0]!r}.'
        raise UserError('no-keypoints', path, fault, remedy)
    return names


def tags_of(
    controls: Sequence[Control], names: Sequence[str], words: AnswerWords, conflicts: str
) -> list[int] | None:
    """Tags of the K ``names`` by the choices about one picture or region; None without any.

    ``conflicts`` decides about a keypoint with two answers, such as one that is ticked as visible
    and as "cannot tell".

    Raises:
        UserError: 'answer', 'unknown-keypoint', or 'conflict' if a keypoint has two answers.
    """
    found: dict[str, tuple[int, str]] = {}
    rest, about = UNKNOWN, False
    for control in controls:
        meaning = words.tag(plain_word(control.name))
        given: dict[str, int] = {}
        if control.name in names:
            given = {control.name: _one(control, words)}
        elif meaning is not None:
            given = dict.fromkeys(_ticked(control, names), meaning)
            rest = ABSENT if meaning == SEEN else rest
        elif control.choices and all(_is_answer(c, control.sure, words) for c in control.choices):
            raise_fault(unknown_keypoint(control.name, names), control.where)
        about = about or control.name in names or meaning is not None
        for name, tag in given.items():
            before, other = found.setdefault(name, (tag, control.where))
            if before != tag:
                if conflicts == 'error':
                    fault = f'{name} is {tag} here and {before} in {other}.'
                    remedy = 'Correct one, or make such tags unknown with --conflicts unknown.'
                    raise UserError('conflict', control.where, fault, remedy)
                found[name] = UNKNOWN, other
    return [found.get(name, (rest, ''))[0] for name in names] if about else None


def _is_answer(choice: str, sure: bool, words: AnswerWords) -> bool:
    """Whether a choice reads like an answer; a number may be any entry of a task's data."""
    word = plain_word(choice)
    return words.tag(word) is not None and (sure or not word.lstrip('-').isdigit())


def _one(control: Control, words: AnswerWords) -> int:
    if len(control.choices) > 1:
        fault = f'there are {len(control.choices)} answers: {", ".join(control.choices)}.'
        remedy = 'Keep one (choice="single" in the labelling interface).'
        raise UserError('answer', control.where, fault, remedy)
    return answer(control.choices[0] if control.choices else None, control.where, words)


def _ticked(control: Control, names: Sequence[str]) -> list[str]:
    nothing = [c for c in control.choices if c not in names and plain_word(c) in _NOTHING]
    others = [c for c in control.choices if c not in nothing]
    if nothing and len(control.choices) > 1:
        fault = f'both {nothing[0]!r} and {(others or nothing)[-1]!r} are ticked.'
        raise UserError('answer', control.where, fault, 'Keep one of them.')
    for choice in others:
        if choice not in names:
            raise_fault(unknown_keypoint(choice, names), control.where)
    return others
