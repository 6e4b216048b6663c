"""Anti-aliased downsampling: smooth, then drop every second pixel.

R. Zhang, "Making Convolutional Networks Shift-Invariant Again", ICML 2019. A layer
with a stride drops pixels without smoothing first, so its output depends on whether
the image starts at an even or an odd pixel. Here the layer runs densely and a fixed
binomial filter, which has no weights, does the dropping.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class BlurPool2d(nn.Module):
    """A 3x3 binomial filter, applied with a stride.

    The border is replicated, so that a constant map stays constant and maps of one
    pixel pass. The filter is not stored in the ``state_dict``.

    Args:
        stride (int): Defaults to 2.
    """

    kernel: Tensor

    def __init__(self, stride: int = 2) -> None:
        super().__init__()
        self.stride = stride
        row = torch.tensor([1.0, 2.0, 1.0])
        kernel = (row[:, None] * row[None]) / 16
        self.register_buffer('kernel', kernel[None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Smooth and subsample.

        Args:
            x (Tensor): (B, C, H, W).

        Returns:
            Tensor: (B, C, ceil(H / stride), ceil(W / stride)), as a 3x3 convolution
            with that stride and a padding of 1 gives.
        """
        channels = x.shape[1]
        x = F.pad(x, (1, 1, 1, 1), mode='replicate')
        kernel = self.kernel.to(x.dtype).expand(channels, 1, 3, 3)
        return F.conv2d(x, kernel, stride=self.stride, groups=channels)

    def extra_repr(self) -> str:
        """Name the stride when printed."""
        return f'stride={self.stride}'


class BlurConv2d(nn.Conv2d):
    """A convolution whose input is smoothed and subsampled first.

    A subclass of :class:`torch.nn.Conv2d` and not a wrapper, so that ``weight`` keeps
    its name in the ``state_dict`` and pretrained weights load unchanged.

    Args:
        blur_stride (int): Stride of the :class:`BlurPool2d` before the convolution.
        args, kwargs: Arguments of :class:`torch.nn.Conv2d`.
    """

    def __init__(self, *args, blur_stride: int = 2, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.blur = BlurPool2d(blur_stride)

    @classmethod
    def from_conv(cls, conv: nn.Conv2d, blur_stride: int) -> 'BlurConv2d':
        """Make one like ``conv``, with its parameters and a stride of 1."""
        new = cls(
            conv.in_channels,
            conv.out_channels,
            conv.kernel_size,
            padding=conv.padding,
            dilation=conv.dilation,
            groups=conv.groups,
            bias=conv.bias is not None,
            blur_stride=blur_stride,
        )
        new.weight, new.bias = conv.weight, conv.bias
        return new

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', ceil(H / blur_stride), ceil(W / blur_stride))."""
        return super().forward(self.blur(x))
