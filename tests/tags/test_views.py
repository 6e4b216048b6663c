"""Tests of tags and tagged views."""

import numpy as np

from lfhpe_mmpose.tags import tags_from_visibility
from lfhpe_mmpose.tags.views import draw_views, view_tags

BOX = np.array([10.0, 20.0, 110.0, 220.0])


class TestTagsFromVisibility:
    """Visibility flags 0, 1, 2 become tags."""

    def test_flags(self):
        """Flag 0 is absent, 2 present, 1 as asked."""
        flags = np.array([0, 1, 2])
        assert tags_from_visibility(flags) == [0, 1, 1]
        assert tags_from_visibility(flags, 'negative') == [0, 0, 1]
        assert tags_from_visibility(flags, 'unknown') == [0, -1, 1]


class TestDrawViews:
    """Windows depend on box, ids and seed alone."""

    def test_whole_person_first(self):
        """View 0 is the box enlarged by 1.1 about its centre."""
        assert np.allclose(draw_views(BOX, 1, 0, 7, 8), [[5, 10, 115, 230]])

    def test_fixed(self):
        """The same person has the same windows each time, and more views keep the first."""
        four, nine = draw_views(BOX, 4, 0, 7, 8), draw_views(BOX, 9, 0, 7, 8)
        assert np.array_equal(four, nine[:4])
        assert not np.array_equal(four, draw_views(BOX, 4, 1, 7, 8))
        assert not np.array_equal(four, draw_views(BOX, 4, 0, 7, 9))

    def test_sub_crops_lie_in_the_whole_view(self):
        """Sub-crops lie in view 0 and reach all of it, with sides in the asked range."""
        views = draw_views(BOX, 500, 0, 1, 1, view_scale=(0.4, 0.8))
        whole, views = views[0], views[1:]
        assert np.allclose(views[:, :2].min(0), whole[:2], atol=2)
        assert np.allclose(views[:, 2:].max(0), whole[2:], atol=2)
        assert (views[:, :2] >= whole[:2] - 1e-3).all()
        assert (views[:, 2:] <= whole[2:] + 1e-3).all()
        sides = (views[:, 2:] - views[:, :2]) / (whole[2:] - whole[:2])
        assert sides.min() > 0.4 - 1e-4 and sides.max() < 0.8 + 1e-4
        assert sides.min() < 0.42 and sides.max() > 0.78


class TestViewTags:
    """A view shows the keypoints that lie in its window."""

    def test_by_hand(self):
        """Inside keeps the tag, outside is absent, row 0 is the whole person's tags."""
        windows = np.array([[0, 0, 10, 10], [0, 0, 5, 10], [5, 0, 10, 10]], dtype=np.float32)
        keypoints = np.array([[2, 2], [8, 2], [3, 3], [0, 0]], dtype=np.float32)
        tags = np.array([1, 1, -1, 0], dtype=np.float32)
        assert view_tags(windows, keypoints, tags).tolist() == [
            [1, 1, -1, 0],
            [1, 0, -1, 0],
            [0, 1, 0, 0],
        ]

    def test_whole_person_reads_no_coordinate(self):
        """Row 0 is the same whatever the coordinates are."""
        windows = draw_views(BOX, 1, 0, 7, 8)
        tags = np.array([1, 0, -1], dtype=np.float32)
        lost = view_tags(windows, np.full((3, 2), np.nan, dtype=np.float32), tags)
        assert lost.tolist() == [[1, 0, -1]]
