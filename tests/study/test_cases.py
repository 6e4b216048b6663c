"""Which persons a picture shows."""

import numpy as np

from lfhpe_mmpose.evaluation import People
from lfhpe_mmpose.study.cases import rank_persons


class TestRankPersons:
    """By the share of their keypoints that were found."""

    def test_by_hand(self):
        """Three persons with none, both and one of two keypoints; unlabelled ones do not count."""
        boxes = np.tile([0.0, 0.0, 50.0, 100.0], (3, 1))
        truth = np.tile([[10.0, 10.0], [30.0, 80.0]], (3, 1, 1))
        visibility = np.array([[2, 0], [2, 2], [2, 2]])
        found = truth.copy()
        found[0, 0] += 21  # past 0.2 of the longer side; its other keypoint has no label
        found[1] += 10
        found[2, 1] += 21
        people = People(truth, visibility, boxes, ('a', 'b'))
        assert rank_persons(found, people).tolist() == [0, 2, 1]
        assert rank_persons(found, people, threshold=0.5).tolist() == [0, 1, 2]
