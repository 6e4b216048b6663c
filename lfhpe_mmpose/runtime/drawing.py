"""Skeletons on a picture, by OpenCV alone."""

from collections.abc import Sequence

import cv2
import numpy as np

from .results import FoundPerson

# BGR; both stand out on photographs, also for the colour-blind.
_LIMB, _POINT, _EDGE = (235, 145, 40), (60, 220, 255), (0, 0, 0)
# Of numbered persons, in turn: blue, orange, green, vermilion, sky blue, pink (Okabe and Ito).
_NUMBERED = (
    *((178, 114, 0), (0, 159, 230), (115, 158, 0)),
    *((0, 94, 213), (233, 180, 86), (167, 121, 204)),
)


def draw_persons(
    image: np.ndarray,
    persons: Sequence[FoundPerson],
    skeleton: Sequence[Sequence[int]],
    threshold: float,
    numbers: Sequence[int | None] | None = None,
) -> np.ndarray:
    """Draw keypoints of at least a score, and the limbs between them.

    Args:
        image: BGR uint8 (H, W, 3); it is not changed.
        persons: Who is drawn.
        skeleton: Limbs as pairs of indices of keypoints.
        threshold: Minimum score.
        numbers: A number for each person, which is written at the box and chooses the colour.

    Returns:
        BGR uint8 (H, W, 3).
    """
    picture = image.copy()
    for person, number in zip(persons, numbers or [None] * len(persons)):
        limb = _LIMB if number is None else _NUMBERED[number % len(_NUMBERED)]
        size = max(*(person.box[2:] - person.box[:2]), 1.0)
        thick = max(1, round(size / 100))
        shown = person.scores >= threshold
        places = [tuple(map(int, np.round(point))) for point in person.keypoints]
        for a, b in skeleton:
            if shown[a] and shown[b]:
                cv2.line(picture, places[a], places[b], limb, thick, cv2.LINE_AA)
        for k in np.flatnonzero(shown):
            cv2.circle(picture, places[k], thick + 2, _EDGE, -1, cv2.LINE_AA)
            cv2.circle(picture, places[k], thick + 1, _POINT, -1, cv2.LINE_AA)
        if number is not None:
            _write(picture, str(number), person.box, limb)
    return picture


def _write(picture: np.ndarray, text: str, box: np.ndarray, colour: tuple[int, int, int]) -> None:
    """Write at the upper left corner of a box, inside the picture."""
    scale = max(picture.shape[0], 240) / 600
    thick = max(1, round(2 * scale))
    (_, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    corner = max(0, round(float(box[0]))), max(height + 2, round(float(box[1])))
    for line, shade in ((3 * thick, (255, 255, 255)), (thick, colour)):
        cv2.putText(
            picture, text, corner, cv2.FONT_HERSHEY_SIMPLEX, scale, shade, line, cv2.LINE_AA
        )
