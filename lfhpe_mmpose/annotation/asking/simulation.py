"""Label accuracy against answers and seconds, by a simulated annotator with known truth."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lfhpe_mmpose.tags.views import draw_views

from .belief import Belief
from .costs import Costs
from .grid import Grid
from .plan_source import AskPlan
from .policy import best, question, question_id, window_draw
from .prior import Prior
from .questions import KINDS, Kind, Person, Question
from .simulated import SimulatedAnnotator

# A sequence of questions about a person: what comes next, given the belief.
Strategy = Callable[[Person, Belief, float], Iterator[Question]]


@dataclass
class Curve:
    """Means over persons after 0, 1, 2, ... pictures.

    Attributes:
        near: Share of the visible keypoints within 0.1 and 0.2 of the longer side of the box,
            (pictures + 1, 2).
        settled: Share of keypoints that are settled.
        answers: Answered keypoints a person.
        seconds: Seconds a person.
    """

    near: np.ndarray
    settled: np.ndarray
    answers: np.ndarray
    seconds: np.ndarray


def simulate(
    plan: AskPlan,
    truth: Mapping[Person, np.ndarray],
    strategy: Strategy,
    prior: Prior,
    error: float = 0.0,
    pictures: int = 10,
    believed: float | None = None,
    costs: Costs | None = None,
) -> Curve:
    """Ask about each person up to a number of pictures.

    Args:
        plan: The persons.
        truth: Coordinates and visibility (K, 3) of each person.
        strategy: What is asked.
        prior: The belief before the first answer.
        error: The annotator's share of wrong answers.
        pictures: Pictures a person.
        believed: Share of wrong answers that belief and policy assume. None is ``error``.
        costs: Seconds of a picture.
    """
    costs = costs or Costs()
    annotator = SimulatedAnnotator(truth, error, seconds=costs)
    assumed = error if believed is None else believed
    near, visible = np.zeros((pictures + 1, 2)), 0
    settled, answers, seconds = np.zeros((3, pictures + 1))
    for person, entry in plan.persons.items():
        belief = prior.belief(person, entry.grid())
        points = truth[person]
        seen = points[:, 2] > 0
        visible += int(seen.sum())
        asking, spent = strategy(person, belief, assumed), np.zeros(2)
        for number in range(pictures + 1):
            far = np.hypot(*(belief.places - points[:, :2]).T)[seen] / belief.grid.size
            near[number] += (far <= 0.1).sum(), (far <= 0.2).sum()
            settled[number] += belief.settled_keypoints.mean()
            answers[number] += spent[0]
            seconds[number] += spent[1]
            asked = None if number == pictures else next(asking, None)
            if asked is not None:
                answer = annotator(asked)
                belief.update(answer, assumed)
                spent += answer.known(), answer.seconds
    persons = len(plan.persons)
    return Curve(near / visible, settled / persons, answers / persons, seconds / persons)


def chosen(
    kinds: Sequence[Kind] = KINDS, first: Sequence[Kind] = (), costs: Costs | None = None
) -> Strategy:
    """The policy of a session.

    Args:
        kinds: Kinds to choose from.
        first: Kinds of the first pictures.
        costs: Seconds of a picture.
    """

    def strategy(person: Person, belief: Belief, error: float) -> Iterator[Question]:
        number, draw = 0, window_draw(0, person)
        while True:
            allowed = first[number : number + 1] or kinds
            proposal = best(belief, error, costs or Costs(), tuple(allowed), draw)
            if proposal is None:
                return
            yield question(proposal, person, 0, number)
            number += 1

    return strategy


def random_views(plan: AskPlan, seed: int = 0) -> Strategy:
    """The whole person, then sub-crops at random, each with all keypoints."""

    def strategy(person: Person, belief: Belief, error: float) -> Iterator[Question]:
        entry, grid = plan.persons[person], belief.grid
        asked = tuple(range(len(plan.keypoints)))
        yield Question(question_id(0, person, 0), person, 'whole', asked, grid.window)
        for number, (x1, y1, x2, y2) in enumerate(_windows(grid, entry.image_id, person, seed), 1):
            window = tuple(round(float(v), 2) for v in (x1, y1, x2 - x1, y2 - y1))
            yield Question(question_id(0, person, number), person, 'window', asked, window)  # type: ignore[arg-type]

    return strategy


def _windows(grid: Grid, image_id: int | str, person: Person, seed: int) -> np.ndarray:
    x, y = grid.left, grid.top
    width, height = grid.cells * grid.cell_width, grid.cells * grid.cell_height
    whole = np.array([x, y, x + width, y + height])
    return draw_views(whole, 64, seed, image_id, person, padding=1.0)[1:]


def evidence_of(
    plan: AskPlan,
    truth: Mapping[Person, np.ndarray],
    strategy: Strategy,
    prior: Prior,
    error: float,
    pictures: int,
    persons: Sequence[Person],
) -> Iterator[tuple[Person, Grid, np.ndarray]]:
    """What simulated answers say of some persons, to fit a prior."""
    annotator = SimulatedAnnotator(truth, error, seed=1)
    for person in persons:
        grid = plan.persons[person].grid()
        belief = prior.belief(person, grid)
        said = Belief(grid, np.ones((len(plan.keypoints), grid.cells**2 + 1)))
        for asked, _ in zip(strategy(person, belief, error), range(pictures)):
            answer = annotator(asked)
            belief.update(answer, error)
            said.update(answer, error)
        yield person, grid, said.evidence
