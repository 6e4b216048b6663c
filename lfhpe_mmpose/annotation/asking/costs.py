"""How long a question takes: seconds a picture and seconds a tick, learnt from the answers."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from .answers import Answer
from .questions import KINDS, Kind

# Defaults in seconds, our guesses; 0.5 s a tick is a key press.
PICTURE: dict[Kind, float] = {'whole': 2.0, 'window': 2.0, 'confirm': 2.5}
TICK = 0.5
# Extra seconds for the first picture of a person.
NEW_PERSON = 1.0
# Each default counts as this many answers.
_WEIGHT = 10.0
# Answers that the fit uses.
LATEST = 500
# A break is not an answer.
_LONGEST = 60.0


@dataclass(frozen=True)
class Costs:
    """Seconds of a picture by kind, of a tick, and of getting to know a new person."""

    whole: float = PICTURE['whole']
    window: float = PICTURE['window']
    confirm: float = PICTURE['confirm']
    tick: float = TICK
    new_person: float = NEW_PERSON

    def seconds(self, kind: Kind, ticks: float, new_person: bool = False) -> float:
        """Expected seconds of a picture with this many ticks."""
        picture: float = getattr(self, kind)
        return picture + self.tick * ticks + self.new_person * new_person


def count_ticks(answer: Answer) -> int:
    """Keys that an answer takes: what is ticked in a window, clicked away among circles."""
    wrong = answer.question.kind == 'confirm'
    return sum(tag != 1 if wrong else tag != 0 for _, tag in answer.tags())


class CostFit:
    """Fit of the latest answers, robust against breaks: Huber's weights, towards the defaults."""

    def __init__(self) -> None:
        self._rows: deque[tuple[list[float], float]] = deque(maxlen=LATEST)

    def add(self, answer: Answer, new_person: bool) -> None:
        """Take the time of an answer."""
        if answer.skipped or not 0 < answer.seconds <= _LONGEST:
            return
        row = [float(answer.question.kind == kind) for kind in KINDS]
        self._rows.append(([*row, float(count_ticks(answer)), float(new_person)], answer.seconds))

    def costs(self) -> Costs:
        """The fitted constants; the defaults without answers."""
        start = np.array([*(PICTURE[kind] for kind in KINDS), TICK, NEW_PERSON])
        if not self._rows:
            return Costs()
        rows = np.array([row for row, _ in self._rows])
        seconds = np.array([s for _, s in self._rows])
        found = start.copy()
        for _ in range(8):
            rest = seconds - rows @ found
            scale = max(float(np.median(np.abs(rest))) * 1.4826, 0.1)
            weights = 1 / np.maximum(1, np.abs(rest) / (1.5 * scale))
            left = (rows.T * weights) @ rows + _WEIGHT * np.eye(len(start))
            right = (rows.T * weights) @ seconds + _WEIGHT * start
            found = np.linalg.solve(left, right)
        least = np.array([0.2, 0.2, 0.2, 0.05, 0.0])
        return Costs(*(round(float(v), 2) for v in np.maximum(found, least)))
