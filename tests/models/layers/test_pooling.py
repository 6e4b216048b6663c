"""Tests of pooling inside view windows."""

import math

import pytest
import torch

from lfhpe_mmpose.models.layers import pool_views, rasterise_views


def window(x1, y1, x2, y2):
    """Corners of one window, (1, 1, 4, 2)."""
    return torch.tensor([[[[x1, y1], [x2, y1], [x2, y2], [x1, y2]]]], dtype=torch.float32)


class TestRasteriseViews:
    """Windows become masks of cells."""

    def test_by_hand(self):
        """Cells whose centre lies inside are in the window; a cell is 8 pixels here."""
        mask = rasterise_views(window(-1, -1, 15.4, 7.6), (2, 4), (32, 16)).view(2, 4)
        # Centres in x: 3.5, 11.5, 19.5, 27.5; in y: 3.5, 11.5.
        assert mask.tolist() == [[1, 1, 0, 0], [0, 0, 0, 0]]

    def test_orientation_does_not_matter(self):
        """A mirrored window (corners the other way round) has the same cells."""
        views = window(3, 2, 25, 30)
        mirrored = views[:, :, [1, 0, 3, 2]]
        size = ((8, 8), (32, 32))
        assert torch.equal(rasterise_views(views, *size), rasterise_views(mirrored, *size))

    def test_rotated(self):
        """A window rotated by 45 degrees covers half of its bounding square."""
        diamond = torch.tensor([[[[16.0, 0], [32, 16], [16, 32], [0, 16]]]]) - 0.5
        mask = rasterise_views(diamond, (32, 32), (32, 32))
        assert 0.45 < mask.mean() < 0.56

    def test_never_empty(self):
        """A window between cell centres, or outside the input, holds the nearest cell."""
        for views in (window(5, 5, 6, 6), window(-90, -90, -80, -80)):
            mask = rasterise_views(views, (4, 4), (32, 32)).view(4, 4)
            assert mask.sum() == 1 and mask[0, 0] == 1


class TestPoolViews:
    """Maps become logits."""

    maps = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
    top_row = torch.tensor([[[1.0, 1.0, 0.0, 0.0]]])

    def test_by_hand(self):
        """A hand-computed log-mean-exp."""
        out = pool_views(self.maps, self.top_row)
        assert out.shape == (1, 1, 1)
        assert out.item() == pytest.approx(math.log((1 + math.exp(4)) / 2) / 4, abs=1e-6)

    def test_sharpness(self):
        """Log-mean-exp runs from the mean to the maximum."""
        soft = pool_views(self.maps, None, sharpness=1e-3).item()
        hard = pool_views(self.maps, None, sharpness=50.0).item()
        assert soft == pytest.approx(1.5, abs=1e-2) and hard == pytest.approx(3.0, abs=0.05)

    def test_outside_does_not_count(self):
        """What lies outside a window changes neither its logit nor its gradient."""
        maps = torch.randn(2, 3, 4, 4, requires_grad=True)
        mask = torch.zeros(2, 1, 16)
        mask[:, :, 5:9] = 1
        out = pool_views(maps, mask)
        grad = torch.autograd.grad(out.sum(), maps)[0].flatten(2)
        assert not grad[:, :, mask[0, 0] == 0].any()
        assert grad[:, :, 5:9].abs().sum() > 0

    def test_far_peak_stays_finite(self):
        """A window far below the peak of the map has a finite logit."""
        maps = torch.tensor([[[[100.0, -100.0]]]], requires_grad=True)
        out = pool_views(maps, torch.tensor([[[0.0, 1.0]]]))
        out.sum().backward()
        assert torch.isfinite(out).all() and torch.isfinite(maps.grad).all()

    def test_views_equal_single_windows(self):
        """Several windows at once equal each one alone."""
        maps, masks = torch.randn(2, 5, 6, 4), (torch.rand(2, 3, 24) > 0.4).float()
        together = pool_views(maps, masks)
        for v in range(3):
            alone = pool_views(maps, masks[:, v : v + 1])
            assert torch.allclose(together[:, v : v + 1], alone, atol=1e-6)
