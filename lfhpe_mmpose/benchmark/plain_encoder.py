"""A plain transformer encoder, the peer of our neck."""

from collections.abc import Sequence
from typing import Any

import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from mmpose.registry import MODELS
from torch import Tensor, nn

from lfhpe_mmpose.models.layers import SinePositionEncoding2D


@MODELS.register_module()
class PlainTransformerEncoder(BaseModule):
    """Self-attention among all cells of the grid, with PyTorch's own layers.

    TransPose (Yang et al., ICCV 2021) has it between backbone and head. Every cell attends to
    every other one, so the cost of attention grows with the square of the area. It is here to
    be measured against; its arguments are those of ``MultiScaleContextEncoder``.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        embed_dims: int = 256,
        num_layers: int = 1,
        num_heads: int = 8,
        mlp_ratio: float = 2.0,
        grid_level: int = 0,
        norm_cfg: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.grid_level = grid_level
        norm_cfg = norm_cfg or dict(type='BN')
        self.projections = nn.ModuleList(
            ConvModule(c, embed_dims, 1, norm_cfg=norm_cfg, act_cfg=None) for c in in_channels
        )
        self.position = SinePositionEncoding2D(embed_dims)
        layer = nn.TransformerEncoderLayer(
            embed_dims,
            num_heads,
            int(embed_dims * mlp_ratio),
            dropout=0.0,
            activation='gelu',
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(
            layer, num_layers, nn.LayerNorm(embed_dims), enable_nested_tensor=False
        )

    def forward(self, feats: Sequence[Tensor]) -> tuple[Tensor]:
        """Encode levels (B, C_i, H_i, W_i) to one (B, d, H, W) on the grid of ``grid_level``."""
        levels = [project(x) for project, x in zip(self.projections, feats, strict=True)]
        grid = levels[self.grid_level]
        height, width = grid.shape[2:]
        for i, x in enumerate(levels):
            if i != self.grid_level:
                grid = grid + F.interpolate(
                    x, size=(height, width), mode='bilinear', align_corners=False
                )
        tokens = grid.flatten(2).transpose(1, 2)
        tokens = self.encoder(tokens + self.position(height, width, tokens))
        return (tokens.transpose(1, 2).unflatten(2, (height, width)),)


def plain_neck(neck: dict[str, Any]) -> dict[str, Any]:
    """The config of a plain encoder as wide and as deep as a neck's config."""
    taken = ('in_channels', 'embed_dims', 'num_layers', 'num_heads', 'mlp_ratio', 'grid_level')
    kept = {key: neck[key] for key in taken if key in neck}
    return dict(type='PlainTransformerEncoder', **kept)
