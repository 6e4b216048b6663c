"""Sentences beside metrics."""

import math

import pytest

from lfhpe_mmpose.evaluation.meaning import explain


@pytest.mark.parametrize(
    ('score', 'persons', 'wanted'),
    [
        (0.816, 8, 'no better than guessing, 8 persons are too few to tell.'),
        (0.90, 100, 'no better than guessing.'),
        (0.95, 1000, 'better than guessing.'),
        (0.875, 100000, 'no better than guessing.'),
    ],
)
def test_category(score, persons, wanted):
    """Compared with chance, within what so few persons can tell."""
    (line,) = explain({'category/mAP': score, 'category/mAP_chance': 0.875}, persons)
    assert line == f'category mAP {score:.3f}, chance 0.875: {wanted}'


def test_pck():
    """The share of keypoints and the distance."""
    (line,) = explain({'pck@0.2/PCK': 0.8216, 'other/AP': 0.5}, 500)
    assert line.startswith('PCK@0.2 0.822: 82% of the visible keypoints lie within 0.2 of')


@pytest.mark.parametrize(('error', 'advised'), [(0.04, False), (0.4, True)])
def test_scores(error, advised):
    """How far scores are from probabilities, with advice for those that are not."""
    (line,) = explain({'keypoint/ECE': error, 'keypoint/above': 0.8}, 500)
    assert f'by {error:.3f} on average, and 80% are 0.5 or more.' in line
    assert ('lfhpe calibrate' in line) == advised


def test_nothing():
    """NaN and unknown metrics have no sentence."""
    assert explain({'category/mAP': math.nan, 'category/mAP_chance': 0.5, 'a/b': 1}, 9) == []
