"""A model ready to be timed in inference: backbone, neck and head, without the decoding.

Every model here decodes on the CPU with the codec of its config, which costs the same for
models that share a codec; the network is what differs.
"""

from collections.abc import Callable

import torch
from mmcv.cnn import fuse_conv_bn
from torch import Tensor, nn

from .modes import Mode, to_channels_last


class Inference:
    """A model in a mode, on a device.

    Args:
        model (nn.Module): A pose estimator, which is changed: fusing replaces its modules.
        input_size (tuple[int, int]): Width and height of the input, pixels.
        mode (Mode): Precision, layout, compilation, fused batch norm.
        device (str): ``'cpu'`` or ``'cuda'``.
    """

    def __init__(
        self, model: nn.Module, input_size: tuple[int, int], mode: Mode, device: str
    ) -> None:
        model.eval()
        if mode.fuse_bn:
            model = fuse_conv_bn(model)
        model.to(device)
        self.layout = torch.channels_last if mode.channels_last else torch.contiguous_format
        if mode.channels_last:
            to_channels_last(model)
        self.model = model
        self.mode = mode
        self.device = device
        self.input_size = input_size

    def on_batch(self, size: int) -> Callable[[], Tensor]:
        """A call that runs the network on a batch.

        Args:
            size (int): Pictures in the batch.

        Returns:
            Callable[[], Tensor]: Gives the heatmaps, or what else the head computes.
        """
        width, height = self.input_size
        pictures = torch.randn(
            size, 3, height, width, generator=torch.Generator().manual_seed(size)
        )
        # A graph for each batch size: sizes are fixed where speed matters.
        forward = self.mode.compiled(self.model._forward)  # type: ignore[arg-type]
        pictures = pictures.to(self.device).contiguous(memory_format=self.layout)

        def call() -> Tensor:
            with torch.inference_mode(), self.mode.cast(self.device):
                return forward(pictures)

        return call
