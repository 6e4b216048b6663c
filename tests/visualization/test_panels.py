"""Rows of pictures from input to truth."""

import numpy as np
import pytest

from lfhpe_mmpose.visualization import draw_panel, stack_panels
from tests.tiny_model import dataset_meta


def _row(num_keypoints=17, size=(64, 48), truth=True, **kwargs):
    rng = np.random.default_rng(0)
    points = rng.uniform(5, 40, (1, num_keypoints, 2))
    return draw_panel(
        rng.integers(0, 255, (*size, 3), np.uint8),
        rng.random((num_keypoints, 8, 6)),
        rng.random((num_keypoints, 16, 12)),
        points,
        np.ones((1, num_keypoints)),
        *((points, np.ones((1, num_keypoints))) if truth else ()),
        dataset_meta=dataset_meta(num_keypoints),
        **kwargs,
    )


class TestDrawPanel:
    """`draw_panel`."""

    @pytest.mark.parametrize('num_keypoints', [14, 17])
    def test_five_columns_of_a_legible_size(self, num_keypoints):
        """A 64x48 crop is enlarged to 256x192."""
        row = _row(num_keypoints)
        assert row.shape == (256 + 22, 5 * 192 + 4 * 6, 3)

    def test_first_column_is_the_input(self):
        """Untouched where it needs no enlarging."""
        rng = np.random.default_rng(0)
        rng.uniform(size=(1, 17, 2))  # the keypoints, drawn first
        image = rng.integers(0, 255, (256, 192, 3), np.uint8)
        row = _row(size=(256, 192), headings=False)
        np.testing.assert_array_equal(row[:, :192], image)

    def test_columns_differ(self):
        """CAM, refined CAM and skeleton are not the input; truth equals an equal prediction."""
        row = _row(headings=False)
        columns = [row[:, i * 198 : i * 198 + 192] for i in range(5)]
        for a, b in ((0, 1), (1, 2), (2, 3)):
            assert (columns[a] != columns[b]).mean() > 0.01
        np.testing.assert_array_equal(columns[3], columns[4])

    def test_without_truth_there_are_four_columns(self):
        """A new image has no truth."""
        assert _row(truth=False, headings=False).shape == (256, 4 * 192 + 3 * 6, 3)

    def test_invisible_truth_is_not_drawn(self):
        """A keypoint that nobody annotated has no place."""
        image = np.zeros((256, 192, 3), np.uint8)
        points = np.full((17, 2), 100.0)
        row = draw_panel(
            image,
            np.zeros((17, 4, 4)),
            np.zeros((17, 4, 4)),
            points,
            np.zeros(17),
            points,
            np.zeros(17),
            dataset_meta=dataset_meta(17),
            headings=False,
        )
        assert not row[:, 4 * 198 :].any()

    def test_prediction_lands_where_the_crop_says(self):
        """A keypoint at (10, 20) of a 64x48 crop, enlarged four times."""
        scores = np.zeros(17)
        scores[0] = 1
        points = np.zeros((17, 2))
        points[0] = 10, 20
        row = draw_panel(
            np.zeros((64, 48, 3), np.uint8),
            np.zeros((17, 4, 4)),
            np.zeros((17, 4, 4)),
            points,
            scores,
            dataset_meta=dataset_meta(17),
            headings=False,
        )
        y, x = np.nonzero(row[:, 3 * 198 :].any(-1))
        np.testing.assert_allclose([x.mean(), y.mean()], [41.5, 81.5], atol=1)


class TestStackPanels:
    """`stack_panels`."""

    def test_one_line_of_headings(self):
        """Rows follow one another under it."""
        row = _row(headings=False)
        stack = stack_panels([row, row])
        assert stack.shape == (22 + 2 * 256 + 6, row.shape[1], 3)
        np.testing.assert_array_equal(stack[22 : 22 + 256], row)
        np.testing.assert_array_equal(stack[-256:], row)
        assert (stack[:22] < 100).any()

    def test_headings_stand_over_their_columns(self):
        """Ink begins at the left of every column."""
        stack = stack_panels([_row(headings=False)])
        for i in range(5):
            assert (stack[:22, i * 198 : i * 198 + 60] < 100).any()

    def test_row_without_truth_leaves_its_place_white(self):
        """Under the heading of the truth."""
        stack = stack_panels([_row(headings=False), _row(truth=False, headings=False)])
        assert (stack[-256:, 4 * 198 :] == 255).all()

    def test_no_rows(self):
        """There is nothing to stack."""
        with pytest.raises(ValueError, match='at least one'):
            stack_panels([])
