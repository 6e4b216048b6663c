"""What is believed of a person before the first answer: flat, or a model's maps.

A confident wrong model must be overruled by few answers. The belief is therefore a mixture of what
the model says of the keypoint, of its partner on the other side, of all keypoints (the body), and
of flat. Temperature and weights make the answers that were given most likely.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from lfhpe_mmpose.tags.located import person_hash

from .answers import Answer
from .belief import Belief
from .grid import Grid
from .maps import ModelMaps
from .questions import Person

# Answered persons that a model's maps are fitted on.
FIT_PERSONS = 50
# Share of keypoints that are not visible, before any answer, counted as this many persons.
HIDDEN = 0.1
_WEIGHT = 10.0
# A keypoint may lie outside an image only by an error of the box.
_OUTSIDE = 1e-6
TEMPERATURES = (0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
# Before any answer: own map, partner's, body, flat; counted as this many answered keypoints.
_TEMPERATURE = 0.5
_MIXTURE = (0.6, 0.1, 0.1, 0.2)
_MIXTURE_WEIGHT = 20.0
_ROUNDS = 30
# Of a map whose highest cell is 1.
_LEAST = 1e-4


class Prior:
    """Makes the first belief of persons.

    Args:
        keypoints: Number of keypoints K.
        maps: A model's maps.
        partners: Index of each keypoint's mirror image (K, ), its own if it has none.

    Attributes:
        hidden: Share of persons (K, ) that do not show a keypoint.
        temperature: Above 1 flattens the model's maps.
        mixture: Weights of a keypoint's own map, its partner's, the body, and flat.
    """

    def __init__(
        self,
        keypoints: int,
        maps: ModelMaps | None = None,
        partners: Sequence[int] | None = None,
    ) -> None:
        self.hidden = np.full(keypoints, HIDDEN)
        self.maps = maps
        self.temperature, self.mixture = _TEMPERATURE, np.array(_MIXTURE)
        self._partners = list(range(keypoints) if partners is None else partners)

    def belief(self, person: Person, grid: Grid) -> Belief:
        """Belief about a person without an answer."""
        return Belief(grid, self.table(person, grid))

    def table(self, person: Person, grid: Grid) -> np.ndarray:
        """Probabilities (K, G * G + 1) of a person without an answer."""
        flat = self.flat(grid)
        if self.maps is None or person not in self.maps:
            return flat
        guesses = self._guesses(self.maps, person, grid, self.temperature)
        return np.asarray(np.tensordot(self.mixture, [*guesses, flat], 1))

    def flat(self, grid: Grid) -> np.ndarray:
        """Every cell of the image alike: (K, G * G + 1)."""
        cells = np.maximum(grid.inside_image, _OUTSIDE)
        places = np.tile(cells / cells.sum(), (len(self.hidden), 1))
        hidden = self.hidden[:, None]
        return np.concatenate([places * (1 - hidden), hidden], 1)

    def learn_hidden(self, hidden: np.ndarray, persons: int) -> None:
        """Learn how often keypoints are not visible.

        Args:
            hidden: Number of persons (K, ) that were said not to show a keypoint.
            persons: Number of persons that are done.
        """
        self.hidden = (HIDDEN * _WEIGHT + hidden) / (_WEIGHT + np.maximum(persons, hidden))

    def fit(self, answered: Iterable[tuple[Person, Grid, np.ndarray]]) -> None:
        """Fit temperature and mixture to answered persons.

        Args:
            answered: Person, grid and the logarithm (K, G * G + 1) of how likely its answers are
                with each keypoint in each cell.
        """
        if self.maps is None:
            return
        # Likelihood of each answered keypoint under each part of the mixture.
        rows: dict[float, list[np.ndarray]] = {t: [] for t in TEMPERATURES}
        for person, grid, evidence in answered:
            told = np.ptp(evidence, 1) > 0
            if person not in self.maps or not told.any():
                continue
            likely = np.exp(evidence - evidence.max(1, keepdims=True))[told]
            flat = self.flat(grid)
            for temperature in TEMPERATURES:
                guesses = self._guesses(self.maps, person, grid, temperature)
                parts = [(part[told] * likely).sum(1) for part in (*guesses, flat)]
                rows[temperature].append(np.stack(parts, 1))
        if not rows[_TEMPERATURE]:
            return
        fits = {t: _fit_mixture(np.concatenate(parts)) for t, parts in rows.items()}
        self.temperature = max(TEMPERATURES, key=lambda t: fits[t][1])
        self.mixture = fits[self.temperature][0]

    def _guesses(
        self, maps: ModelMaps, person: Person, grid: Grid, temperature: float
    ) -> list[np.ndarray]:
        """What a model says of each keypoint, its partner and the body: (K, G * G + 1) each."""
        places = np.maximum(maps.maps(person), _LEAST) ** (1 / temperature)
        places *= np.maximum(grid.inside_image, _OUTSIDE)
        places /= places.sum(1, keepdims=True)
        body = np.broadcast_to(places.mean(0), places.shape)
        visible = np.clip(maps.visible(person), 0.02, 0.98)[:, None]
        return [
            np.concatenate([visible * part, 1 - visible], 1)
            for part in (places, places[self._partners], body)
        ]


def fit_evidence(
    grids: Callable[[Person], Grid],
    keypoints: int,
    persons: Iterable[Person],
    about: Callable[[Person], Iterable[tuple[Answer, float]]],
    most: int = FIT_PERSONS,
) -> Iterator[tuple[Person, Grid, np.ndarray]]:
    """What the answers say of a fixed choice of persons, for ``Prior.fit``.

    Args:
        grids: The cells of a person.
        keypoints: Number of keypoints K.
        persons: Who was answered about. The choice does not depend on their order.
        about: The answers about a person, each with its annotator's share of wrong ones.
        most: Number of persons.
    """
    chosen = sorted(persons, key=lambda person: person_hash(0, 0, person, 'fit'))[:most]
    for person in chosen:
        grid = grids(person)
        belief = Belief(grid, np.ones((keypoints, grid.cells**2 + 1)))
        for answer, error in about(person):
            belief.update(answer, error)
        yield person, grid, belief.evidence


def _fit_mixture(likely: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights of a mixture by expectation maximisation, and the score of the answers.

    Args:
        likely: Likelihood (N, parts) of each keypoint's answers under each part.
    """
    start = np.array(_MIXTURE)
    weights = start
    for _ in range(_ROUNDS):
        share = weights * likely
        share /= share.sum(1, keepdims=True)
        weights = (share.sum(0) + _MIXTURE_WEIGHT * start) / (len(likely) + _MIXTURE_WEIGHT)
    score = np.log(likely @ weights).sum() + _MIXTURE_WEIGHT * (start * np.log(weights)).sum()
    return weights, float(score)
