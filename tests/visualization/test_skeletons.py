"""Keypoints and links."""

import numpy as np
import pytest

from lfhpe_mmpose.visualization import draw_skeleton

META = dict(
    dataset_name='two',
    keypoint_colors=np.array([[255, 0, 0], [0, 255, 0]], dtype=np.uint8),
    skeleton_links=[(0, 1)],
    skeleton_link_colors=np.array([[0, 0, 255]], dtype=np.uint8),
)
BLACK = np.zeros((40, 60, 3), dtype=np.uint8)
POINTS = np.array([[10, 20], [50, 20]])


class TestDrawSkeleton:
    """`draw_skeleton`."""

    def test_draws_keypoints_and_the_link(self):
        """In the colours of dataset_meta, on a copy."""
        out = draw_skeleton(BLACK, POINTS, np.ones(2), META)
        assert out[20, 10].tolist() == [255, 0, 0]
        assert out[20, 50].tolist() == [0, 255, 0]
        assert out[20, 30].tolist() == [0, 0, 255]
        assert not BLACK.any()

    def test_keypoint_below_the_threshold_is_left_out(self):
        """And the link that would end in it."""
        out = draw_skeleton(BLACK, POINTS, np.array([1, 0.2]), META, kpt_thr=0.3)
        assert out[20, 10].any()
        assert not out[20, 30].any()
        assert not out[20, 50].any()

    def test_coordinate_that_is_no_number_is_left_out(self):
        """NaN cannot be drawn, whatever its score."""
        out = draw_skeleton(BLACK, np.array([[10, 20], [np.nan, 20]]), np.ones(2), META)
        assert out[20, 10].any()
        assert not out[20, 30].any()

    def test_other_colours(self):
        """In place of those of dataset_meta."""
        out = draw_skeleton(BLACK, POINTS, np.ones(2), META, colors=[[9, 9, 9], [8, 8, 8]])
        assert out[20, 10].tolist() == [9, 9, 9]

    def test_several_persons(self):
        """(N, K, 2) draws all."""
        out = draw_skeleton(BLACK, np.stack([POINTS, POINTS + 10]), np.ones((2, 2)), META)
        assert out[20, 10].any()
        assert out[30, 20].any()

    def test_lists_in_place_of_arrays(self):
        """dataset_meta as a published file holds it."""
        meta = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in META.items()}
        np.testing.assert_array_equal(
            draw_skeleton(BLACK, POINTS, np.ones(2), meta),
            draw_skeleton(BLACK, POINTS, np.ones(2), META),
        )

    def test_keypoints_of_another_set(self):
        """Three keypoints do not go with a set of two."""
        with pytest.raises(ValueError, match=r"3 keypoints.*'two' has 2"):
            draw_skeleton(BLACK, np.zeros((3, 2)), np.ones(3), META)

    def test_scores_of_another_number(self):
        """One score a keypoint."""
        with pytest.raises(ValueError, match=r'\(N, K\)'):
            draw_skeleton(BLACK, POINTS, np.ones(3), META)
