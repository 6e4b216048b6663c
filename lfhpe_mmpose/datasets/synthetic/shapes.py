"""Filled outlines with a depth, and their painting."""

from __future__ import annotations

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


def polygon(points: np.ndarray) -> np.ndarray:
    """Round pixels to OpenCV's fixed-point form.

    Args:
        points (np.ndarray): Pixels, shape (..., 2). The centre of the top left pixel is (0, 0).

    Returns:
        np.ndarray: int32, the same shape.
    """
    return np.rint(points * (1 << SHIFT)).astype(np.int32)


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
