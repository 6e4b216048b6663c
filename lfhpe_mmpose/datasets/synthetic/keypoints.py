"""Keypoint sets of the synthetic people: names, places on the body, visibility.

To add a set, list its names and skeleton in ``KEYPOINT_NAMES`` and ``SKELETONS``. Every name
needs a place in ``keypoint_points`` and parts in ``owners``.
"""

from __future__ import annotations

import numpy as np

from .body import Body
from .head import EAR_TURN, EARS, EYE_TURN, EYES, NOSE, NOSE_TURN, head_points
from .parts import PART

#: Names in the order of each set; ``lsp`` is the order of LSP and LSP-extended.
KEYPOINT_NAMES: dict[str, tuple[str, ...]] = {
    'lsp': (
        'right_ankle',
        'right_knee',
        'right_hip',
        'left_hip',
        'left_knee',
        'left_ankle',
        'right_wrist',
        'right_elbow',
        'right_shoulder',
        'left_shoulder',
        'left_elbow',
        'left_wrist',
        'neck',
        'head_top',
    ),
    'coco': (
        'nose',
        'left_eye',
        'right_eye',
        'left_ear',
        'right_ear',
        'left_shoulder',
        'right_shoulder',
        'left_elbow',
        'right_elbow',
        'left_wrist',
        'right_wrist',
        'left_hip',
        'right_hip',
        'left_knee',
        'right_knee',
        'left_ankle',
        'right_ankle',
    ),
}

#: Links as pairs of names.
SKELETONS: dict[str, tuple[tuple[str, str], ...]] = {
    'lsp': (
        ('right_ankle', 'right_knee'),
        ('right_knee', 'right_hip'),
        ('left_hip', 'left_knee'),
        ('left_knee', 'left_ankle'),
        ('right_wrist', 'right_elbow'),
        ('right_elbow', 'right_shoulder'),
        ('left_shoulder', 'left_elbow'),
        ('left_elbow', 'left_wrist'),
        ('right_hip', 'left_hip'),
        ('right_shoulder', 'neck'),
        ('left_shoulder', 'neck'),
        ('neck', 'head_top'),
        ('right_shoulder', 'right_hip'),
        ('left_shoulder', 'left_hip'),
    ),
    'coco': (
        ('left_ankle', 'left_knee'),
        ('left_knee', 'left_hip'),
        ('right_ankle', 'right_knee'),
        ('right_knee', 'right_hip'),
        ('left_hip', 'right_hip'),
        ('left_shoulder', 'left_hip'),
        ('right_shoulder', 'right_hip'),
        ('left_shoulder', 'right_shoulder'),
        ('left_shoulder', 'left_elbow'),
        ('right_shoulder', 'right_elbow'),
        ('left_elbow', 'left_wrist'),
        ('right_elbow', 'right_wrist'),
        ('left_eye', 'right_eye'),
        ('nose', 'left_eye'),
        ('nose', 'right_eye'),
        ('left_eye', 'left_ear'),
        ('right_eye', 'right_ear'),
        ('left_ear', 'left_shoulder'),
        ('right_ear', 'right_shoulder'),
    ),
}

#: Parts on which a keypoint is seen. Trunk parts count only on the near side, see below.
_LIMB_OWNERS = {
    'ankle': ('shin', 'foot'),
    'knee': ('thigh', 'shin'),
    'hip': ('thigh',),
    'wrist': ('forearm', 'hand'),
    'elbow': ('upper_arm', 'forearm'),
    'shoulder': ('upper_arm',),
}
_TRUNK_OWNERS = {'hip': 'pelvis', 'shoulder': 'chest'}

#: Points of the face: place on the unit sphere of the head and least turn towards the viewer.
_FACE: dict[str, tuple[np.ndarray, float]] = {
    'nose': (NOSE, NOSE_TURN),
    'left_eye': (EYES[0], EYE_TURN),
    'right_eye': (EYES[1], EYE_TURN),
    'left_ear': (EARS[0], EAR_TURN),
    'right_ear': (EARS[1], EAR_TURN),
}


def owners(name: str) -> tuple[int, ...]:
    """Part numbers on which a keypoint is visible."""
    if name in _FACE or name == 'head_top':
        return (PART['head'],)
    if name == 'neck':
        return (PART['neck'], PART['chest'])
    which, joint = name.split('_')
    found = [PART[f'{which[0]}_{part}'] for part in _LIMB_OWNERS[joint]]
    if joint in _TRUNK_OWNERS:
        found.append(PART[_TRUNK_OWNERS[joint]])
    return tuple(found)


def keypoint_points(keypoints: str, body: Body) -> np.ndarray:
    """Places of the keypoints of a set in viewer axes, (K, 3)."""
    face, _ = head_points(body, _FACE_POINTS)
    points = []
    for name in KEYPOINT_NAMES[keypoints]:
        if name in _FACE_ROW:
            points.append(face[_FACE_ROW[name]])
        elif name in ('neck', 'head_top'):
            points.append(body[name])
        else:
            which, joint = name.split('_')
            points.append(body[f'{which[0]}_{joint}'])
    return np.array(points)


def keypoint_visibility(
    keypoints: str, body: Body, flat: np.ndarray, parts: np.ndarray, offset: int = 0
) -> np.ndarray:
    """Visibility flags, int64 (K, ), read from the part map of the finished picture.

    A keypoint is visible (2) if the pixel under it shows one of its parts, else occluded (1), or 0
    outside the picture. Shoulders and hips on the trunk are visible from front and back and on the
    near side of a profile; points of the face only if the face turns to the viewer.

    Args:
        keypoints (str): ``'lsp'`` or ``'coco'``.
        body (Body): The posed body.
        flat (np.ndarray): Keypoints in pixels, (K, 2).
        parts (np.ndarray): Part map, uint8 (H, W).
        offset (int): Added to the part numbers of this person.
    """
    height, width = parts.shape
    _, turned = head_points(body, _FACE_POINTS)
    flags = np.zeros(len(flat), np.int64)
    for k, name in enumerate(KEYPOINT_NAMES[keypoints]):
        x, y = round(float(flat[k, 0])), round(float(flat[k, 1]))
        if not (0 <= x < width and 0 <= y < height):
            continue
        part = int(parts[y, x]) - offset
        seen = part in _OWNERS[name]
        if seen and name in _FACE:
            seen = turned[_FACE_ROW[name]] > _FACE[name][1]
        elif seen and part in (PART['pelvis'], PART['chest']) and name != 'neck':
            seen = _near_side(body, name)
        flags[k] = 2 if seen else 1
    return flags


def _near_side(body: Body, name: str) -> bool:
    """Whether a shoulder or hip is not behind the trunk as the viewer sees it."""
    which, joint = name.split('_')
    left, right = body[f'l_{joint}'], body[f'r_{joint}']
    lateral = (left - right) if which == 'left' else (right - left)
    return bool(lateral[2] > -0.75 * np.linalg.norm(lateral))


_FACE_ROW = {name: row for row, name in enumerate(_FACE)}
_FACE_POINTS = np.array([place for place, _ in _FACE.values()])
_OWNERS = {name: owners(name) for names in KEYPOINT_NAMES.values() for name in names}
