"""Tests of the anti-aliasing filter."""

import pytest
import torch
from torch import nn

from lfhpe_mmpose.models.backbones import BlurConv2d, BlurPool2d


class TestBlurPool2d:
    """The filter that drops pixels."""

    def test_impulse(self):
        """An impulse is spread by the binomial weights."""
        x = torch.zeros(1, 1, 5, 5)
        x[0, 0, 2, 2] = 16.0
        assert torch.equal(
            BlurPool2d(1)(x)[0, 0, 1:4, 1:4],
            torch.tensor([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]),
        )

    def test_alternating_pixels_become_their_mean(self):
        """The highest frequency, which subsampling cannot hold, is removed."""
        x = (torch.arange(8) % 2).float().expand(1, 2, 8, 8)
        assert torch.allclose(BlurPool2d()(x)[..., 1:], torch.full((1, 2, 4, 3), 0.5))

    @pytest.mark.parametrize('size', [(1, 1), (2, 3), (7, 8), (16, 9)])
    def test_shape_and_constant(self, size):
        """Sizes are those of a strided convolution, a constant stays, channels are kept apart."""
        x = torch.tensor([1.0, -2.0, 3.0]).view(1, 3, 1, 1).expand(2, 3, *size)
        y = BlurPool2d()(x)
        assert y.shape == nn.Conv2d(3, 3, 3, stride=2, padding=1)(x).shape
        assert torch.allclose(y, x[..., :1, :1].expand_as(y))

    def test_not_in_the_state_dict(self):
        """The filter has neither parameters nor saved buffers."""
        assert not BlurPool2d().state_dict() and not list(BlurPool2d().parameters())


class TestBlurConv2d:
    """A convolution behind the filter."""

    def test_from_conv(self):
        """It keeps the parameters and their names, and applies them to the filtered input."""
        conv = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2)
        new = BlurConv2d.from_conv(conv, 2)
        assert new.weight is conv.weight and new.bias is conv.bias
        assert list(new.state_dict()) == list(conv.state_dict())
        x = torch.randn(1, 4, 9, 11)
        conv.stride = (1, 1)
        assert torch.equal(new(x), conv(BlurPool2d(2)(x)))
