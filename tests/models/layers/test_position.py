"""Tests of the position encoding."""

import torch

from lfhpe_mmpose.models.layers import SinePositionEncoding2D
from tests.refusal import refuses


class TestSinePositionEncoding2D:
    """Each cell has an encoding of its own, relative to the size of the grid."""

    def test_unique(self):
        """No two cells of a grid share an encoding."""
        codes = SinePositionEncoding2D(32)(12, 9, torch.zeros(1))
        assert codes.shape == (108, 32)
        distance = torch.cdist(codes, codes) + torch.eye(108) * 9
        assert distance.min() > 0.05

    def test_relative_to_the_grid(self):
        """The middle of a coarse grid is encoded as the middle of a fine one."""
        position = SinePositionEncoding2D(32)
        coarse, fine = (position(n, n, torch.zeros(1)) for n in (3, 9))
        assert torch.allclose(coarse[4], fine[40], atol=1e-5)

    def test_made_once(self):
        """A size is encoded once and kept."""
        position = SinePositionEncoding2D(16)
        assert position(4, 4, torch.zeros(1)) is position(4, 4, torch.zeros(1))
        assert position(4, 4, torch.zeros(1, dtype=torch.float16)).dtype == torch.float16

    def test_bad_width(self):
        """Channels that cannot be split in four are refused."""
        with refuses('config-value', 'embed_dims'):
            SinePositionEncoding2D(30)
