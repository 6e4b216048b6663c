"""Joint angles of the synthetic people."""

from random import Random

import pytest

from lfhpe_mmpose.datasets.synthetic.poses import pick, sample_pose


class TestPick:
    """Weighted choice."""

    def test_weights_are_shares(self):
        """Of 4,000 draws about three quarters fall on the threefold weight."""
        rng = Random(0)
        draws = [pick(rng, ((3, 'a'), (1, 'b'))) for _ in range(4000)]
        assert draws.count('a') / 4000 == pytest.approx(0.75, abs=0.03)


class TestSamplePose:
    """Views and rotations are mixed."""

    def test_faces_left_right_and_front(self):
        """Front views and both profiles each make up a tenth at the least; few backs."""
        yaws = [sample_pose(Random(i)).yaw for i in range(1000)]
        front = sum(abs(y) < 30 for y in yaws) / 1000
        right = sum(60 < y < 120 for y in yaws) / 1000
        left = sum(-120 < y < -60 for y in yaws) / 1000
        back = sum(abs(y) > 130 for y in yaws) / 1000
        assert min(front, left, right) > 0.1
        assert 0.02 < back < 0.12

    @pytest.mark.parametrize('share', [0.0, 1.0])
    def test_back_views_share(self, share):
        """The share of back views is what is asked for."""
        yaws = [abs(sample_pose(Random(i), back_views=share).yaw) for i in range(100)]
        assert sum(y > 130 for y in yaws) == 100 * share
