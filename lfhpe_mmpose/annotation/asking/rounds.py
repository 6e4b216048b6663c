"""The next round of pictures for Label Studio, CVAT or a table, by the policy of a session.

Each person that is not settled has one picture in a round: the whole person, or a window.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.annotation.plan.make import Planned, write_plan
from lfhpe_mmpose.annotation.plan.pictures import Picture, crop_of, file_stem
from lfhpe_mmpose.annotation.plan.plan_file import Settings
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import lock_folder
from lfhpe_mmpose.tags import ABSENT, TagFile, load_tag_file
from lfhpe_mmpose.tags.located import person_hash

from .answers import Answer
from .belief import Belief
from .costs import Costs
from .errors import EXPECTED
from .given import given_answers
from .maps import ModelMaps, predict_maps
from .plan_source import AskPlan, PersonEntry
from .policy import Proposal, best, question_id, window_draw
from .prior import Prior, fit_evidence
from .questions import Kind, Person

# A circle is not a picture that other programs can ask about.
_KINDS: tuple[Kind, ...] = ('whole', 'window')
# What is shown around an outlined window: the person's window enlarged by this share of it.
_AROUND = 0.1


@dataclass(frozen=True)
class RoundOptions:
    """The options of ``lfhpe plan --next``, whose ``--help`` explains them."""

    images: str
    out: str
    answers: str
    persons: str | None = None
    model: str | None = None
    weights: str | None = None
    show: str = 'window'
    budget: int | None = None
    seed: int = 0
    image_size: int = 512
    form: str = 'questions'
    image_url_prefix: str | None = None
    device: str | None = None
    progress: bool = True


def plan_round(options: RoundOptions) -> Planned:
    """Choose the next picture of each person, and write the plan of the round.

    Raises:
        UserError: If a file is invalid, nothing is left to ask, or another process writes to the
            folder ('locked').
    """
    with lock_folder(options.out):
        return _plan(options)


def _plan(options: RoundOptions) -> Planned:
    answered = load_tag_file(options.answers)
    plan = AskPlan(options.persons or options.answers, options.images)
    if tuple(answered.names()) != plan.keypoints:
        fault = f'its keypoints are not those of {plan.path}.'
        raise UserError('keypoint-sets', options.answers, fault, 'Give files of one set.')
    answers = _answers(answered, plan)
    with tempfile.TemporaryDirectory() as folder:
        prior = Prior(len(plan.keypoints), _maps(options, plan, folder), plan.partners)
    errors = _errors(answered, answers)
    _learn(prior, plan, answers, errors)
    proposals: list[tuple[float, int, PersonEntry, Proposal]] = []
    for person, entry in plan.persons.items():
        given = answers.get(person, [])
        belief = prior.belief(person, entry.grid())
        _update(belief, given, errors.get(person, EXPECTED))
        # A second answer about the whole person would replace the first one.
        whole = any(answer.question.kind == 'whole' for answer in given)
        kinds, draw = _KINDS[1:] if whole else _KINDS, window_draw(options.seed, person)
        proposal = best(belief, EXPECTED, Costs(), kinds, draw)
        if proposal is not None:
            tie = person_hash(options.seed, entry.image_id, person, 'round')
            proposals.append((-round(proposal.rate, 9), tie, entry, proposal))
    if not proposals:
        fault = f'nothing to ask: all {len(plan.persons)} persons are settled.'
        raise UserError('nothing-to-ask', options.answers, fault)
    proposals.sort(key=lambda p: p[:2])
    chosen = [p[2:] for p in proposals[: options.budget]]
    persons, pictures = zip(*(_picture(e, p, options) for e, p in chosen), strict=True)
    settings = Settings(
        list(plan.keypoints), 1, options.seed, options.image_size, 'file', show=options.show
    )
    limbs = [[a + 1, b + 1] for a, b in plan.skeleton]
    images = [dict(image) for image in plan.tags.images]
    planned = write_plan(
        options.images,
        options.out,
        images,
        persons,
        pictures,
        settings,
        limbs,
        options.form,
        options.image_url_prefix,
        options.progress,
    )
    planned.possible = len(proposals)
    bits = {person['id']: p.bits for person, (_, p) in zip(persons, chosen, strict=True)}
    planned.bits = np.array([bits[p.annotation] for p in planned.pictures])
    planned.remarks[:0] = plan.remarks
    return planned


def _answers(answered: TagFile, plan: AskPlan) -> dict[Person, list[Answer]]:
    """Answers by person, of the persons of the plan.

    Raises:
        UserError: 'other-plan' if no person of the file is one of the plan's.
    """
    out: dict[Person, list[Answer]] = {}
    for annotation, where in answered.with_index():
        entry = plan.persons.get(annotation['id'])
        if entry is None or entry.image_id != annotation.get('image_id'):
            continue
        out[entry.id] = given_answers(annotation, plan.keypoints, where, entry.grid())
    if not out:
        fault = f'none of its persons is in {plan.path}.'
        raise UserError('other-plan', answered.path, fault, 'Give the answers about this file.')
    return out


def _errors(answered: TagFile, answers: dict[Person, list[Answer]]) -> dict[Person, float]:
    """Share of wrong answers about each person, where the file states it."""
    stated = answered.answer_error() or EXPECTED
    return {
        a['id']: float(a.get('answer_error') or stated)
        for a in answered.annotations
        if a['id'] in answers
    }


def _maps(options: RoundOptions, plan: AskPlan, folder: str) -> ModelMaps | None:
    if options.model is None:
        return None
    path = Path(folder) / 'maps.npz'
    predict_maps(options.model, options.weights, options.device, plan, path, options.progress)
    return ModelMaps(path, plan.keypoints)


def _learn(
    prior: Prior,
    plan: AskPlan,
    answers: dict[Person, list[Answer]],
    errors: dict[Person, float],
) -> None:
    """Learn from the answers how often keypoints are hidden, and how good the maps are."""
    absent, asked = np.zeros((2, len(plan.keypoints)))
    for given in answers.values():
        for answer in given:
            for k, tag in answer.tags() if answer.question.kind == 'whole' else ():
                absent[k] += tag == ABSENT
                asked[k] += 1
    prior.learn_hidden(absent, int(asked.max()))

    def about(person: Person) -> Iterator[tuple[Answer, float]]:
        for answer in answers[person]:
            yield answer, errors[person]

    prior.fit(fit_evidence(plan.grid, len(plan.keypoints), answers, about))


def _update(belief: Belief, answers: list[Answer], error: float) -> None:
    for answer in answers:
        belief.update(answer, error)


def _picture(
    entry: PersonEntry, proposal: Proposal, options: RoundOptions
) -> tuple[dict[str, Any], Picture]:
    """A person with the window of this round, and its picture."""
    grid, size = entry.grid(), (entry.width, entry.height)
    person: dict[str, Any] = dict(id=entry.id, image_id=entry.image_id, tag_views=[])
    if entry.bbox is not None:
        person['bbox'] = list(entry.bbox)
    x, y, w, h = proposal.window
    crop = crop_of((x, y, x + w, y + h), *size)
    outline = None
    if proposal.kind == 'window':
        person['tag_views'] = [dict(bbox=[x, y, w, h])]
        if options.show == 'window':
            edge = _AROUND * grid.cells
            far = grid.cells + edge
            left, top, width, height = grid.pixels(-edge, -edge, far, far)
            outline, crop = crop, crop_of((left, top, left + width, top + height), *size)
    # The name depends on the window, so that pictures of two rounds are never mixed up.
    name = question_id(options.seed, entry.id, 0, f'{options.show} {proposal.window}')
    file = f'views/{file_stem(entry.id)}_{name}.jpg'
    view = len(person['tag_views'])
    return person, Picture(file, entry.file, entry.image_id, entry.id, view, crop, outline)
