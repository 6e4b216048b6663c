"""Tests of the location-free terms."""

import math

import pytest
import torch

from lfhpe_mmpose.models.losses import (
    MapAgreementLoss,
    MapConcentrationLoss,
    PartSeparationLoss,
)

BIG = 40.0


def peaks(*cells, size=4):
    """Maps with one cell each, (1, K, size, size)."""
    maps = torch.zeros(1, len(cells), size * size)
    for k, cell in enumerate(cells):
        maps[0, k, cell] = BIG
    return maps.view(1, len(cells), size, size)


class TestMapAgreementLoss:
    """Jensen-Shannon divergence of two maps."""

    def test_by_hand(self):
        """Equal maps give 0, disjoint ones ln 2."""
        a, b, ones = peaks(0, 5), peaks(3, 9), torch.ones(1, 2)
        assert MapAgreementLoss()(a, a, ones).item() == pytest.approx(0, abs=1e-6)
        assert MapAgreementLoss()(a, b, ones).item() == pytest.approx(math.log(2), abs=1e-4)

    def test_absent_keypoints_do_not_count(self):
        """Only keypoints tagged as seen are compared."""
        a, b = peaks(0, 5), peaks(0, 9)
        assert MapAgreementLoss()(a, b, torch.tensor([[1.0, 0.0]])).item() < 1e-6


class TestMapConcentrationLoss:
    """Variance of the position."""

    def test_by_hand(self):
        """0 for one cell; two cells half a map apart; a flat map tends to 1/6."""
        term, one = MapConcentrationLoss(), torch.ones(1, 1)
        assert term(None, peaks(6), one).item() == pytest.approx(0, abs=1e-6)
        two = torch.full((1, 1, 4, 4), -BIG)
        two[0, 0, 0, 0] = two[0, 0, 0, 2] = 0
        assert term(None, two, one).item() == pytest.approx(0.25**2, abs=1e-5)
        flat = term(None, torch.zeros(1, 1, 50, 50), one).item()
        assert flat == pytest.approx(1 / 6, abs=1e-3)


class TestPartSeparationLoss:
    """Cosine between maps of different keypoints."""

    def test_by_hand(self):
        """Coinciding peaks give 1, peaks apart 0, and absent keypoints do not count."""
        term = PartSeparationLoss()
        assert term(None, peaks(3, 3), torch.ones(1, 2)).item() == pytest.approx(1, abs=1e-4)
        assert term(None, peaks(3, 7), torch.ones(1, 2)).item() == pytest.approx(0, abs=1e-4)
        mixed = torch.tensor([[1.0, 0.0, 1.0]])
        assert term(None, peaks(3, 3, 7), mixed).item() == pytest.approx(0, abs=1e-4)

    def test_one_keypoint(self):
        """A single keypoint has no other: 0."""
        assert PartSeparationLoss()(None, peaks(3), torch.ones(1, 1)).item() == 0
