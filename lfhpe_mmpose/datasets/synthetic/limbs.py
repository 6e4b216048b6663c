"""Arms and legs: tapered capsules, bare or in cloth.

To add something worn on a limb, append a ``Limb`` in ``dress_limbs``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .body import ROW, Body
from .parts import PART
from .poses import LEFT, RIGHT
from .shapes import Shape, View, polygon
from .wardrobe import Colour, Outfit, scale

#: Elbows and knees are marked by a fold, a little darker than the limb.
_CREASE = 0.86

_ARC = np.linspace(-np.pi / 2, np.pi / 2, 6)


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


def _arm(side: int, body: Body, outfit: Outfit, light: float) -> list[Limb]:
    g, end = body.build.girth, 'lr'[side] + '_'
    skin, cloth = scale(outfit.skin, light), scale(outfit.shirt, light)
    bare = cloth if outfit.sleeve >= 2 else skin
    hand = scale(outfit.gloves, light) if outfit.gloves else skin
    upper, fore = PART['l_upper_arm'] + side, PART['l_forearm'] + side
    palm = PART['l_hand'] + side
    shoulder, elbow, wrist = end + 'shoulder', end + 'elbow', end + 'wrist'
    r, r_elbow, r_wrist = 0.034 * g, 0.025 * g, 0.017 * g
    crease = scale(bare, _CREASE)
    limbs = [Limb(shoulder, elbow, 0, 1, r, r_elbow, upper, bare, 0.03)]
    if 0 < outfit.sleeve < 2:
        cuff = outfit.sleeve
        limbs.append(Limb(shoulder, elbow, 0, cuff, 1.12 * r, 1.1 * r, upper, cloth, 0.031))
    return [
        *limbs,
        Limb(elbow, wrist, 0, 1, r_elbow, r_wrist, fore, bare, 0.032),
        Limb(elbow, wrist, 0, 0.04, 0.5 * r_elbow, 0.5 * r_elbow, fore, crease, 0.033, False),
        Limb(wrist, end + 'hand', 0.1, 0.8, r_wrist, 1.2 * r_wrist, palm, hand, 0.034),
        Limb(wrist, end + 'thumb', 0.2, 1, 0.6 * r_wrist, 0.45 * r_wrist, palm, hand, 0.0345),
    ]


def _leg(side: int, body: Body, outfit: Outfit, light: float) -> list[Limb]:
    g, end = body.build.girth, 'lr'[side] + '_'
    trousers, skin = scale(outfit.trousers, light), scale(outfit.skin, light)
    bare = trousers if outfit.leg >= 2 else skin
    shoe = scale(outfit.shoes, light)
    thigh, shin, foot = PART['l_thigh'] + side, PART['l_shin'] + side, PART['l_foot'] + side
    hip, knee, ankle = end + 'hip', end + 'knee', end + 'ankle'
    r, r_knee, r_ankle = 0.051 * g, 0.036 * g, 0.023 * g
    crease = scale(bare, _CREASE)
    limbs = [Limb(hip, knee, 0, 1, r, r_knee, thigh, bare, 0.01)]
    if outfit.leg < 2:
        cuff = outfit.leg
        wide = 1.15 * r - 0.012 * cuff
        limbs.append(Limb(hip, knee, 0, cuff, 1.08 * r, wide, thigh, trousers, 0.011))
    return [
        *limbs,
        Limb(knee, ankle, 0, 1, r_knee, r_ankle, shin, bare, 0.012),
        Limb(knee, ankle, 0, 0.04, 0.5 * r_knee, 0.5 * r_knee, shin, crease, 0.013, False),
        Limb(end + 'heel', end + 'toe', 0, 1, 0.024, 0.02, foot, shoe, 0.014),
    ]


def dress_limbs(body: Body, outfit: Outfit, shade: list[float]) -> list[Limb]:
    """Left arm, left leg, right arm, right leg; ``shade`` scales the brightness of each side."""
    limbs: list[Limb] = []
    for side in (LEFT, RIGHT):
        limbs += _arm(side, body, outfit, shade[side])
        limbs += _leg(side, body, outfit, shade[side])
    return limbs


def limb_shapes(body: Body, limbs: list[Limb], view: View) -> list[Shape]:
    """Outlines of limbs, one per limb, in the same order."""
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
