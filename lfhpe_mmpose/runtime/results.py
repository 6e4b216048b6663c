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
    """

    keypoints: np.ndarray
    scores: np.ndarray
    probs: np.ndarray | None
    box: np.ndarray
    box_score: float = 1.0


@dataclass
class ImagePoses:
    """The persons of one image.

    Attributes:
        index: Place of the image in the input, from 0.
        image: The file; None for an array.
        size: Width and height in pixels; None for a damaged image.
        persons: ``FoundPerson`` of an exported model, or MMPose's samples as ``infer_persons``
            returns them; the best box first. ``found`` is the same for both.
        error: Why the image could not be used; empty for a good one.
        warning: What may be wrong with its pixels; empty for a good one.
        pixels: BGR uint8 (H, W, 3), if the predictor keeps it.
    """

    index: int
    image: str | None
    size: tuple[int, int] | None = None
    persons: list[Any] = field(default_factory=list)
    error: str = ''
    warning: str = ''
    pixels: np.ndarray | None = None

    def found(self) -> list[FoundPerson]:
        """The persons as ``FoundPerson``."""
        return [p if isinstance(p, FoundPerson) else _of_sample(p) for p in self.persons]


def _of_sample(sample: Any) -> FoundPerson:
    """A person of MMPose's ``PoseDataSample``."""
    found = sample.pred_instances
    probs = np.asarray(found.keypoint_probs[0]) if 'keypoint_probs' in found else None
    return FoundPerson(
        np.asarray(found.keypoints[0]),
        np.asarray(found.keypoint_scores[0]),
        probs,
        np.asarray(found.bboxes[0]),
        float(found.bbox_scores[0]),
    )
