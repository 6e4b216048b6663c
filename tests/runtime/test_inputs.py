"""Checks of images and boxes."""

import numpy as np
import pytest

from lfhpe_mmpose.runtime.inputs import check_boxes, check_image
from tests.refusal import refuses


class TestCheckBoxes:
    """`check_boxes`."""

    def test_list_becomes_array(self):
        """Whole numbers become float32 (N, 4)."""
        boxes = check_boxes([[0, 1, 2, 3]], 'img')
        assert boxes.dtype == np.float32
        assert boxes.tolist() == [[0, 1, 2, 3]]

    def test_no_boxes(self):
        """An empty list is (0, 4)."""
        assert check_boxes([], 'img').shape == (0, 4)

    @pytest.mark.parametrize(
        'box', [[0, 0, np.nan, 5], [5, 0, 5, 5], [0, 9, 5, 5], [0, 0, np.inf, 5]]
    )
    def test_box_that_is_none(self, box):
        """NaN, infinite, empty and negative boxes are named by their index."""
        with refuses('box', 'street.jpg: bboxes[1]'):
            check_boxes([[0, 0, 4, 4], box], 'street.jpg')

    def test_single_box_without_its_list(self):
        """A flat list of four numbers is refused, not misread."""
        with refuses('box', 'img'):
            check_boxes([0, 0, 4, 4], 'img')


class TestCheckImage:
    """`check_image`."""

    @pytest.mark.parametrize(
        'image',
        [
            np.zeros((4, 5, 3), np.uint16),
            np.zeros((4, 5, 3), bool),
            np.zeros((4, 5, 3)),
            np.zeros((4, 5), np.uint8),
            np.zeros((4, 5, 4), np.uint8),
            np.zeros((0, 5, 3), np.uint8),
        ],
    )
    def test_other_arrays(self, image):
        """Only BGR bytes are an image; anything else would be read as something else."""
        with refuses('image-array', 'frame'):
            check_image(image, 'frame')
        check_image(np.zeros((4, 5, 3), np.uint8), 'frame')
