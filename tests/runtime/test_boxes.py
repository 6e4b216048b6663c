"""Which boxes of a detector are kept."""

import numpy as np
from mmpose.evaluation.functional import nms

from lfhpe_mmpose.runtime.boxes import best_boxes


class TestBestBoxes:
    """Against MMPose's function, which its inferencer uses."""

    def test_same_as_mmpose(self):
        """On crowded random boxes, at several limits."""
        rng = np.random.default_rng(0)
        for limit in (0.1, 0.3, 0.6):
            corner = rng.uniform(0, 60, (80, 2))
            sides = rng.uniform(10, 50, (80, 2))
            found = np.column_stack([corner, corner + sides, rng.uniform(0, 1, 80)])
            found = found.astype(np.float32)
            good = found[found[:, 4] > 0.4]
            right = good[nms(good, limit)]
            assert 3 < len(right) < len(good)
            np.testing.assert_array_equal(best_boxes(found, 0.4, limit), right)

    def test_none(self):
        """No box, only bad ones, and an empty one."""
        assert best_boxes(np.zeros((0, 5))).shape == (0, 5)
        found = np.array([[0, 0, 9, 9, 0.1], [5, 5, 5, 9, 0.9]])
        assert best_boxes(found).shape == (0, 5)
