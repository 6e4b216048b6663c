"""Shapes of the neck, the hair and the face.

The head is an ellipsoid. The face is the part of its surface around the viewing direction of the
head; where that surface turns away from the viewer, hair is seen. Eyes, nose, mouth and ears sit
on the surface, so profile and back views come out by themselves.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from .body import Body
from .shapes import Shape, polygon
from .wardrobe import Outfit, scale

_RING = np.linspace(0, 2 * np.pi, 17)[:-1]
_DISC = np.stack((np.cos(_RING), np.sin(_RING)), axis=1)


def _cap(direction: tuple[float, float, float], degrees: float) -> np.ndarray:
    """Ring of unit vectors at an angle around a direction, shape (16, 3)."""
    axis = np.array(direction) / np.linalg.norm(direction)
    first = np.cross(axis, (0.0, 1.0, 0.001))
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    angle = np.radians(degrees)
    spread = _DISC[:, :1] * first + _DISC[:, 1:] * second
    return np.cos(angle) * axis + np.sin(angle) * spread


#: Face, and the region that a cap or hat covers, in axes of the head (left, up, forward).
_FACE = _cap((0.0, -0.28, 1.0), 66)
_HAT = _cap((0.0, 1.0, -0.15), 68)

#: Centres on the unit sphere: eyes, mouth, ears; the nose stands out. Left side first.
EYES = np.array(((0.40, 0.05, 0.90), (-0.40, 0.05, 0.90)))
EARS = np.array(((1.08, -0.05, 0.05), (-1.08, -0.05, 0.05)))
NOSE = np.array((0.0, -0.22, 1.1))
_MOUTH = np.array(((0.28, -0.58, 0.76), (0.0, -0.66, 0.80), (-0.28, -0.58, 0.76)))


def head_points(body: Body, local: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place points given on the unit sphere of the head.

    Args:
        body (Body): The posed body.
        local (np.ndarray): Left, up, forward on the unit sphere, shape (N, 3).

    Returns:
        tuple[np.ndarray, np.ndarray]: Points in viewer axes, shape (N, 3), and how far each one's
        surface turns to the viewer, shape (N,), 1 straight at the viewer, negative away.
    """
    half = np.array(
        (
            body.build.head_width,
            body.build.head_height,
            0.5 * (body.build.head_width + body.build.head_height),
        )
    )
    points = body['head'] + (local * half) @ body.head.T
    normals = (local / half) @ body.head.T
    return points, normals[:, 2] / np.linalg.norm(normals, axis=1)


def _region(body: Body, ring: np.ndarray) -> np.ndarray | None:
    """Visible outline of a ring of surface points; what lies behind is moved to the silhouette."""
    half = np.array(
        (
            body.build.head_width,
            body.build.head_height,
            0.5 * (body.build.head_width + body.build.head_height),
        )
    )
    turned = ring @ body.head.T
    if turned[:, 2].max() < 0.05:
        return None
    hidden = turned[:, 2] < 0
    if hidden.any():
        flat = turned[hidden]
        flat[:, 2] = 0
        flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
        turned[hidden] = flat
    return body['head'] + ((turned @ body.head) * half) @ body.head.T


