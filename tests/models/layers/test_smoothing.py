"""Tests of gathering the mass of a map."""

import math

import pytest
import torch

from lfhpe_mmpose.models.layers import gather_mass


def one_hot(y, x, size=(9, 7)):
    """All mass in one cell."""
    probs = torch.zeros(1, 1, *size)
    probs[0, 0, y, x] = 1
    return probs


class TestGatherMass:
    """Mass near by, cell for cell."""

    @pytest.mark.parametrize('sigma', [0.5, 1.0, 1.7])
    def test_one_hot_gives_the_window(self, sigma):
        """All mass in one cell gives a Gaussian about it, cut at three deviations."""
        out = gather_mass(one_hot(4, 2), sigma)[0, 0]
        assert out.shape == (9, 7) and out[4, 2] == 1
        reach = math.ceil(3 * sigma)
        for y in range(9):
            for x in range(7):
                distance = (y - 4) ** 2 + (x - 2) ** 2
                near = abs(y - 4) <= reach and abs(x - 2) <= reach
                expected = math.exp(-distance / (2 * sigma**2)) if near else 0
                assert out[y, x].item() == pytest.approx(expected, abs=1e-6)

    def test_each_map_on_its_own(self):
        """Maps of other persons and keypoints do not mix; values lie in [0, 1]."""
        torch.manual_seed(0)
        probs = torch.randn(3, 4, 60).mul(5).softmax(-1).view(3, 4, 6, 10)
        out = gather_mass(probs, 1.5)
        assert out.shape == probs.shape and out.min() >= 0 and out.max() <= 1
        assert (out >= probs - 1e-6).all()
        for b in range(3):
            for k in range(4):
                alone = gather_mass(probs[b : b + 1, k : k + 1], 1.5)
                assert torch.allclose(out[b, k], alone[0, 0], atol=1e-6)

    def test_whole_mass(self):
        """A window far larger than the map gathers everything; nothing comes from outside."""
        probs = torch.full((1, 1, 4, 4), 1 / 16)
        assert torch.allclose(gather_mass(probs, 1000.0), torch.ones(()), atol=1e-4)
        corner = gather_mass(probs, 1.0)[0, 0]
        assert corner[0, 0] < corner[1, 1] < 1

    def test_neighbours_beat_a_lone_peak(self):
        """Two peaks side by side outweigh a higher one that stands alone."""
        probs = torch.zeros(1, 1, 9, 9)
        probs[0, 0, 1, 1] = 0.36
        probs[0, 0, 6, 5] = probs[0, 0, 6, 7] = 0.32
        assert probs.flatten().argmax() == 1 * 9 + 1
        assert gather_mass(probs, 1.0).flatten().argmax() == 6 * 9 + 6
        # In a narrow window they are strangers.
        assert gather_mass(probs, 0.3).flatten().argmax() == 1 * 9 + 1

    def test_mirrored(self):
        """A mirrored map gives the mirrored result."""
        probs = torch.rand(2, 3, 8, 6)
        for dim in (2, 3):
            assert torch.allclose(
                gather_mass(probs.flip(dim), 1.2), gather_mass(probs, 1.2).flip(dim), atol=1e-6
            )

    def test_gradient(self):
        """It can be trained through."""
        probs = one_hot(4, 2).requires_grad_()
        gather_mass(probs, 1.0)[0, 0, 4, 3].backward()
        assert probs.grad[0, 0, 4, 3] == 1 and probs.grad[0, 0, 4, 2] == pytest.approx(
            math.exp(-0.5)
        )
