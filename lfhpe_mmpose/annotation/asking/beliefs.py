"""The beliefs and next pictures of the persons; few are in memory, others are rebuilt."""

from collections import OrderedDict
from collections.abc import Iterator

import numpy as np

from .answers import Answer
from .belief import Belief
from .costs import Costs
from .errors import EXPECTED
from .grid import Grid
from .plan_source import AskPlan
from .policy import Proposal, best, window_draw
from .prior import Prior, fit_evidence
from .questions import Kind, Person
from .record import Record

# Beliefs in memory.
_KEPT = 256
# The costs are fitted again after this many answers.
_FIT = 20
# A model's maps are fitted after this many pictures, then at each doubling.
_FIRST_FIT = 32


class Beliefs:
    """Beliefs by person.

    Args:
        plan: The persons.
        record: Their answers.
        prior: The belief before the first answer.
        kinds: Kinds of pictures to choose from.
        seed: Decides between windows that are alike.
    """

    def __init__(
        self, plan: AskPlan, record: Record, prior: Prior, kinds: tuple[Kind, ...], seed: int
    ) -> None:
        self._plan, self._record, self._prior, self._kinds = plan, record, prior, kinds
        self._seed = seed
        self._kept: OrderedDict[Person, Belief] = OrderedDict()
        self._proposals: dict[Person, Proposal | None] = {}
        self._costs = Costs()
        self.learn(at_once=True)

    def belief(self, person: Person) -> Belief:
        """The belief about a person."""
        if person not in self._kept:
            belief = self._prior.belief(person, self._plan.persons[person].grid())
            for answer in self._record.about(person):
                belief.update(answer, self._record.errors.estimate(answer.annotator))
            self._kept[person] = belief
            if len(self._kept) > _KEPT:
                old, _ = self._kept.popitem(last=False)
                self._proposals.pop(old, None)
        self._kept.move_to_end(person)
        return self._kept[person]

    def proposal(self, person: Person) -> Proposal | None:
        """The person's next picture; None if it is done."""
        belief = self.belief(person)
        if person not in self._proposals:
            draw = window_draw(self._seed, person)
            self._proposals[person] = best(belief, EXPECTED, self._costs, self._kinds, draw)
        return self._proposals[person]

    def rate(self, person: Person) -> float | None:
        """Bits per second of the person's next picture; None if it is done."""
        proposal = self.proposal(person)
        return None if proposal is None else proposal.first_rate(self._costs)

    def guess(self) -> float:
        """The rate of persons nobody was asked about."""
        if self._prior.maps is not None:
            return float('inf')
        belief = Belief(grid := Grid(None, 100, 100), self._prior.flat(grid))
        proposal = best(belief, EXPECTED, self._costs, self._kinds)
        return 0.0 if proposal is None else proposal.first_rate(self._costs)

    def update(self, answer: Answer, error: float) -> None:
        """Take an answer that is not in the record yet."""
        person = answer.question.person
        self.belief(person).update(answer, error)
        self._proposals.pop(person, None)

    def forget(self, person: Person) -> None:
        """Rebuild a person's belief when it is needed."""
        self._kept.pop(person, None)
        self._proposals.pop(person, None)

    def learn(self, at_once: bool = False) -> None:
        """Learn costs and the prior from the answers."""
        if at_once or self._record.questions % _FIT == 0:
            self._costs = self._record.costs()
            done = sum(not left for left in self._record.left.values())
            self._prior.learn_hidden(self._record.absent, done)
        if self._prior.maps is not None and self._is_due(at_once):
            self._prior.fit(self._evidence())
            for person in list(self._kept):
                self.forget(person)

    def _is_due(self, at_once: bool) -> bool:
        """Whether the number of pictures has doubled; or nearly, when a session opens."""
        questions = self._record.questions
        doubled = questions & (questions - 1) == 0
        return questions >= _FIRST_FIT and (at_once or doubled)

    def _evidence(self) -> Iterator[tuple[Person, Grid, np.ndarray]]:
        record = self._record

        def about(person: Person) -> Iterator[tuple[Answer, float]]:
            for answer in record.about(person):
                yield answer, record.errors.estimate(answer.annotator)

        keypoints = len(self._plan.keypoints)
        return fit_evidence(self._plan.grid, keypoints, record.begun(), about)
