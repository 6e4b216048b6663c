"""Filled outlines with a depth, their projection and painting.

Every shape is painted twice, antialiased into the picture and with hard edges into the part map,
from which the visibility of a keypoint is read.
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

    ``depth`` grows towards the viewer; ``points`` are fixed-point pixels, int32 (N, 2), as made by
    :func:`polygon`; ``part`` is the number painted into the part map.
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
        """Project points of shape (..., 3) to pixels, shape (..., 2)."""
        flat = points[..., :2] * (self.size, -self.size)
        return flat + self.centre


def polygon(points: np.ndarray) -> np.ndarray:
    """Round pixels to OpenCV's fixed-point form.

    Args:
        points (np.ndarray): Pixels, shape (..., 2). The centre of the top left pixel is (0, 0).

    Returns:
        np.ndarray: int32, the same shape.
    """
    return np.rint(points * (1 << SHIFT)).astype(np.int32)


def convex_hull(points: np.ndarray) -> np.ndarray:
    """Convex hull of pixels.

    Args:
        points (np.ndarray): Shape (..., 2).

    Returns:
        np.ndarray: float32, shape (M, 2), in order around the outline.
    """
    return cv2.convexHull(points.reshape(-1, 2).astype(np.float32))[:, 0]


def paint(image: np.ndarray, parts: np.ndarray, shape: Shape) -> None:
    """Paint a shape into the picture (antialiased) and its number into the part map.

    Args:
        image (np.ndarray): uint8 (H, W, 3), changed in place.
        parts (np.ndarray): uint8 (H, W), changed in place.
        shape (Shape): What to paint.
    """
    points, colour = shape.points, shape.colour
    cv2.fillConvexPoly(image, points, colour, cv2.LINE_AA, SHIFT)
    if shape.outlined:
        b, g, r = colour
        edge = (0.55 * b, 0.55 * g, 0.55 * r)
        cv2.polylines(image, [points], True, edge, 1, cv2.LINE_AA, SHIFT)
    cv2.fillConvexPoly(parts, points, shape.part, cv2.LINE_8, SHIFT)
