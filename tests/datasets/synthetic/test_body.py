"""Forward kinematics of the synthetic people."""

from random import Random

import numpy as np
import pytest

from lfhpe_mmpose.datasets.synthetic.body import pose_body, sample_build
from lfhpe_mmpose.datasets.synthetic.poses import Pose, sample_pose


@pytest.fixture
def build():
    """One body's lengths."""
    return sample_build(Random(0))


class TestPoseBody:
    """Joints in viewer axes: x right, y up, z towards the viewer."""

    def test_front_view_shows_the_left_at_the_right(self, build):
        """Facing the viewer, the person's left shoulder, hip and foot are at the right."""
        body = pose_body(build, Pose(yaw=0, tilt=0))
        for joint in ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle'):
            assert body['l_' + joint][0] > 0 > body['r_' + joint][0]

    def test_back_view_shows_the_left_at_the_left(self, build):
        """Seen from behind, the person's left is at the left."""
        body = pose_body(build, Pose(yaw=180, tilt=0))
        assert body['l_shoulder'][0] < 0 < body['r_shoulder'][0]

    def test_profile_to_the_right_shows_the_right_side(self, build):
        """Facing the picture's right, the right limbs are near and the feet point right."""
        body = pose_body(build, Pose(yaw=90, tilt=0))
        assert body['r_shoulder'][2] > 0 > body['l_shoulder'][2]
        assert body['r_toe'][0] - body['r_ankle'][0] > 0.05

    def test_standing_upright(self, build):
        """Upright, head, neck, hips, knees and ankles follow each other downwards."""
        body = pose_body(build, Pose(tilt=0))
        order = ('head_top', 'head', 'neck', 'l_hip', 'l_knee', 'l_ankle')
        heights = [body[name][1] for name in order]
        assert heights == sorted(heights, reverse=True)

    def test_angles_do_what_their_names_say(self, build):
        """Flexion brings the knee forwards, folding the shin back; arms go up and out."""
        pose = Pose(tilt=0, hip_flex=[90, 0], knee=[90, 0], arm_flex=[170, 0], arm_abd=[0, 90])
        body = pose_body(build, pose)
        assert body['l_knee'][2] > body['l_hip'][2] + 0.8 * build.thigh
        assert body['l_ankle'][1] < body['l_knee'][1] - 0.8 * build.shin
        assert body['l_wrist'][1] > body['neck'][1]
        assert body['r_elbow'][0] < body['r_shoulder'][0] - 0.8 * build.upper_arm

    def test_pitch_bends_forwards(self, build):
        """A pitched trunk brings the head in front of the pelvis."""
        body = pose_body(build, Pose(tilt=0, pitch=80))
        assert body['head'][2] > 0.2

    def test_limbs_keep_their_lengths(self):
        """Whatever the pose, bones have the lengths of the build and frames are rotations."""
        for i in range(50):
            rng = Random(i)
            build = sample_build(rng)
            body = pose_body(build, sample_pose(rng))
            for a, b, length in (
                ('l_shoulder', 'l_elbow', build.upper_arm),
                ('r_elbow', 'r_wrist', build.forearm),
                ('l_hip', 'l_knee', build.thigh),
                ('r_knee', 'r_ankle', build.shin),
            ):
                assert np.linalg.norm(body[a] - body[b]) == pytest.approx(length)
            for frame in (body.chest, body.pelvis, body.head):
                np.testing.assert_allclose(frame @ frame.T, np.eye(3), atol=1e-9)
                assert np.linalg.det(frame) == pytest.approx(1)
