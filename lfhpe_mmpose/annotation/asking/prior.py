"""What is believed of a person before the first answer: flat, or a model's maps."""

import numpy as np

from .belief import Belief
from .grid import Grid
from .maps import ModelMaps
from .questions import Person

# Share of keypoints that are not visible, before any answer, counted as this many persons.
HIDDEN = 0.1
_WEIGHT = 10.0
# A keypoint may lie outside an image only by an error of the box.
_OUTSIDE = 1e-6


class Prior:
    """Makes the first belief of persons.

    Args:
        keypoints: Number of keypoints K.
        maps: A model's maps.
    """

    def __init__(self, keypoints: int, maps: ModelMaps | None = None) -> None:
        self.hidden = np.full(keypoints, HIDDEN)
        self.maps = maps

    def belief(self, person: Person, grid: Grid) -> Belief:
        """Belief about a person without an answer."""
        return Belief(grid, self.flat(grid))

    def flat(self, grid: Grid) -> np.ndarray:
        """Every cell of the image alike: (K, G * G + 1)."""
        cells = np.maximum(grid.inside_image, _OUTSIDE)
        flat = np.tile(cells / cells.sum(), (len(self.hidden), 1))
        return self._table(flat, self.hidden)

    def learn(self, hidden: np.ndarray, persons: int) -> None:
        """Learn how often keypoints are not visible.

        Args:
            hidden: Number of persons (K, ) that were said not to show a keypoint.
            persons: Number of persons that are done.
        """
        self.hidden = (HIDDEN * _WEIGHT + hidden) / (_WEIGHT + np.maximum(persons, hidden))

    @staticmethod
    def _table(places: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        return np.concatenate([places * (1 - hidden[:, None]), hidden[:, None]], 1)
