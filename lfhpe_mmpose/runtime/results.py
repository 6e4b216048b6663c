"""What a predictor finds in an image; the same for PyTorch and for exported models."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class FoundPerson:
    """The keypoints of a person.

    Attributes:
        keypoints: (K, 2) in pixels of the image.
        scores: (K,).
        probs: Probabilities (K,) that the keypoints are visible; None if the model has none.
        box: x1, y1, x2, y2 in pixels.
        box_score: Score of the box; 1 for a box that was given.
        sample: MMPose's ``PoseDataSample``, from ``PosePredictor``; None from an exported model.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    probs: np.ndarray | None
    box: np.ndarray
    box_score: float = 1.0
    sample: Any = field(default=None, repr=False, compare=False)


@dataclass
class ImagePoses:
    """The persons of one image.

    Attributes:
        index: Place of the image in the input, from 0.
        image: The file; None for an array.
        size: Width and height in pixels; None for a damaged image.
        persons: Who was found; the best box first.
        error: Why the image could not be used; empty for a good one.
        warning: What may be wrong with its pixels; empty for a good one.
        pixels: BGR uint8 (H, W, 3), if the predictor keeps it.
    """

    index: int
    image: str | None
    size: tuple[int, int] | None = None
    persons: list[FoundPerson] = field(default_factory=list)
    error: str = ''
    warning: str = ''
    pixels: np.ndarray | None = None
