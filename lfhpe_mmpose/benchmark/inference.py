"""A model ready to be timed in inference: backbone, neck and head, without decoding.

Decoding runs on the CPU and costs the same for all models that share a codec.
"""

from collections.abc import Callable

import torch
from mmcv.cnn import fuse_conv_bn
from torch import Tensor, nn

from .modes import Mode, to_channels_last


class Inference:
    """A model in a mode, on a device; ``model`` is changed in place."""

    def __init__(
        self, model: nn.Module, input_size: tuple[int, int], mode: Mode, device: str
    ) -> None:
        model.eval()
        if mode.fuse_bn:
            model = fuse_conv_bn(model)
        model.to(device)
        if mode.channels_last:
            to_channels_last(model)
        self.model = model
        self.mode = mode
        self.device = device
        self.input_size = input_size

    def on_batch(self, size: int) -> Callable[[], Tensor]:
        """A call that runs the network on a batch of pictures."""
        width, height = self.input_size
        layout = torch.channels_last if self.mode.channels_last else torch.contiguous_format
        pictures = torch.randn(
            size, 3, height, width, generator=torch.Generator().manual_seed(size)
        )
        # Each batch size has its own graph, as where speed matters.
        forward = self.mode.compiled(self.model._forward)  # type: ignore[arg-type]
        pictures = pictures.to(self.device).contiguous(memory_format=layout)

        def call() -> Tensor:
            with torch.inference_mode(), self.mode.cast(self.device):
                return forward(pictures)

        return call
