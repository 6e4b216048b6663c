"""The trunk: elliptic cross-sections joined by their hull, with stripes, badge, collar and skirt.

To add something worn on the trunk, append a ``Shape`` in ``trunk_shapes``.
"""

from __future__ import annotations

import numpy as np

from .body import Body
from .parts import PART
from .shapes import Shape, View, convex_hull, polygon
from .wardrobe import Outfit

_CIRCLE = np.linspace(0, 2 * np.pi, 11)[:-1]


def _rings(centres: np.ndarray, frames: list[np.ndarray], axes: np.ndarray) -> np.ndarray:
    """Elliptic cross-sections, shape (rings, points, 3); ``axes`` are half-width and -depth."""
    circle = np.stack((np.cos(_CIRCLE), np.sin(_CIRCLE)), axis=1)
    rings = []
    for centre, frame, axis in zip(centres, frames, axes):
        rings.append(centre + (circle * axis) @ frame[:, (0, 2)].T)
    return np.array(rings)


def trunk_shapes(body: Body, outfit: Outfit, view: View) -> list[Shape]:
    """Shapes of chest, pelvis and what is worn on them, unordered."""
    build, chest, pelvis = body.build, body.chest, body.pelvis
    g = build.girth
    neck, waist = body['neck'], body['waist']
    hips = 0.5 * (body['l_hip'] + body['r_hip'])
    up = chest[:, 1]
    collar, armpit = neck - 0.012 * up, neck - 0.075 * up
    waist_width = 0.5 * (build.shoulder + build.hip) * (0.72 + 0.14 * g)
    waist_depth = 0.048 * (0.4 + 0.6 * g)
    rings = _rings(
        np.array((collar, armpit, waist, waist, hips)),
        [chest, chest, chest, pelvis, pelvis],
        np.array(
            (
                (0.8 * build.shoulder, 0.04),
                (build.shoulder, 0.052 * (0.5 + 0.5 * g)),
                (waist_width, waist_depth),
                (waist_width, waist_depth),
                (build.hip + 0.036 * g, 0.055 * (0.5 + 0.5 * g)),
            )
        ),
    )
    flat = view.project(rings)
    chest_z, pelvis_z = float(0.5 * (neck + waist)[2]), float(0.5 * (waist + hips)[2])
    shapes = [
        Shape(chest_z, polygon(convex_hull(flat[:3])), outfit.shirt, PART['chest']),
        Shape(pelvis_z, polygon(convex_hull(flat[3:])), outfit.trousers, PART['pelvis']),
    ]
    for stripe in range(outfit.stripes):
        t = (stripe + 0.5) / outfit.stripes
        low, high = flat[1] + (flat[2] - flat[1]) * t, flat[1] + (flat[2] - flat[1]) * (t - 0.12)
        band = polygon(convex_hull(np.concatenate((low, high))))
        shapes.append(Shape(chest_z + 0.001, band, outfit.second, PART['chest'], False))
    front = chest[:, 2]
    if outfit.badge and front[2] > 0.25:
        middle = 0.65 * neck + 0.35 * waist + front * 0.05 * g
        corners = [
            middle + chest[:, 0] * x * 0.05 + up * y * 0.04
            for x, y in ((-1, 1), (1, 1), (0.6, -1), (-0.6, -1))
        ]
        logo = polygon(view.project(np.array(corners)))
        shapes.append(Shape(chest_z + 0.002, logo, outfit.second, PART['chest'], False))
    if front[2] > 0.1:
        throat = neck + front * 0.035
        corners = [
            throat + chest[:, 0] * x * 0.035 + up * y * 0.04
            for x, y in ((-1, 0.4), (1, 0.4), (0, -1))
        ]
        opening = polygon(view.project(np.array(corners)))
        shapes.append(Shape(chest_z + 0.003, opening, outfit.skin, PART['chest'], False))
    if outfit.skirt:
        shapes.append(_skirt(body, outfit, view, rings[4], pelvis_z))
    return shapes


def _skirt(body: Body, outfit: Outfit, view: View, hem: np.ndarray, depth: float) -> Shape:
    points = [view.project(hem)]
    for s in ('l_', 'r_'):
        hip, knee = body[s + 'hip'], body[s + 'knee']
        low = hip + (knee - hip) * outfit.skirt
        size = 0.06 * body.build.girth * view.size
        circle = np.stack((np.cos(_CIRCLE), np.sin(_CIRCLE)), axis=1)
        points.append(view.project(low) + circle * size)
    outline = polygon(convex_hull(np.concatenate(points)))
    thighs = [0.5 * (body[s + 'hip'] + body[s + 'knee'])[2] for s in ('l_', 'r_')]
    z = max(depth, *map(float, thighs)) + 0.0115
    return Shape(z, outline, outfit.trousers, PART['pelvis'])
