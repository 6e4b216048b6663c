"""One predicted person, and when a probability is a tag."""

from dataclasses import dataclass

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN


@dataclass(frozen=True)
class PredictedPerson:
    """What a model found of one person.

    Attributes:
        image (dict): Entry ``images`` of a tag file.
        number (int | str): Id of the person.
        bbox (list[float]): [x, y, width, height] in pixels.
        score (float): Of the box, in [0, 1].
        keypoints (np.ndarray): Pixels of the image, (K, 2).
        scores (np.ndarray): Of the keypoints, in [0, 1], (K, ).
        probs (np.ndarray | None): Probabilities (K, ) that they can be seen, if known.
    """

    image: dict
    number: int | str
    bbox: list[float]
    score: float
    keypoints: np.ndarray
    scores: np.ndarray
    probs: np.ndarray | None = None


def tags_of_probabilities(probs: np.ndarray, sure: float) -> list[int]:
    """Make tags of probabilities.

    Args:
        probs (np.ndarray): Probabilities (K, ) that a keypoint can be seen.
        sure (float): From this probability on it is seen, up to 1 - ``sure`` it is not, and
            between them nothing is said. Above 0.5, at most 1.

    Returns:
        list[int]: K tags.

    Raises:
        UserError: If ``sure`` is out of range.
    """
    if not 0.5 < sure <= 1:
        raise UserError(f'--sure is {sure:g}; give a probability above 0.5, at most 1.')
    return [SEEN if p >= sure else ABSENT if p <= 1 - sure else UNKNOWN for p in probs]
