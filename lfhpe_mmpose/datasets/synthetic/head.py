"""Shapes of the neck, the hair and the face.

The head is an ellipsoid. The face is the part of its surface around the viewing direction of the
head; where that surface turns away from the viewer, hair is seen. Eyes, nose, mouth and ears sit
on the surface, so profile and back views come out by themselves.
"""

from __future__ import annotations

import numpy as np

from .body import Body
from .parts import PART
from .shapes import Shape, View, convex_hull, polygon
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
#: How far a surface must turn to the viewer (see ``head_points``) for a feature to show.
EYE_TURN, EAR_TURN, NOSE_TURN = 0.12, -0.28, -0.2

_MOUTH = np.array(((0.28, -0.58, 0.76), (0.0, -0.66, 0.80), (-0.28, -0.58, 0.76)))


def _half_axes(body: Body) -> np.ndarray:
    """Half the width, height and depth of the head, shape (3,)."""
    width, height = body.build.head_width, body.build.head_height
    return np.array((width, height, 0.5 * (width + height)))


def head_points(body: Body, local: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place points given on the unit sphere of the head (left, up, forward), (N, 3).

    Returns:
        tuple[np.ndarray, np.ndarray]: Points in viewer axes, (N, 3), and how far their surface
        turns to the viewer, (N, ): 1 straight at the viewer, negative away.
    """
    half = _half_axes(body)
    points = body['head'] + (local * half) @ body.head.T
    normals = (local / half) @ body.head.T
    return points, normals[:, 2] / np.linalg.norm(normals, axis=1)


def _region(body: Body, ring: np.ndarray) -> np.ndarray | None:
    """Visible outline of a ring of surface points; what lies behind is moved to the silhouette."""
    half = _half_axes(body)
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


def _neck(body: Body, outfit: Outfit, view: View) -> Shape:
    neck = body['neck']
    p, q = view.project(neck), view.project(0.35 * neck + 0.65 * body['head'])
    along = q - p
    across = np.array((-along[1], along[0])) / max(float(np.hypot(*along)), 1e-6)
    side = across * (0.030 * (0.5 + 0.5 * body.build.girth) * view.size)
    column = polygon(np.array((p - side * 1.15, p + side * 1.15, q + side, q - side)))
    return Shape(float(neck[2]) + 0.004, column, scale(outfit.skin, 0.92), PART['neck'])


def _long_hair(
    body: Body, outfit: Outfit, view: View, silhouette: np.ndarray, depth: float
) -> Shape:
    back = body['head'] - 0.3 * body.head[:, 2] * _half_axes(body)[2]
    low = back - body.head[:, 1] * body.build.head_height * outfit.long_hair
    top, bottom = view.project(back) + 1.08 * silhouette, view.project(low) + 0.8 * silhouette
    # Behind neck and shoulders from the front, over them from the back.
    if body.head[2, 2] > -0.2:
        depth = min(depth, float(body['neck'][2])) - 0.02
    else:
        depth += 0.03
    hull = polygon(convex_hull(np.concatenate((top, bottom))))
    return Shape(depth, hull, outfit.hair, PART['head'])


def head_shapes(body: Body, outfit: Outfit, view: View) -> list[Shape]:
    """Shapes of neck and head, unordered."""
    centre, part = body['head'], PART['head']
    # In front of the chest where depths are equal.
    z = float(centre[2]) + 0.02
    shapes = [_neck(body, outfit, view)]
    # The silhouette of an ellipsoid is an ellipse: its matrix is the projection of the half axes.
    axes = body.head[:2] * _half_axes(body)
    values, vectors = np.linalg.eigh(axes @ axes.T)
    silhouette = (_DISC * np.sqrt(values)) @ vectors.T * (view.size, -view.size)
    if outfit.long_hair:
        shapes.append(_long_hair(body, outfit, view, silhouette, z))
    base = outfit.skin if outfit.bald else outfit.hair
    shapes.append(Shape(z, polygon(view.project(centre) + silhouette), base, part))
    face = _region(body, _FACE)
    if face is not None and not outfit.bald:
        shapes.append(Shape(z + 0.001, polygon(view.project(face)), outfit.skin, part, False))
    if outfit.hat is not None:
        cover = _region(body, _HAT)
        if cover is not None:
            shapes.append(Shape(z + 0.002, polygon(view.project(cover)), outfit.hat, part))
    return shapes + _features(body, outfit, view, z)


def _features(body: Body, outfit: Outfit, view: View, z: float) -> list[Shape]:
    part, unit = PART['head'], body.build.head_width * view.size
    local = np.concatenate((EYES, EARS, NOSE[None], _MOUTH))
    points, facing = head_points(body, local)
    flat = view.project(points)
    dark = (30.0, 25.0, 25.0)
    shapes = []
    for i in (0, 1):
        if facing[i] > EYE_TURN:
            squeeze = (0.35 + 0.65 * facing[i]) * unit
            white = polygon(flat[i] + _DISC * (0.24 * squeeze))
            pupil = polygon(flat[i] + _DISC * (0.14 * squeeze))
            shapes.append(Shape(z + 0.004, white, (235.0, 235.0, 235.0), part, False))
            shapes.append(Shape(z + 0.005, pupil, dark, part, False))
    for i in (2, 3):
        if facing[i] > EAR_TURN:
            ear = polygon(flat[i] + _DISC * (0.22 * unit))
            shapes.append(Shape(z + 0.003, ear, scale(outfit.skin, 0.85), part))
    if facing[4] > -0.25:
        bridge = 0.75 * points[4] + 0.25 * body['head'] + body.head[:, 1] * 0.02
        nose = np.stack((view.project(bridge), flat[4]))
        ring = np.concatenate((nose[:1] + _DISC * (0.06 * unit), nose[1:] + _DISC * (0.13 * unit)))
        hull = convex_hull(ring)
        shapes.append(Shape(z + 0.006, polygon(hull), scale(outfit.skin, 0.78), part, False))
    if facing[6] > 0.05:
        lips = polygon(np.concatenate((flat[5:8], flat[6:7] + (flat[6] - flat[4]) * 0.25)))
        shapes.append(Shape(z + 0.004, lips, (60.0, 60.0, 150.0), part, False))
    return shapes
