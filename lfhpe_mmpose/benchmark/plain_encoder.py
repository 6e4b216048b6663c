"""A plain transformer encoder, the peer of our neck."""

from collections.abc import Sequence

import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from mmpose.registry import MODELS
from torch import Tensor, nn

from lfhpe_mmpose.models.layers import SinePositionEncoding2D


@MODELS.register_module()
class PlainTransformerEncoder(BaseModule):
    """Self-attention among all cells of the grid, with PyTorch's own layers.

    What TransPose (Yang et al., ICCV 2021) has between backbone and head: every cell attends
    to every other one, so the cost of attention grows with the square of the area. Levels and
    grid are those of :class:`MultiScaleContextEncoder`, so that it can stand in its place; it
    is here to be measured against, no recipe uses it.

    Args:
        in_channels (Sequence[int]): Channels C_i of each level.
        embed_dims (int): Channels d of the output. Defaults to 256.
        num_layers (int): Layers. Defaults to 1, as the neck's.
        num_heads (int): Attention heads. Defaults to 8.
        mlp_ratio (float): Hidden width of the perceptron over d. Defaults to 2.
        grid_level (int): Level whose grid is that of the output. Defaults to 0.
        norm_cfg (dict): Normalisation after the projections.
            Defaults to ``dict(type='BN')``.
        init_cfg (dict, optional): See :class:`BaseModule`.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        embed_dims: int = 256,
        num_layers: int = 1,
        num_heads: int = 8,
        mlp_ratio: float = 2.0,
        grid_level: int = 0,
        norm_cfg: dict | None = None,
        init_cfg: dict | None = None,
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
        """Encode the levels of a backbone.

        Args:
            feats (Sequence[Tensor]): (B, C_i, H_i, W_i).

        Returns:
            tuple[Tensor]: One feature map (B, d, H, W) on the grid of ``grid_level``.
        """
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


def plain_neck(neck: dict) -> dict:
    """The config of a plain encoder as wide and as deep as a neck.

    Args:
        neck (dict): Config of a :class:`MultiScaleContextEncoder`.

    Returns:
        dict: Config of a :class:`PlainTransformerEncoder`.
    """
    taken = ('in_channels', 'embed_dims', 'num_layers', 'num_heads', 'mlp_ratio', 'grid_level')
    kept = {key: neck[key] for key in taken if key in neck}
    return dict(type='PlainTransformerEncoder', **kept)
