"""Joint angles of a person: stances, arms, turn towards the viewer, tilt in the picture.

Randomness comes from ``random.Random``, whose numbers are the same on every platform. To add a
stance, write a function that sets the leg angles and the trunk's pitch and list it in
``STANCES``; for arms, add ranges to ``ARM_MODES``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

T = TypeVar('T')

#: Side indices used for every pair of limbs.
LEFT, RIGHT = 0, 1


@dataclass
class Pose:
    """Angles of one body in degrees; pairs are ``[left, right]``.

    ``hip_flex`` raises the thigh forwards, ``hip_abd`` sideways, ``knee`` folds the shin back;
    ``arm_flex``, ``arm_abd`` and ``elbow`` are those of the arms. ``elbow_hint`` is the direction
    (outwards, up, forwards) into which the forearm folds. ``yaw`` turns the body (0 faces the
    viewer, +90 the picture's right), ``tilt`` is how far the camera looks down, ``roll`` the
    rotation in the picture plane.
    """

    pitch: float = 0.0
    lean: float = 0.0
    twist: float = 0.0
    head: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    hip_flex: list[float] = field(default_factory=lambda: [0.0, 0.0])
    hip_abd: list[float] = field(default_factory=lambda: [4.0, 4.0])
    knee: list[float] = field(default_factory=lambda: [0.0, 0.0])
    arm_flex: list[float] = field(default_factory=lambda: [0.0, 0.0])
    arm_abd: list[float] = field(default_factory=lambda: [8.0, 8.0])
    elbow: list[float] = field(default_factory=lambda: [5.0, 5.0])
    elbow_hint: list[tuple[float, float, float]] = field(
        default_factory=lambda: [(0.0, 0.0, 1.0), (0.0, 0.0, 1.0)]
    )
    yaw: float = 0.0
    tilt: float = 8.0
    roll: float = 0.0


def pick(rng: Random, weighted: Sequence[tuple[float, T]]) -> T:
    """Draw one of ``(weight, value)`` pairs with exactly one random number."""
    left = rng.random() * sum(weight for weight, _ in weighted)
    for weight, value in weighted:
        left -= weight
        if left < 0:
            return value
    return weighted[-1][1]


def side(rng: Random) -> int:
    """Draw ``LEFT`` or ``RIGHT``."""
    return LEFT if rng.random() < 0.5 else RIGHT


def _stand(rng: Random, pose: Pose) -> None:
    for s in (LEFT, RIGHT):
        pose.hip_flex[s] = rng.uniform(-8, 10)
        pose.hip_abd[s] = rng.uniform(1, 16)
        pose.knee[s] = rng.uniform(0, 14)
    pose.pitch = rng.uniform(-8, 12)


def _walk(rng: Random, pose: Pose) -> None:
    front = side(rng)
    pose.hip_flex[front], pose.knee[front] = rng.uniform(15, 60), rng.uniform(0, 60)
    pose.hip_flex[1 - front], pose.knee[1 - front] = rng.uniform(-40, -8), rng.uniform(5, 85)
    pose.pitch = rng.uniform(0, 25)


def _lunge(rng: Random, pose: Pose) -> None:
    front = side(rng)
    pose.hip_flex[front], pose.knee[front] = rng.uniform(60, 100), rng.uniform(60, 105)
    pose.hip_flex[1 - front], pose.knee[1 - front] = rng.uniform(-45, -10), rng.uniform(5, 60)
    pose.pitch = rng.uniform(-5, 35)


def _side_lunge(rng: Random, pose: Pose) -> None:
    bent = side(rng)
    pose.hip_abd[bent], pose.hip_flex[bent] = rng.uniform(35, 60), rng.uniform(20, 60)
    pose.knee[bent] = rng.uniform(60, 110)
    pose.hip_abd[1 - bent] = rng.uniform(20, 50)
    pose.pitch = rng.uniform(0, 30)


def _sit(rng: Random, pose: Pose) -> None:
    abduction = rng.uniform(0, 28)
    for s in (LEFT, RIGHT):
        pose.hip_flex[s], pose.knee[s] = rng.uniform(65, 105), rng.uniform(30, 115)
        pose.hip_abd[s] = abduction + rng.uniform(0, 8)
    pose.pitch = rng.uniform(-20, 30)


def _crouch(rng: Random, pose: Pose) -> None:
    for s in (LEFT, RIGHT):
        pose.hip_flex[s], pose.knee[s] = rng.uniform(85, 125), rng.uniform(105, 145)
        pose.hip_abd[s] = rng.uniform(5, 35)
    pose.pitch = rng.uniform(10, 55)


def _bend(rng: Random, pose: Pose) -> None:
    for s in (LEFT, RIGHT):
        pose.hip_flex[s], pose.knee[s] = rng.uniform(0, 30), rng.uniform(0, 45)
        pose.hip_abd[s] = rng.uniform(2, 18)
    pose.pitch = rng.uniform(45, 110)


def _spread(rng: Random, pose: Pose) -> None:
    for s in (LEFT, RIGHT):
        pose.hip_abd[s] = rng.uniform(20, 50)
        pose.hip_flex[s], pose.knee[s] = rng.uniform(-5, 20), rng.uniform(0, 30)
    pose.pitch = rng.uniform(-10, 15)


def _kick(rng: Random, pose: Pose) -> None:
    _stand(rng, pose)
    leg = side(rng)
    pose.hip_flex[leg], pose.knee[leg] = rng.uniform(40, 115), rng.uniform(0, 50)
    pose.hip_abd[leg] = rng.uniform(0, 45)
    pose.pitch = rng.uniform(-25, 10)


def _kneel(rng: Random, pose: Pose) -> None:
    down = side(rng)
    both = rng.random() < 0.4
    for s in (LEFT, RIGHT):
        kneeling = both or s == down
        pose.hip_flex[s] = rng.uniform(-10, 35) if kneeling else rng.uniform(75, 105)
        pose.knee[s] = rng.uniform(80, 130)
        pose.hip_abd[s] = rng.uniform(2, 20)
    pose.pitch = rng.uniform(-10, 30)


STANCES: tuple[tuple[float, Callable[[Random, Pose], None]], ...] = (
    (0.10, _stand),
    (0.15, _walk),
    (0.10, _lunge),
    (0.08, _side_lunge),
    (0.14, _sit),
    (0.09, _crouch),
    (0.11, _bend),
    (0.08, _spread),
    (0.08, _kick),
    (0.07, _kneel),
)

#: Ranges of flexion, abduction, elbow, and the way in which the elbow folds.
ARM_MODES = (
    (0.20, ((-25, 25), (2, 22), (0, 40), (0.0, 0.0, 1.0))),  # down
    (0.18, ((135, 185), (-5, 40), (0, 75), (-0.5, 0.3, 0.6))),  # up
    (0.16, ((-10, 15), (55, 115), (0, 110), (0.0, 0.7, 0.7))),  # to the side
    (0.16, ((45, 115), (-10, 30), (0, 90), (-0.3, 0.6, 0.3))),  # forwards
    (0.08, ((-25, -10), (35, 60), (75, 110), (-1.0, -0.1, 0.3))),  # hand on the hip
    (0.06, ((-60, -20), (5, 30), (0, 70), (0.0, 0.0, 1.0))),  # backwards
    (0.16, ((-40, 180), (0, 100), (0, 130), (-0.3, 0.4, 0.8))),  # anywhere
)

_VIEWS = ((0.47, 'front'), (0.24, 'quarter'), (0.29, 'side'))
_ROLLS = ((0.28, 'upright'), (0.34, 'tilted'), (0.28, 'lying'), (0.10, 'inverted'))


def _sample_yaw(rng: Random, back_views: float) -> float:
    turned = 1.0 if rng.random() < 0.5 else -1.0
    if rng.random() < back_views:
        return 180.0 + turned * rng.uniform(0, 35)
    view = pick(rng, _VIEWS)
    low, high = {'front': (0, 22), 'quarter': (22, 62), 'side': (62, 100)}[view]
    return turned * rng.uniform(low, high)


def _sample_roll(rng: Random) -> float:
    kind = pick(rng, _ROLLS)
    turned = 1.0 if rng.random() < 0.5 else -1.0
    low, high = {
        'upright': (0, 25),
        'tilted': (25, 65),
        'lying': (65, 115),
        'inverted': (115, 180),
    }[kind]
    return turned * rng.uniform(low, high)


def sample_pose(rng: Random, back_views: float = 0.06) -> Pose:
    """Draw a pose; ``back_views`` is the share of persons seen from behind."""
    pose = Pose()
    pick(rng, STANCES)(rng, pose)
    pose.lean = rng.gauss(0, 9)
    pose.twist = rng.gauss(0, 12)
    pose.head = [rng.gauss(0, 16), rng.gauss(4, 13), rng.gauss(0, 8)]
    same = rng.random() < 0.25
    mode = pick(rng, ARM_MODES)
    for s in (LEFT, RIGHT):
        if s == RIGHT and not same:
            mode = pick(rng, ARM_MODES)
        flex, abduction, elbow, hint = mode
        pose.arm_flex[s] = rng.uniform(*flex)
        pose.arm_abd[s] = rng.uniform(*abduction)
        pose.elbow[s] = rng.uniform(*elbow)
        outwards, up, forwards = hint
        pose.elbow_hint[s] = (
            outwards + rng.uniform(-0.35, 0.35),
            up + rng.uniform(-0.35, 0.35),
            forwards + rng.uniform(-0.35, 0.35),
        )
    # A trunk that bends forwards takes the arms with it; part of them keeps hanging.
    if pose.pitch > 40 and rng.random() < 0.6:
        for s in (LEFT, RIGHT):
            pose.arm_flex[s] = pose.pitch + rng.uniform(-25, 40)
            pose.arm_abd[s] = rng.uniform(0, 25)
    pose.yaw = _sample_yaw(rng, back_views)
    pose.tilt = rng.uniform(0, 22)
    pose.roll = _sample_roll(rng)
    return pose
