"""Paint a posed body: shapes in order of depth, into the picture and into a map of part numbers.

Every shape is painted twice, antialiased into the picture and with hard edges into the part map,
from which the visibility of a keypoint is read. To add a shape, append a ``Shape`` in one of the
functions below; its part number says to which part of the body it belongs.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import NamedTuple

import cv2
import numpy as np

from .body import ROW, Body
from .head import head_shapes
from .poses import LEFT, RIGHT
from .shapes import Shape, paint, polygon
from .wardrobe import Colour, Outfit, scale

#: Numbers in the part map; 0 is the background. Pairs are left, right.
PARTS = (
    'background',
    'pelvis',
    'chest',
    'neck',
    'head',
    'l_upper_arm',
    'r_upper_arm',
    'l_forearm',
    'r_forearm',
    'l_hand',
    'r_hand',
    'l_thigh',
    'r_thigh',
    'l_shin',
    'r_shin',
    'l_foot',
    'r_foot',
)
PART = {name: number for number, name in enumerate(PARTS)}

_ARC = np.linspace(-np.pi / 2, np.pi / 2, 6)
_CIRCLE = np.linspace(0, 2 * np.pi, 11)[:-1]


class Limb(NamedTuple):
    """A tapered capsule between two points of the body's joint array.

    ``a`` and ``b`` are the ends as shares of the way from ``start`` to ``end``.
    """

    start: str
    end: str
    a: float
    b: float
    radius_a: float
    radius_b: float
    part: int
    colour: Colour
    lift: float
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


def _limbs(body: Body, outfit: Outfit, shade: list[float]) -> list[Limb]:
    g = body.build.girth
    limbs = []
    for s, prefix in ((LEFT, 'l_'), (RIGHT, 'r_')):
        light = shade[s]
        skin, cloth = scale(outfit.skin, light), scale(outfit.shirt, light)
        trousers = scale(outfit.trousers, light)
        hand = scale(outfit.gloves, light) if outfit.gloves else skin
        shoe = scale(outfit.shoes, light)
        upper, fore = PART['l_upper_arm'] + s, PART['l_forearm'] + s
        thigh, shin = PART['l_thigh'] + s, PART['l_shin'] + s
        palm, foot = PART['l_hand'] + s, PART['l_foot'] + s
        shoulder, elbow, wrist = prefix + 'shoulder', prefix + 'elbow', prefix + 'wrist'
        hip, knee, ankle = prefix + 'hip', prefix + 'knee', prefix + 'ankle'
        r_shoulder, r_elbow, r_wrist = 0.034 * g, 0.025 * g, 0.017 * g
        r_hip, r_knee, r_ankle = 0.051 * g, 0.036 * g, 0.023 * g
        full_sleeve, full_leg = outfit.sleeve >= 2, outfit.leg >= 2
        upper_colour = cloth if full_sleeve else skin
        limbs.append(Limb(shoulder, elbow, 0, 1, r_shoulder, r_elbow, upper, upper_colour, 0.03))
        if 0 < outfit.sleeve < 2:
            end = outfit.sleeve
            limbs.append(
                Limb(
                    shoulder,
                    elbow,
                    0,
                    end,
                    1.12 * r_shoulder,
                    1.1 * r_shoulder,
                    upper,
                    cloth,
                    0.031,
                )
            )
        limbs.append(Limb(elbow, wrist, 0, 1, r_elbow, r_wrist, fore, upper_colour, 0.032))
        limbs.append(
            Limb(
                elbow,
                wrist,
                0,
                0.04,
                0.5 * r_elbow,
                0.5 * r_elbow,
                fore,
                scale(upper_colour, 0.86),
                0.033,
                False,
            )
        )
        limbs.append(
            Limb(wrist, prefix + 'hand', 0.1, 0.8, r_wrist, 1.2 * r_wrist, palm, hand, 0.034)
        )
        limbs.append(
            Limb(
                wrist, prefix + 'thumb', 0.2, 1, 0.6 * r_wrist, 0.45 * r_wrist, palm, hand, 0.0345
            )
        )
        leg_colour = trousers if full_leg else skin
        limbs.append(Limb(hip, knee, 0, 1, r_hip, r_knee, thigh, leg_colour, 0.01))
        if not full_leg:
            limbs.append(
                Limb(
                    hip,
                    knee,
                    0,
                    outfit.leg,
                    1.08 * r_hip,
                    1.15 * r_hip - 0.012 * outfit.leg,
                    thigh,
                    trousers,
                    0.011,
                )
            )
        limbs.append(Limb(knee, ankle, 0, 1, r_knee, r_ankle, shin, leg_colour, 0.012))
        limbs.append(
            Limb(
                knee,
                ankle,
                0,
                0.04,
                0.5 * r_knee,
                0.5 * r_knee,
                shin,
                scale(leg_colour, 0.86),
                0.013,
                False,
            )
        )
        limbs.append(Limb(prefix + 'heel', prefix + 'toe', 0, 1, 0.024, 0.02, foot, shoe, 0.014))
    return limbs


def _limb_shapes(body: Body, limbs: list[Limb], view: View) -> list[Shape]:
    starts = body.joints[[ROW[limb.start] for limb in limbs]]
    ends = body.joints[[ROW[limb.end] for limb in limbs]]
    numbers = np.array([(m.a, m.b, m.radius_a, m.radius_b) for m in limbs])
    a, b = numbers[:, :1], numbers[:, 1:2]
    first, last = starts + (ends - starts) * a, starts + (ends - starts) * b
    p, q = view.project(first), view.project(last)
    along = np.arctan2(q[:, 1] - p[:, 1], q[:, 0] - p[:, 0])[:, None]
    far, near = along + _ARC, along + np.pi + _ARC
    radii = numbers[:, 2:] * view.size
    outline = np.empty((len(limbs), 2 * len(_ARC), 2))
    half = len(_ARC)
    outline[:, :half, 0] = q[:, :1] + np.cos(far) * radii[:, 1:]
    outline[:, :half, 1] = q[:, 1:] + np.sin(far) * radii[:, 1:]
    outline[:, half:, 0] = p[:, :1] + np.cos(near) * radii[:, :1]
    outline[:, half:, 1] = p[:, 1:] + np.sin(near) * radii[:, :1]
    points = polygon(outline)
    # The order follows the whole limb, so that a sleeve lies on its arm.
    depth = 0.5 * (starts[:, 2] + ends[:, 2])
    return [
        Shape(float(z) + limb.lift, outlined, limb.colour, limb.part, limb.outlined)
        for z, outlined, limb in zip(depth, points, limbs)
    ]


def _rings(centres: np.ndarray, frames: list[np.ndarray], axes: np.ndarray) -> np.ndarray:
    """Elliptic cross-sections, shape (rings, points, 3); ``axes`` are half-width and -depth."""
    circle = np.stack((np.cos(_CIRCLE), np.sin(_CIRCLE)), axis=1)
    rings = []
    for centre, frame, axis in zip(centres, frames, axes):
        rings.append(centre + (circle * axis) @ frame[:, (0, 2)].T)
    return np.array(rings)


def _hull(points: np.ndarray) -> np.ndarray:
    return cv2.convexHull(points.reshape(-1, 2).astype(np.float32))[:, 0]


def _trunk_shapes(body: Body, outfit: Outfit, view: View) -> list[Shape]:
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
        Shape(chest_z, polygon(_hull(flat[:3])), outfit.shirt, PART['chest']),
        Shape(pelvis_z, polygon(_hull(flat[3:])), outfit.trousers, PART['pelvis']),
    ]
    for stripe in range(outfit.stripes):
        t = (stripe + 0.5) / outfit.stripes
        low, high = flat[1] + (flat[2] - flat[1]) * t, flat[1] + (flat[2] - flat[1]) * (t - 0.12)
        band = polygon(_hull(np.concatenate((low, high))))
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
    outline = polygon(_hull(np.concatenate(points)))
    thighs = [0.5 * (body[s + 'hip'] + body[s + 'knee'])[2] for s in ('l_', 'r_')]
    z = max(depth, *map(float, thighs)) + 0.0115
    return Shape(z, outline, outfit.trousers, PART['pelvis'])


def draw_figure(
    image: np.ndarray,
    parts: np.ndarray,
    body: Body,
    outfit: Outfit,
    view: View,
    rng: Random,
) -> None:
    """Paint one person.

    Args:
        image (np.ndarray): Picture, uint8 (H, W, 3), painted in place.
        parts (np.ndarray): Part map, uint8 (H, W), painted in place with the numbers of ``PARTS``.
        body (Body): The posed body.
        outfit (Outfit): Clothes and colours.
        view (View): Place and size in the picture.
        rng (Random): Source of randomness, for the light.
    """
    # Light from one side; the limb on the other side is a little darker, front or back alike.
    light = rng.uniform(-0.1, 0.1)
    leftness = float(body.chest[0, 0])
    shade = [1.0 + light * leftness, 1.0 - light * leftness]
    shapes = _limb_shapes(body, _limbs(body, outfit, shade), view)
    shapes += _trunk_shapes(body, outfit, view)
    shapes += head_shapes(body, outfit, view.project, view.size, PART['neck'], PART['head'])
    shapes.sort(key=lambda shape: shape.depth)
    for shape in shapes:
        paint(image, parts, shape)
