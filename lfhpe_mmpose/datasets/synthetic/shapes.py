"""Filled outlines with a depth, their projection and painting.

Every shape is painted twice: antialiased into the picture, and with hard edges into the part
map, which gives a keypoint's visibility.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from .wardrobe import Colour

#: Fractional bits of the coordinates that OpenCV's drawing functions are given.
SHIFT = 4


class Shape(NamedTuple):
    """One convex outline.

    ``depth`` grows towards the viewer; ``points`` are fixed-point pixels, int32 (N, 2), made by
    ``polygon``; ``part`` is the number in the part map.
    """

    depth: float
    points: np.ndarray
    colour: Colour
    part: int
    outlined: bool = True


@dataclass
class View:
    """Where the body stands in the picture: ``pixel = centre + size * (x, -y)``."""

    centre: tuple[float, float]
    size: float

    def project(self, points: np.ndarray) -> np.ndarray:
        """Project points (..., 3) to pixels (..., 2)."""
        flat = points[..., :2] * (self.size, -self.size)
        return flat + self.centre


def polygon(points: np.ndarray) -> np.ndarray:
    """Round pixels (..., 2) to OpenCV's fixed-point form; (0, 0) is the centre of a pixel."""
    return np.rint(points * (1 << SHIFT)).astype(np.int32)


def convex_hull(points: np.ndarray) -> np.ndarray:
    """Convex hull of pixels (..., 2), float32 (M, 2), in order around the outline."""
    return cv2.convexHull(points.reshape(-1, 2).astype(np.float32))[:, 0]


def paint(image: np.ndarray, parts: np.ndarray, shape: Shape) -> None:
    """Paint a shape into the picture, and its number into the part map, both in place."""
    points, colour = shape.points, shape.colour
    cv2.fillConvexPoly(image, points, colour, cv2.LINE_AA, SHIFT)
    if shape.outlined:
        b, g, r = colour
        edge = (0.55 * b, 0.55 * g, 0.55 * r)
        cv2.polylines(image, [points], True, edge, 1, cv2.LINE_AA, SHIFT)
    cv2.fillConvexPoly(parts, points, shape.part, cv2.LINE_8, SHIFT)