def head_shapes(
    body: Body,
    outfit: Outfit,
    project: Callable[[np.ndarray], np.ndarray],
    size: float,
    neck_part: int,
    head_part: int,
) -> list[Shape]:
    """Shapes of neck and head.

    Args:
        body (Body): The posed body.
        outfit (Outfit): Clothes and colours.
        project (Callable): From viewer axes (N, 3) to pixels (N, 2).
        size (float): Pixels per unit.
        neck_part (int): Number of the neck in the part map.
        head_part (int): Number of the head in the part map.

    Returns:
        list[Shape]: In painting order where depths are equal.
    """
    build = body.build
    neck, centre = body['neck'], body['head']
    z = float(centre[2]) + 0.02
    shapes = []
    p, q = project(neck), project(0.35 * neck + 0.65 * centre)
    along = q - p
    across = np.array((-along[1], along[0])) / max(float(np.hypot(*along)), 1e-6)
    width = 0.030 * (0.5 + 0.5 * build.girth) * size
    column = np.array(
        (
            p - across * width * 1.15,
            p + across * width * 1.15,
            q + across * width,
            q - across * width,
        )
    )
    shapes.append(
        Shape(float(neck[2]) + 0.004, polygon(column), scale(outfit.skin, 0.92), neck_part)
    )
    # The silhouette of an ellipsoid is an ellipse: its matrix is the projection of the half axes.
    depth = 0.5 * (build.head_width + build.head_height)
    axes = body.head[:2] * (build.head_width, build.head_height, depth)
    values, vectors = np.linalg.eigh(axes @ axes.T)
    silhouette = (_DISC * np.sqrt(values)) @ vectors.T
    base = outfit.skin if outfit.bald else outfit.hair
    middle = project(centre)
    outline = middle + silhouette * (size, -size)
    if outfit.long_hair:
        back = centre - 0.3 * body.head[:, 2] * depth
        low = back - body.head[:, 1] * build.head_height * outfit.long_hair
        hair = np.concatenate(
            (
                project(back) + silhouette * (1.08 * size, -1.08 * size),
                project(low) + silhouette * (0.8 * size, -0.8 * size),
            )
        )
        hull = cv2.convexHull(hair.astype(np.float32))[:, 0]
        # Behind neck and shoulders from the front, over them from the back.
        facing = body.head[2, 2] > -0.2
        behind = min(z, float(neck[2])) - 0.02 if facing else z + 0.03
        shapes.append(Shape(behind, polygon(hull), outfit.hair, head_part))
    shapes.append(Shape(z, polygon(outline), base, head_part))
    face = _region(body, _FACE)
    if face is not None and not outfit.bald:
        shapes.append(Shape(z + 0.001, polygon(project(face)), outfit.skin, head_part, False))
    if outfit.hat is not None:
        cover = _region(body, _HAT)
        if cover is not None:
            shapes.append(Shape(z + 0.002, polygon(project(cover)), outfit.hat, head_part))
    shapes += _features(body, outfit, project, size, head_part, z)
    return shapes


def _features(
    body: Body, outfit: Outfit, project, size: float, part: int, z: float
) -> list[Shape]:
    unit = body.build.head_width * size
    local = np.concatenate((EYES, EARS, NOSE[None], _MOUTH))
    points, facing = head_points(body, local)
    flat = project(points)
    dark = (30.0, 25.0, 25.0)
    shapes = []
    for i in (0, 1):
        if facing[i] > 0.12:
            squeeze = (0.35 + 0.65 * facing[i]) * unit
            white = polygon(flat[i] + _DISC * (0.24 * squeeze))
            pupil = polygon(flat[i] + _DISC * (0.14 * squeeze))
            shapes.append(Shape(z + 0.004, white, (235.0, 235.0, 235.0), part, False))
            shapes.append(Shape(z + 0.005, pupil, dark, part, False))
    for i in (2, 3):
        if facing[i] > -0.28:
            ear = polygon(flat[i] + _DISC * (0.22 * unit))
            shapes.append(Shape(z + 0.003, ear, scale(outfit.skin, 0.85), part))
    if facing[4] > -0.25:
        bridge = 0.75 * points[4] + 0.25 * body['head'] + body.head[:, 1] * 0.02
        nose = np.stack((project(bridge), flat[4] + (0.0, 0.0)))
        ring = np.concatenate((nose[:1] + _DISC * (0.06 * unit), nose[1:] + _DISC * (0.13 * unit)))
        hull = cv2.convexHull(ring.astype(np.float32))[:, 0]
        shapes.append(Shape(z + 0.006, polygon(hull), scale(outfit.skin, 0.78), part, False))
    if facing[6] > 0.05:
        lips = polygon(np.concatenate((flat[5:8], flat[6:7] + (flat[6] - flat[4]) * 0.25)))
        shapes.append(Shape(z + 0.004, lips, (60.0, 60.0, 150.0), part, False))
    return shapes
