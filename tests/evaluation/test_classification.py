"""Tests of average precision and F1."""

import math

import numpy as np
import pytest

from lfhpe_mmpose.evaluation import average_precision, f1_score


class TestAveragePrecision:
    """Values computed by hand."""

    @pytest.mark.parametrize(
        'scores, labels, expected',
        [
            ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0], 1.0),
            ([0.9, 0.8, 0.7, 0.6], [0, 0, 1, 1], (1 / 3 + 2 / 4) / 2),
            ([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0], (1 + 2 / 3) / 2),
            ([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], (1 + 2 / 3) / 2),
            # a tie of one positive and one negative counts as a whole: precision 2 / 3
            ([0.9, 0.8, 0.8, 0.3], [1, 0, 1, 0], 0.5 * 1 + 0.5 * 2 / 3),
            # all tied: the rate of positives
            ([0.5] * 5, [1, 0, 0, 1, 1], 3 / 5),
            # a tie of three, then a positive: 1/3 of the recall at 2/3... and the rest at 3/4
            ([0.7, 0.7, 0.7, 0.2], [1, 1, 0, 1], 2 / 3 * 2 / 3 + 1 / 3 * 3 / 4),
        ],
    )
    def test_by_hand(self, scores, labels, expected):
        """AP equals the hand-computed value, in every order of the samples."""
        scores, labels = np.array(scores), np.array(labels)
        for seed in range(5):
            order = np.random.default_rng(seed).permutation(len(scores))
            assert average_precision(scores[order], labels[order]) == pytest.approx(expected)

    def test_undefined(self):
        """Without positives, or with a NaN among the scores, there is no AP."""
        assert math.isnan(average_precision(np.array([0.1, 0.2]), np.array([0, 0])))
        assert math.isnan(average_precision(np.array([]), np.array([])))
        assert math.isnan(average_precision(np.array([0.1, np.nan]), np.array([0, 1])))


class TestF1Score:
    """Values computed by hand."""

    def test_by_hand(self):
        """Two found of three, one false: 2 * 2 / (3 + 3); the threshold itself is a yes."""
        scores, labels = np.array([0.9, 0.5, 0.6, 0.4, 0.1]), np.array([1, 1, 0, 1, 0])
        assert f1_score(scores, labels) == pytest.approx(4 / 6)
        assert f1_score(scores, labels, 0.55) == pytest.approx(2 / 5)

    def test_undefined(self):
        """Nothing there and nothing found, or a NaN."""
        assert math.isnan(f1_score(np.array([0.1]), np.array([0])))
        assert math.isnan(f1_score(np.array([np.nan]), np.array([1])))
