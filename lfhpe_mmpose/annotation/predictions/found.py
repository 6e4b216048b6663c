"""A predicted person, and the tags of probabilities."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN


@dataclass(frozen=True)
class PredictedPerson:
    """What a model found of one person.

    Attributes:
        image: Entry ``images`` of a tag file.
        number: Id of the person.
        bbox: [x, y, width, height] in pixels.
        score: Of the box, in [0, 1].
        keypoints: Pixels of the image, (K, 2).
        scores: Of the keypoints, in [0, 1], (K, ).
        probs: Probabilities (K, ) that they are visible, if known.
    """

    image: dict[str, Any]
    number: int | str
    bbox: list[float]
    score: float
    keypoints: np.ndarray
    scores: np.ndarray
    probs: np.ndarray | None = None


def tags_of_probabilities(probs: np.ndarray, sure: float) -> list[int]:
    """Make tags of probabilities (K, ) that a keypoint is visible.

    It is visible from ``sure`` (above 0.5, at most 1) on, not visible up to 1 - ``sure``, else
    unknown.

    Raises:
        UserError: If ``sure`` is out of range.
    """
    if not 0.5 < sure <= 1:
        raise UserError(
            'option', '--sure', f'{sure:g} is out of range.', 'Give a probability in (0.5, 1].'
        )
    return [SEEN if p >= sure else ABSENT if p <= 1 - sure else UNKNOWN for p in probs]
