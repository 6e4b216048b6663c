"""Where persons were, to know one again who was hidden behind another.

While a person is being covered, the box shrinks and slows down, and a Kalman filter goes on
shrinking it; the box that comes out on the other side fits it no longer. What the person did while
the box was whole tells better (our choice).
"""

from collections import deque

import numpy as np

# Seconds of which the boxes are kept, and for which a person who was lost is remembered.
_KEPT, _REMEMBERED = 2.0, 3.0
# A box counts as whole from this share of the usual area on.
_WHOLE = 0.85
# How far a person may be from the expected place, in heights of the box, and how much smaller.
_FAR, _SMALLER = 0.5, 0.6


class Memory:
    """The boxes of each number in the last seconds."""

    def __init__(self) -> None:
        self._boxes: dict[int, deque[tuple[float, np.ndarray]]] = {}

    def note(self, number: int, box: np.ndarray, time: float) -> None:
        """Remember where a person is.

        Args:
            number: Of the person.
            box: x1, y1, x2, y2 in pixels.
            time: Seconds.
        """
        boxes = self._boxes.setdefault(number, deque())
        boxes.append((time, np.asarray(box, dtype=np.float64)))
        while boxes[0][0] < time - _KEPT:
            boxes.popleft()
        gone = [n for n, b in self._boxes.items() if b[-1][0] < time - _REMEMBERED]
        for number in gone:
            del self._boxes[number]

    def owner(self, box: np.ndarray, time: float, present: set[int]) -> int | None:
        """Who of the lost persons a new box may be.

        Args:
            box: x1, y1, x2, y2 in pixels.
            time: Seconds.
            present: Numbers that are seen now.

        Returns:
            int | None: The number; None for a person who was not seen before.
        """
        best, nearest = None, _FAR
        for number, boxes in self._boxes.items():
            if number in present or boxes[-1][0] < time - _REMEMBERED:
                continue
            place, height = _expected(boxes, time)
            new = float(box[3] - box[1])
            ratio = min(new, height) / max(new, height, 1e-9)
            centre = np.array([box[0] + box[2], box[1] + box[3]]) / 2
            distance = float(np.linalg.norm(centre - place)) / max(height, 1e-9)
            if distance < nearest and ratio > _SMALLER:
                best, nearest = number, distance
        return best


def _expected(boxes: deque[tuple[float, np.ndarray]], time: float) -> tuple[np.ndarray, float]:
    """The centre (2,) at a time, if the person goes on as before, and the height of the box."""
    times = np.array([when for when, _ in boxes])
    corners = np.array([box for _, box in boxes])
    sides = corners[:, 2:] - corners[:, :2]
    areas = sides.prod(axis=1)
    whole = areas >= _WHOLE * np.percentile(areas, 75)
    centres = (corners[:, :2] + corners[:, 2:])[whole] / 2
    height = float(np.median(sides[whole, 1]))
    since = times[whole] - time
    if np.ptp(since) < 0.2:
        return centres[-1], height
    return np.polyfit(since, centres, 1)[1], height
