"""Multi-scale spatial-guided context encoder (MSC-Encoder)."""

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from mmpose.registry import MODELS
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError

from ..layers import MultiHeadAttention, SinePositionEncoding2D


@MODELS.register_module()
class MultiScaleContextEncoder(BaseModule):
    """Global context for every cell, guided to the parts of the body.

    The idea is the paper's (Xu et al., CVPR 2022: a transformer that captures global
    context while it focuses on part-aware regions); the layers are our choice:

    - Every level is projected to d channels. Their sum on the grid of one level gives the
      query tokens.
    - Keys and values are the levels pooled to a few sizes. Their number does not depend on
      the image, so the cost grows linearly with its area.
    - Spatial guide: each level has a learnt part-ness map that weights its pooling. Pooled
      tokens that hold little of a body are attended to less. The tags train the map
      through the pooled features.
    - Each layer is attention to the pooled tokens, then a perceptron with a depthwise
      convolution for locality.

    Args:
        in_channels (Sequence[int]): Channels C_i of each level.
        embed_dims (int): Channels d of the output.
        num_layers (int): A second layer costs a tenth of a ResNet-50 model's time and gains
            little (docs/results).
        num_heads (int): Number of attention heads.
        mlp_ratio (float): Hidden width of the perceptron over d.
        pool_sizes (Sequence[int]): Cells on the longer side of the pooled grids.
        grid_level (int): Level with the grid of the output, usually that of stride 8.
        norm_cfg (dict): Normalisation after the projections; batch norm by default.
        init_cfg (dict, optional): See ``BaseModule``.

    Raises:
        UserError: If ``grid_level`` is invalid, or the number of features differs from
            ``in_channels``.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        embed_dims: int = 256,
        num_layers: int = 1,
        num_heads: int = 8,
        mlp_ratio: float = 2.0,
        pool_sizes: Sequence[int] = (8, 4, 2),
        grid_level: int = 0,
        norm_cfg: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if not 0 <= grid_level < len(in_channels):
            raise UserError(
                'config-value',
                'model.neck.grid_level',
                f'It must be one of the {len(in_channels)} levels, got {grid_level}.',
            )
        self.in_channels = tuple(in_channels)
        self.embed_dims = embed_dims
        self.pool_sizes = tuple(pool_sizes)
        self.grid_level = grid_level
        norm_cfg = norm_cfg or dict(type='BN')

        self.projections = nn.ModuleList(
            ConvModule(c, embed_dims, 1, norm_cfg=norm_cfg, act_cfg=None) for c in in_channels
        )
        self.guides = nn.ModuleList(nn.Conv2d(embed_dims, 1, 1) for _ in in_channels)
        # How strongly part-ness steers attention.
        self.guide_scale = nn.Parameter(torch.ones(1))
        self.level_embedding = nn.Parameter(torch.randn(len(in_channels), embed_dims) * 0.02)
        self.position = SinePositionEncoding2D(embed_dims)
        self.key_norm = nn.LayerNorm(embed_dims)
        self.layers = nn.ModuleList(
            _ContextLayer(embed_dims, num_heads, mlp_ratio) for _ in range(num_layers)
        )
        self.norm = nn.LayerNorm(embed_dims)

    def forward(self, feats: Sequence[Tensor]) -> tuple[Tensor]:
        """Encode levels (B, C_i, H_i, W_i) to one (B, d, H, W) on the grid of ``grid_level``."""
        if len(feats) != len(self.in_channels):
            raise UserError(
                'feature-levels',
                'model.neck.in_channels',
                f'The neck expects {len(self.in_channels)} levels '
                f'(in_channels={self.in_channels}), got {len(feats)}.',
                "Set in_channels to the channels of the backbone's out_indices.",
            )
        levels = [project(x) for project, x in zip(self.projections, feats)]
        height, width = levels[self.grid_level].shape[2:]

        grid = levels[self.grid_level]
        for i, x in enumerate(levels):
            if i != self.grid_level:
                grid = grid + _resize(x, (height, width))
        keys, values, bias = self._pooled_tokens(levels)

        tokens = grid.flatten(2).transpose(1, 2)
        position = self.position(height, width, tokens)
        for layer in self.layers:
            tokens = layer(tokens, position, keys, values, bias, (height, width))
        out = self.norm(tokens).transpose(1, 2).unflatten(2, (height, width))
        return (out,)

    def _pooled_tokens(self, levels: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Pool every level by its part-ness: keys and values (B, M, d), bias (B, M)."""
        keys, values, bias = [], [], []
        for x, guide, embedding in zip(levels, self.guides, self.level_embedding):
            part = guide(x).sigmoid()
            whole = finer = torch.cat([x * part, part], dim=1)
            h, w = x.shape[2:]
            for size in sorted(self.pool_sizes, reverse=True):
                cells = _pooled_shape(h, w, size)
                # The mean of equal cells' means: the fine map need not be read again.
                source = finer if _divides(cells, finer) else whole
                pooled = _pool(source, cells)
                finer = pooled if _divides(cells, source) else whole
                pooled, share = pooled[:, :-1], pooled[:, -1:]
                pooled = pooled / (share + 1e-4)
                token = self.key_norm(pooled.flatten(2).transpose(1, 2))
                values.append(token)
                keys.append(token + self.position(*cells, token) + embedding)
                bias.append((share.flatten(1) + 1e-4).log())
        guided = self.guide_scale * torch.cat(bias, dim=1)
        return torch.cat(keys, 1), torch.cat(values, 1), guided


