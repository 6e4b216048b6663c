"""Painting of a body: what lies on top, what a side view hides."""

from random import Random

import numpy as np
import pytest

from lfhpe_mmpose.datasets.synthetic.body import pose_body, sample_build
from lfhpe_mmpose.datasets.synthetic.figure import draw_figure
from lfhpe_mmpose.datasets.synthetic.keypoints import (
    KEYPOINT_NAMES,
    keypoint_points,
    keypoint_visibility,
)
from lfhpe_mmpose.datasets.synthetic.parts import PART, PARTS
from lfhpe_mmpose.datasets.synthetic.poses import Pose
from lfhpe_mmpose.datasets.synthetic.shapes import View
from lfhpe_mmpose.datasets.synthetic.wardrobe import sample_outfit


def paint(pose: Pose, seed: int = 1):
    """Paint one pose on black at 200 pixels; return picture, part map, body and view."""
    rng = Random(seed)
    body, outfit = pose_body(sample_build(rng), pose), sample_outfit(rng)
    image, parts = np.zeros((200, 200, 3), np.uint8), np.zeros((200, 200), np.uint8)
    view = View((100.0, 95.0), 170.0)
    draw_figure(image, parts, body, outfit, view, rng)
    return image, parts, body, view


def flags(pose: Pose, keypoints: str, seed: int = 1) -> dict[str, int]:
    """Visibility by keypoint name."""
    _, parts, body, view = paint(pose, seed)
    flat = view.project(keypoint_points(keypoints, body))
    found = keypoint_visibility(keypoints, body, flat, parts)
    return dict(zip(KEYPOINT_NAMES[keypoints], found.tolist()))


class TestDrawFigure:
    """A painted figure."""

    def test_every_part_is_painted(self):
        """Arms and legs apart, each part of the body takes up some pixels."""
        pose = Pose(arm_abd=[60, 60], hip_abd=[15, 15], tilt=20)
        _, parts, _, _ = paint(pose)
        counts = np.bincount(parts.ravel(), minlength=len(PARTS))
        assert (counts > 5).all(), dict(zip(PARTS, counts))

    def test_picture_and_part_map_agree(self):
        """Where the part map shows the body, the picture is painted, and hardly elsewhere."""
        image, parts, _, _ = paint(Pose(arm_abd=[60, 60]))
        painted = image.any(axis=-1)
        assert painted[parts > 0].mean() > 0.99
        # Outlines and antialiasing reach a pixel or two further.
        assert (painted & (parts == 0)).sum() < 0.25 * painted.sum()

    def test_left_and_right_parts_lie_on_their_sides(self):
        """In a front view the left forearm is at the right of the right one."""
        _, parts, _, _ = paint(Pose(arm_abd=[60, 60]))
        left = np.nonzero(parts == PART['l_forearm'])[1].mean()
        right = np.nonzero(parts == PART['r_forearm'])[1].mean()
        assert left > 130 > 70 > right


class TestVisibility:
    """What the part map says of the keypoints."""

    @pytest.mark.parametrize('yaw', [0, 180])
    def test_all_joints_are_seen_from_front_and_back(self, yaw):
        """Nothing covers the joints of a star-like pose, seen from either side."""
        pose = Pose(arm_abd=[70, 70], hip_abd=[15, 15], yaw=yaw, tilt=0)
        found = flags(pose, 'lsp')
        found.pop('neck')  # long hair may cover it from behind
        assert set(found.values()) == {2}

    @pytest.mark.parametrize('yaw, near, far', [(90, 'right', 'left'), (-90, 'left', 'right')])
    def test_profile_hides_the_far_side(self, yaw, near, far):
        """With limbs side by side, far shoulder, hip and knee are hidden, the near ones seen."""
        pose = Pose(yaw=yaw, tilt=0, arm_flex=[35, 35], arm_abd=[3, 3], hip_abd=[0, 0])
        found = flags(pose, 'lsp')
        for joint in ('shoulder', 'hip', 'knee'):
            assert found[f'{near}_{joint}'] == 2
            assert found[f'{far}_{joint}'] == 1

    @pytest.mark.parametrize('yaw, far', [(30, 2), (65, 1)])
    def test_trunk_hides_the_far_shoulder_in_near_profile(self, yaw, far):
        """A little turned, both shoulders are seen; the far one goes before the profile."""
        found = flags(Pose(yaw=yaw, tilt=0, arm_flex=[-40, -40]), 'lsp')
        assert found['right_shoulder'] == 2
        assert found['left_shoulder'] == far

    @pytest.mark.parametrize(
        'yaw, seen',
        [
            (0, {'nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear'}),
            (90, {'nose', 'right_eye', 'right_ear'}),
            (-90, {'nose', 'left_eye', 'left_ear'}),
            (180, {'left_ear', 'right_ear'}),
        ],
    )
    def test_face_follows_the_view(self, yaw, seen):
        """Front views show the whole face, profiles half of it, back views the ears."""
        names = KEYPOINT_NAMES['coco'][:5]
        for seed in range(5):
            found = flags(Pose(yaw=yaw, tilt=0), 'coco', seed)
            assert {name for name in names if found[name] == 2} == seen
