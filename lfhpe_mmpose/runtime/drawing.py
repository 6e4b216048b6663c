"""Skeletons on a picture, by OpenCV alone."""

from collections.abc import Sequence

import cv2
import numpy as np

from .results import FoundPerson

# BGR; both stand out on photographs, also for the colour-blind.
_LIMB, _POINT, _EDGE = (235, 145, 40), (60, 220, 255), (0, 0, 0)


def draw_persons(
    image: np.ndarray,
    persons: Sequence[FoundPerson],
    skeleton: Sequence[Sequence[int]],
    threshold: float,
) -> np.ndarray:
    """Draw keypoints of at least a score, and the limbs between them.

    Args:
        image: BGR uint8 (H, W, 3); it is not changed.
        persons: Who is drawn.
        skeleton: Limbs as pairs of indices of keypoints.
        threshold: Minimum score.

    Returns:
        BGR uint8 (H, W, 3).
    """
    picture = image.copy()
    for person in persons:
        size = max(*(person.box[2:] - person.box[:2]), 1.0)
        thick = max(1, round(size / 100))
        shown = person.scores >= threshold
        places = [tuple(map(int, np.round(point))) for point in person.keypoints]
        for a, b in skeleton:
            if shown[a] and shown[b]:
                cv2.line(picture, places[a], places[b], _LIMB, thick, cv2.LINE_AA)
        for k in np.flatnonzero(shown):
            cv2.circle(picture, places[k], thick + 2, _EDGE, -1, cv2.LINE_AA)
            cv2.circle(picture, places[k], thick + 1, _POINT, -1, cv2.LINE_AA)
    return picture