class _ContextLayer(nn.Module):
    """Pre-norm attention to the pooled tokens, then a perceptron with locality."""

    identity: Tensor  # of the depthwise convolution

    def __init__(self, embed_dims: int, num_heads: int, mlp_ratio: float) -> None:
        super().__init__()
        hidden = int(embed_dims * mlp_ratio)
        self.norm1 = nn.LayerNorm(embed_dims)
        self.attention = MultiHeadAttention(embed_dims, num_heads)
        self.norm2 = nn.LayerNorm(embed_dims)
        self.widen = nn.Linear(embed_dims, hidden)
        self.local = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.narrow = nn.Linear(hidden, embed_dims)
        identity = torch.zeros(1, 1, 3, 3)
        identity[..., 1, 1] = 1
        self.register_buffer('identity', identity, persistent=False)

    def forward(
        self,
        x: Tensor,
        position: Tensor,
        keys: Tensor,
        values: Tensor,
        bias: Tensor,
        grid: tuple[int, int],
    ) -> Tensor:
        x = x + self.attention(self.norm1(x) + position, keys, values, key_bias=bias)
        y = self.widen(self.norm2(x)).transpose(1, 2).unflatten(2, grid)
        # y + local(y), with the sum in the small weight instead of the large map.
        weight = self.local.weight + self.identity
        y = F.conv2d(y, weight, self.local.bias, padding=1, groups=len(weight))
        y = F.gelu(y).flatten(2).transpose(1, 2)
        return x + self.narrow(y)


def _resize(x: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(x, size=size, mode='bilinear', align_corners=False)


def _divides(cells: tuple[int, int], x: Tensor) -> bool:
    """Whether a pooled grid divides a map into equal cells."""
    return x.shape[2] % cells[0] == 0 and x.shape[3] % cells[1] == 0


def _pool(x: Tensor, cells: tuple[int, int]) -> Tensor:
    if not _divides(cells, x):
        return F.adaptive_avg_pool2d(x, cells)
    return F.avg_pool2d(x, (x.shape[2] // cells[0], x.shape[3] // cells[1]))


def _pooled_shape(height: int, width: int, longer: int) -> tuple[int, int]:
    """Shape of a pooled grid with the aspect ratio of the map, never finer than it."""
    scale = longer / max(height, width)
    return (
        max(1, min(height, math.ceil(height * scale))),
        max(1, min(width, math.ceil(width * scale))),
    )
