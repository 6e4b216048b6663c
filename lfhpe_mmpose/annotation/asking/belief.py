"""What is known of a person's keypoints: a probability for each cell and for "not visible".

An answer multiplies it by 1 - e where the keypoint agrees with the answer and by e elsewhere,
where e is the annotator's share of wrong answers (noisy twenty questions, Jedynak et al. 2012).
"""

from functools import cached_property

import numpy as np

from lfhpe_mmpose.tags import is_known, is_visible

from .answers import Answer
from .grid import Grid
from .information import expected_bits
from .questions import Question

# No annotator is free of errors, and a belief without a cell left would say nothing.
LEAST_ERROR = 1e-3
# A keypoint is settled when this much of it lies near one place, or is "not visible".
SETTLED_MASS = 0.9
# Near: this share of the longer side of the box.
SETTLED_RADIUS = 0.1
# A place is where most lies within these shares: near, and seldom far off.
PLACE_RADII = (0.1, 0.2)
# A keypoint that was answered "cannot tell" this often is not asked again.
UNSURE = 2
# A person that was asked this often is not asked again.
MOST_PICTURES = 40


class Belief:
    """Belief about K keypoints of a person.

    Args:
        grid: The cells.
        prior: (K, G * G + 1), rows sum to 1; the last column is "not visible".
    """

    def __init__(self, grid: Grid, prior: np.ndarray) -> None:
        self.grid = grid
        with np.errstate(divide='ignore'):
            self._log = np.log(np.asarray(prior, dtype=np.float64))
        self.answered = np.zeros(len(prior), dtype=int)
        self.unsure = np.zeros(len(prior), dtype=int)
        self.pictures = 0

    @cached_property
    def table(self) -> np.ndarray:
        """Probabilities (K, G * G + 1); the last column is "not visible"."""
        table = np.exp(self._log - self._log.max(1, keepdims=True))
        return np.asarray(table / table.sum(1, keepdims=True))

    @property
    def mass(self) -> np.ndarray:
        """Probabilities (K, G, G) that a keypoint is visible in a cell."""
        return self.table[:, :-1].reshape(-1, self.grid.cells, self.grid.cells)

    @property
    def hidden(self) -> np.ndarray:
        """Probabilities (K, ) that a keypoint is not visible."""
        return self.table[:, -1]

    @property
    def evidence(self) -> np.ndarray:
        """Logarithm (K, G * G + 1) of the prior times the likelihood of the answers."""
        return self._log

    def update(self, answer: Answer, error: float) -> None:
        """Take an answer of an annotator with this share of wrong answers."""
        error = float(np.clip(error, LEAST_ERROR, 0.5))
        self.pictures += 1
        covers = cover(self.grid, answer.question)
        for (k, tag), inside in zip(answer.tags(), covers, strict=True):
            if is_known(tag):
                right = inside if is_visible(tag) else 1 - inside
                self._log[k] += np.log(error + (1 - 2 * error) * right)
                self.answered[k] += 1
            elif not answer.skipped:
                self.unsure[k] += 1
        for name in ('table', 'places', 'near', '_spectrum'):
            self.__dict__.pop(name, None)

    def information(self, question: Question, error: float) -> float:
        """Expected information of the answers in bits."""
        covers = cover(self.grid, question)
        inside = (self.table[list(question.keypoints)] * covers).sum(1)
        return float(expected_bits(inside, error).sum())

    def best_place(self, k: int, *radii: float) -> tuple[float, float]:
        """The place (x, y) in pixels of a keypoint with the most mass within a radius.

        Args:
            k: The keypoint.
            radii: In pixels, at most 0.2 of the box; the mass is summed over several. The
                default is ``PLACE_RADII`` of the box.
        """
        x, y = self._best(np.array([k]), *radii)[0] if radii else self.places[k]
        return float(x), float(y)

    @cached_property
    def places(self) -> np.ndarray:
        """``best_place`` of all keypoints, (K, 2)."""
        radii = (share * self.grid.size for share in PLACE_RADII)
        return self._best(np.arange(len(self.table)), *radii)

    @cached_property
    def near(self) -> np.ndarray:
        """Probabilities (K, ) that a keypoint lies within ``SETTLED_RADIUS`` of its place."""
        close = self.grid.within(self.places, SETTLED_RADIUS * self.grid.size)
        return np.asarray((self.table[:, :-1] * close).sum(1))

    def near_places(self, keypoints: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
        """Places (n, 2) with the most mass within a radius in pixels, and that mass (n, )."""
        places = self._best(keypoints, radius)
        close = self.grid.within(places, radius)
        return places, (self.table[keypoints, :-1] * close).sum(1)

    def _best(self, keypoints: np.ndarray, *radii: float) -> np.ndarray:
        mass, centres = self.table[keypoints, :-1], self.grid.centres
        places = centres[self.grid.gather(self._spectrum[keypoints], *radii).argmax(1)]
        # The middle of what lies within the radius is better than the middle of a cell.
        part = mass * self.grid.within(places, max(radii))
        moved = part @ centres / np.maximum(part.sum(1, keepdims=True), 1e-300)
        held, before = (
            sum((mass * self.grid.within(at, radius)).sum(1) for radius in radii)
            for at in (moved, places)
        )
        return np.where((held >= before - 0.01)[:, None], moved, places)

    @cached_property
    def _spectrum(self) -> np.ndarray:
        return self.grid.spectrum(self.table[:, :-1])

    def radius90(self, k: int) -> float:
        """Radius in pixels around ``best_place`` that holds 90% of what is visible."""
        far = np.sqrt(((self.grid.centres - self.places[k]) ** 2).sum(1))
        order = far.argsort(kind='stable')
        held = self.table[k, :-1][order].cumsum()
        i = min(int(np.searchsorted(held, 0.9 * held[-1])), len(held) - 1)
        return float(far[order][i])

    @property
    def settled_keypoints(self) -> np.ndarray:
        """Which keypoints are settled, (K, ) bool; none is by a model alone."""
        sure = (self.near >= SETTLED_MASS) | (self.hidden >= SETTLED_MASS)
        return np.asarray(sure & (self.answered > 0))

    def settled(self, k: int) -> bool:
        """Whether a keypoint need not be asked again."""
        return bool(self.settled_keypoints[k])

    @property
    def open_keypoints(self) -> np.ndarray:
        """Indices of the keypoints that may be asked."""
        if self.pictures >= MOST_PICTURES:
            return np.zeros(0, dtype=int)
        return np.flatnonzero(~self.settled_keypoints & (self.unsure < UNSURE))

    @property
    def done(self) -> bool:
        """Whether nothing is left to ask."""
        return not len(self.open_keypoints)

    @property
    def bits(self) -> np.ndarray:
        """Entropy (K, ) of the keypoints in bits."""
        p = self.table
        return -(p * np.log2(np.maximum(p, 1e-300))).sum(1)


def cover(grid: Grid, question: Question) -> np.ndarray:
    """Where the answer "visible" puts each asked keypoint: (asked, G * G + 1) in [0, 1]."""
    if question.kind == 'confirm':
        rows = np.stack([grid.circle_cover(x, y, r) for _, x, y, r in question.circles])
    elif question.kind == 'window':
        rows = np.tile(grid.window_cover(question.window), (len(question.keypoints), 1))
    else:
        rows = np.ones((len(question.keypoints), grid.cells**2))
    return np.concatenate([rows, np.zeros((len(rows), 1))], 1)
