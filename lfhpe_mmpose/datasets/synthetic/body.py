"""From joint angles to joints in space: build of the body and forward kinematics.

Axes of the body: x to the person's left, y up, z forwards. Axes of the viewer: x to the right of
the picture, y up, z towards the viewer; a person with yaw 0 faces the viewer, so that the person's
left is at the right of the picture. The projection is orthographic. One unit is about the height
of a standing adult. Proportions are our choice, near those of drawing manuals with a head a little
larger, so that a face can be read at 160 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from random import Random

import numpy as np

from .poses import LEFT, RIGHT, Pose

#: Rows of the joint array; pairs are left, right.
JOINTS = (
    'pelvis',
    'waist',
    'neck',
    'head',
    'head_top',
    'l_shoulder',
    'r_shoulder',
    'l_elbow',
    'r_elbow',
    'l_wrist',
    'r_wrist',
    'l_hand',
    'r_hand',
    'l_thumb',
    'r_thumb',
    'l_hip',
    'r_hip',
    'l_knee',
    'r_knee',
    'l_ankle',
    'r_ankle',
    'l_toe',
    'r_toe',
    'l_heel',
    'r_heel',
)
ROW = {name: row for row, name in enumerate(JOINTS)}


@dataclass
class Build:
    """Lengths and half-widths of one body, in units of about a body height."""

    shoulder: float
    hip: float
    trunk: float
    neck: float
    head_height: float
    head_width: float
    upper_arm: float
    forearm: float
    hand: float
    thigh: float
    shin: float
    foot: float
    girth: float


@dataclass
class Body:
    """A posed body seen by the viewer.

    Attributes:
        build (Build): Lengths.
        joints (np.ndarray): Positions in viewer axes, shape (25, 3), rows as in ``JOINTS``.
        chest (np.ndarray): Columns are the chest's left, up and forward axes, shape (3, 3).
        pelvis (np.ndarray): The same of the pelvis.
        head (np.ndarray): The same of the head.
    """

    build: Build
    joints: np.ndarray
    chest: np.ndarray
    pelvis: np.ndarray
    head: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        return self.joints[ROW[name]]


def sample_build(rng: Random) -> Build:
    """Draw the lengths and widths of a body, in units of about a body height."""
    legs = rng.uniform(0.9, 1.12)
    arms = rng.uniform(0.9, 1.12)
    girth = rng.uniform(0.8, 1.35)
    wide = 0.6 + 0.4 * girth
    head = rng.uniform(0.075, 0.098)
    return Build(
        shoulder=rng.uniform(0.098, 0.125) * wide,
        hip=rng.uniform(0.056, 0.072) * wide,
        trunk=rng.uniform(0.27, 0.32),
        neck=rng.uniform(0.045, 0.065),
        head_height=head,
        head_width=head * rng.uniform(0.74, 0.88),
        upper_arm=rng.uniform(0.16, 0.185) * arms,
        forearm=rng.uniform(0.145, 0.165) * arms,
        hand=rng.uniform(0.045, 0.06),
        thigh=rng.uniform(0.22, 0.25) * legs,
        shin=rng.uniform(0.21, 0.24) * legs,
        foot=rng.uniform(0.085, 0.105),
        girth=girth,
    )


def _rotation(axis: int, degrees: float) -> np.ndarray:
    c, s = cos(radians(degrees)), sin(radians(degrees))
    if axis == 0:
        return np.array(((1, 0, 0), (0, c, -s), (0, s, c)))
    if axis == 1:
        return np.array(((c, 0, s), (0, 1, 0), (-s, 0, c)))
    return np.array(((c, -s, 0), (s, c, 0), (0, 0, 1)))


def _swing(outwards: float, flex: float, abduction: float) -> np.ndarray:
    """Direction of a hanging limb raised forwards (``flex``) and sideways (``abduction``)."""
    f, a = radians(flex), radians(abduction)
    return np.array((outwards * sin(a), -cos(a) * cos(f), cos(a) * sin(f)))


def _fold(
    direction: np.ndarray, hint: np.ndarray, degrees: float
) -> tuple[np.ndarray, np.ndarray]:
    """Turn ``direction`` towards ``hint``; also return the unit vector across it."""
    across = hint - direction * float(direction @ hint)
    across /= max(float(np.sqrt(across @ across)), 1e-6)
    angle = radians(degrees)
    return direction * cos(angle) + across * sin(angle), across


def pose_body(build: Build, pose: Pose) -> Body:
    """Forward kinematics: joints and frames in viewer axes, pelvis at the origin."""
    pelvis = _rotation(0, 0.55 * pose.pitch) @ _rotation(2, 0.3 * pose.lean)
    chest = _rotation(0, pose.pitch) @ _rotation(2, pose.lean) @ _rotation(1, pose.twist)
    turn, nod, cock = pose.head
    head = chest @ _rotation(1, turn) @ _rotation(0, nod - 0.3 * pose.pitch) @ _rotation(2, cock)
    points = np.zeros((len(JOINTS), 3))
    waist = pelvis[:, 1] * (0.42 * build.trunk)
    neck = waist + chest[:, 1] * (0.58 * build.trunk)
    centre = neck + chest[:, 1] * build.neck + head[:, 1] * (0.9 * build.head_height)
    points[ROW['waist']], points[ROW['neck']], points[ROW['head']] = waist, neck, centre
    points[ROW['head_top']] = centre + head[:, 1] * (0.9 * build.head_height)
    for s, outwards in ((LEFT, 1.0), (RIGHT, -1.0)):
        shoulder = neck + chest @ np.array((outwards * build.shoulder, -0.035, 0.0))
        upper = _swing(outwards, pose.arm_flex[s], pose.arm_abd[s])
        hint_out, hint_up, hint_front = pose.elbow_hint[s]
        fore, across = _fold(
            upper, np.array((outwards * hint_out, hint_up, hint_front)), pose.elbow[s]
        )
        upper, fore, across = chest @ upper, chest @ fore, chest @ across
        elbow = shoulder + upper * build.upper_arm
        wrist = elbow + fore * build.forearm
        points[ROW['l_shoulder'] + s], points[ROW['l_elbow'] + s] = shoulder, elbow
        points[ROW['l_wrist'] + s] = wrist
        points[ROW['l_hand'] + s] = wrist + fore * build.hand
        points[ROW['l_thumb'] + s] = wrist + (0.55 * fore + 0.6 * across) * build.hand
        hip = pelvis @ np.array((outwards * build.hip, -0.015, 0.0))
        flex, abduction = pose.hip_flex[s], pose.hip_abd[s]
        knee = hip + _swing(outwards, flex, abduction) * build.thigh
        folded = flex - pose.knee[s]
        ankle = knee + _swing(outwards, folded, abduction * 0.7) * build.shin
        sole = _swing(outwards, folded + 88, 0.0) + np.array((outwards * 0.35, 0.0, 0.0))
        points[ROW['l_hip'] + s], points[ROW['l_knee'] + s] = hip, knee
        points[ROW['l_ankle'] + s] = ankle
        down = _swing(outwards, folded, 0.0) * 0.028
        points[ROW['l_toe'] + s] = ankle + sole * build.foot + down
        points[ROW['l_heel'] + s] = ankle - sole * 0.018 + down
    # Positive camera heights look down on the person: forwards appears lower in the picture.
    view = _rotation(2, pose.roll) @ _rotation(0, pose.tilt) @ _rotation(1, pose.yaw)
    return Body(build, points @ view.T, view @ chest, view @ pelvis, view @ head)
