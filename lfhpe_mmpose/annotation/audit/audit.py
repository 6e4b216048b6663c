"""Audit a tag file: ask a model about every person, and write what it contradicts."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.annotation.asking.answers import Answer
from lfhpe_mmpose.annotation.asking.belief import Belief
from lfhpe_mmpose.annotation.asking.given import given_answers
from lfhpe_mmpose.annotation.asking.grid import Grid
from lfhpe_mmpose.annotation.asking.maps import ModelMaps, predict_maps
from lfhpe_mmpose.annotation.asking.plan_source import AskPlan
from lfhpe_mmpose.annotation.asking.prior import Prior, fit_evidence
from lfhpe_mmpose.annotation.asking.questions import Circle, Person, Question
from lfhpe_mmpose.scores import SCORE_RADIUS
from lfhpe_mmpose.tags import SEEN, visibility_flags
from lfhpe_mmpose.tags.located import person_hash

from .ranking import Suspect, rank_person

# Persons whose labels say how good the maps are.
_FIT_PERSONS = 200
_FIT_ERROR = 0.02


@dataclass
class Audit:
    """The result of an audit.

    Attributes:
        plan: The persons.
        suspects: The strongest first.
        places: Where the model has each keypoint, (K, 2) in pixels, by person.
        labels: Number of labels that were looked at.
        mixture: How much of the fitted belief is the keypoint's own map, that of its partner,
            the body, and flat.
    """

    plan: AskPlan
    suspects: list[Suspect]
    places: dict[Person, np.ndarray]
    labels: int
    mixture: list[float]


def audit_file(
    model: str,
    weights: str | None,
    tags: str,
    images: str | None,
    out: Path,
    device: str | None = None,
    tags_only: bool = False,
    progress: bool = True,
) -> Audit:
    """Find the labels of a file that a model contradicts.

    Args:
        model: Config of the model.
        weights: Its weights; None are the packaged ones.
        tags: Tag file or COCO file.
        images: Folder of the images; None looks beside the file.
        out: Folder, in which the model's maps are kept for the next call.
        device: Where the model runs.
        tags_only: Read no coordinate.
        progress: Show progress.

    Raises:
        UserError: If a file is invalid, or the model does not know a keypoint.
    """
    plan = AskPlan(tags, images)
    path = out / f'maps_{_key(model, weights, plan)}.npz'
    if not path.exists():
        predict_maps(model, weights, device, plan, path, progress)
    return audit_maps(plan, ModelMaps(path, plan.keypoints), tags_only, progress)


def audit_maps(
    plan: AskPlan, maps: ModelMaps, tags_only: bool = False, progress: bool = False
) -> Audit:
    """Rank the labels of a plan's file by a model's maps; see ``audit_file``."""
    prior = Prior(len(plan.keypoints), maps, plan.partners)
    answers = _answers(plan, tags_only)

    def about(person: Person) -> Iterator[tuple[Answer, float]]:
        for answer in answers[person]:
            yield answer, _FIT_ERROR

    prior.fit(fit_evidence(plan.grid, len(plan.keypoints), answers, about, _FIT_PERSONS))
    suspects: list[Suspect] = []
    places: dict[Person, np.ndarray] = {}
    labels = 0
    for person, given in tqdm(answers.items(), 'audit', unit='person', disable=not progress):
        if person not in maps:
            continue
        grid = plan.persons[person].grid()
        table = prior.table(person, grid)
        found = rank_person(person, grid, table, given, plan.partners)
        labels += sum(answer.known() for answer in given)
        if found:
            places[person] = Belief(grid, table).places
            suspects += found
    suspects.sort(key=lambda s: (-s.bits, person_hash(0, 0, s.person, 'audit')))
    return Audit(plan, suspects, places, labels, [round(float(v), 3) for v in prior.mixture])


def _answers(plan: AskPlan, tags_only: bool) -> dict[Person, list[Answer]]:
    out: dict[Person, list[Answer]] = {}
    for annotation, where in plan.tags.with_index():
        entry = plan.persons.get(annotation.get('id', ''))
        if entry is None:
            continue
        grid = entry.grid()
        given = given_answers(annotation, plan.keypoints, where, grid)
        flags = None if tags_only else visibility_flags(annotation, plan.keypoints, where)
        if flags is not None and any(flag > 0 for flag in flags):
            given.append(_located(annotation['keypoints'], list(flags), entry.id, grid))
        if given:
            out[entry.id] = given
    return out


def _located(keypoints: list[float], flags: list[float], person: Person, grid: Grid) -> Answer:
    """Locations as circles that somebody confirmed."""
    shown = [k for k, flag in enumerate(flags) if flag > 0]
    radius = SCORE_RADIUS * grid.size
    circles: tuple[Circle, ...] = tuple(
        (k, float(keypoints[3 * k]), float(keypoints[3 * k + 1]), radius) for k in shown
    )
    question = Question('', person, 'confirm', tuple(shown), grid.window, circles)
    return Answer(question, (SEEN,) * len(shown))


def _key(model: str, weights: str | None, plan: AskPlan) -> str:
    """Name of the maps of a model and a file."""
    stamp = Path(weights).stat().st_mtime if weights and Path(weights).exists() else 0
    text = json.dumps([model, weights, stamp, plan.hash])
    return f'{person_hash(0, 0, text, "maps"):016x}'[:8]
