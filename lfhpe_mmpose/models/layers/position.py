"""Position encoding of tokens on a grid."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError


class SinePositionEncoding2D(nn.Module):
    """Fixed 2D sine and cosine encoding (Vaswani et al. 2017, as used by DETR).

    Half of the channels encode the row, half the column. Positions are relative to the size
    of the grid, so that pooled and fine grids agree. Encodings are cached by size.

    Args:
        embed_dims (int): Channels d; a multiple of 4.
        temperature (float): Ratio of the longest to the shortest wave length (our choice:
            grids are a few tens of cells wide).
    """

    def __init__(self, embed_dims: int, temperature: float = 100.0) -> None:
        super().__init__()
        if embed_dims % 4:
            raise UserError('config-value', 'embed_dims', f'{embed_dims} is not a multiple of 4.')
        self.embed_dims = embed_dims
        self.temperature = temperature
        self._made: dict[tuple[Any, ...], Tensor] = {}

    def forward(self, height: int, width: int, like: Tensor) -> Tensor:
        """Encode a grid row by row, (height * width, d), with device and dtype of ``like``."""
        key = (height, width, like.device, like.dtype)
        made = self._made.get(key)
        if made is not None:
            return made
        if torch.compiler.is_compiling():
            # Filling the cache inside a compiled function would compile it again.
            return self._make(height, width).to(like)
        with torch.inference_mode(False):  # training may use it later
            made = self._make(height, width).to(device=like.device, dtype=like.dtype)
        self._made[key] = made
        return made

    def _make(self, height: int, width: int) -> Tensor:
        bands = self.embed_dims // 4
        frequency = math.pi * self.temperature ** (torch.arange(bands) / max(bands - 1, 1))

        def waves(size: int) -> Tensor:
            angle = (torch.arange(size) + 0.5)[:, None] / size * frequency
            return torch.cat([angle.sin(), angle.cos()], dim=1)

        rows = waves(height)[:, None].expand(-1, width, -1)
        columns = waves(width)[None].expand(height, -1, -1)
        return torch.cat([rows, columns], dim=2).flatten(0, 1)
