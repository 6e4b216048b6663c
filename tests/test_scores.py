"""The sentences about scores and a threshold."""

import pytest

from lfhpe_mmpose.scores import count_above, is_little


@pytest.mark.parametrize(
    ('scores', 'threshold', 'text', 'little'),
    [
        ([0.1] + [0.05] * 13, 0.3, '0 of 14 keypoints above 0.3, best 0.10', True),
        ([0.4999, 0.2], 0.5, '0 of 2 keypoints above 0.5, best 0.49', True),
        ([0.5, 0.2, 0.2, 0.2], 0.5, '1 of 4 keypoints above 0.5, best 0.50', False),
        ([0.9, 0.2, 0.2, 0.2, 0.2], 0.5, '1 of 5 keypoints above 0.5, best 0.90', True),
        ([], 0.5, '0 of 0 keypoints above 0.5', False),
    ],
)
def test_counts(scores, threshold, text, little):
    """How many, the best, and whether that is little; nobody there is not little."""
    assert count_above(scores, threshold) == text
    assert is_little(scores, threshold) == little
