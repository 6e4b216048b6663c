"""An annotator with known truth, for tests and studies."""

from collections.abc import Mapping

import numpy as np

from lfhpe_mmpose.tags import ABSENT, SEEN
from lfhpe_mmpose.tags.located import person_hash

from .answers import Answer
from .costs import Costs, count_ticks
from .questions import Person, Question


class SimulatedAnnotator:
    """Answers from true coordinates, with errors.

    Args:
        truth: Coordinates and visibility (K, 3) in pixels by annotation id; visibility above 0 is
            visible.
        error: Probability that an answer is wrong.
        misses: Further probability that a visible keypoint is not seen.
        seconds: What an answer takes.
        seed: Seed of the errors. The same question is answered anew each time.
        name: Name of the annotator.
    """

    def __init__(
        self,
        truth: Mapping[Person, np.ndarray],
        error: float = 0.0,
        misses: float = 0.0,
        seconds: Costs | None = None,
        seed: int = 0,
        name: str = 'simulated',
    ) -> None:
        self.truth, self.error, self.misses = truth, error, misses
        self.seconds = seconds or Costs()
        self.name = name
        self._rng = np.random.default_rng(person_hash(seed, 0, name, 'simulated annotator'))
        self._last: Person | None = None

    def __call__(self, question: Question) -> Answer:
        """Answer a question."""
        tags = self.right(question)
        draws = self._rng.random((2, len(tags)))
        tags = np.where((tags == SEEN) & (draws[0] < self.misses), ABSENT, tags)
        tags = np.where(draws[1] < self.error, 1 - tags, tags)
        values = tuple(int(tag) for tag in tags)
        ticks = count_ticks(Answer(question, values))
        seconds = self.seconds.seconds(question.kind, ticks, question.person != self._last)
        self._last = question.person
        return Answer(question, values, self.name, seconds)

    def right(self, question: Question) -> np.ndarray:
        """The right tags of a question."""
        points = np.asarray(self.truth[question.person], dtype=float)[list(question.keypoints)]
        inside = points[:, 2] > 0
        if question.kind == 'window':
            x, y, w, h = question.window
            inside &= (points[:, 0] >= x) & (points[:, 0] < x + w)
            inside &= (points[:, 1] >= y) & (points[:, 1] < y + h)
        elif question.kind == 'confirm':
            circles = np.array([circle[1:] for circle in question.circles])
            inside &= ((points[:, :2] - circles[:, :2]) ** 2).sum(1) <= circles[:, 2] ** 2
        return np.where(inside, SEEN, ABSENT)
