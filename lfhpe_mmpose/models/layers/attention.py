"""Attention over tokens with PyTorch's fused kernel."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError


class MultiHeadAttention(nn.Module):
    """Multi-head attention with an additive bias (Vaswani et al. 2017).

    ``nn.MultiheadAttention`` leaves its fused path when each head has a bias of its own.

    Args:
        embed_dims (int): Channels d; a multiple of ``num_heads``.
        num_heads (int): Number of heads.
    """

    def __init__(self, embed_dims: int, num_heads: int) -> None:
        super().__init__()
        if embed_dims % num_heads:
            raise UserError(
                'config-value',
                'num_heads',
                f'{num_heads} heads cannot share {embed_dims} channels evenly.',
                'Make embed_dims a multiple of num_heads.',
            )
        self.num_heads = num_heads
        self.query = nn.Linear(embed_dims, embed_dims)
        self.key = nn.Linear(embed_dims, embed_dims)
        self.value = nn.Linear(embed_dims, embed_dims)
        self.out = nn.Linear(embed_dims, embed_dims)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        bias: Tensor | None = None,
        key_bias: Tensor | None = None,
    ) -> Tensor:
        """Attend.

        Args:
            query (Tensor): (B, N, d).
            key (Tensor): (B, M, d).
            value (Tensor): (B, M, d).
            bias (Tensor, optional): Added to the attention logits; broadcastable to
                (B, heads, N, M).
            key_bias (Tensor, optional): Added to a key's logits for all queries, (B, M).
                Unlike ``bias`` it keeps the fused kernel when it is learnt.

        Returns:
            Tensor: (B, N, d).
        """
        width = self.query.out_features // self.num_heads
        extra = 0
        if key_bias is not None and torch.is_grad_enabled():
            # One more channel, 1 in the queries and the bias in the keys: a mask with a gradient
            # would disable the fused kernel, which needs channels in multiples of 8.
            extra = 8 - width % 8
        q = self._project(self.query, query, extra, constant=1.0)
        k = self._project(self.key, key, extra)
        v = self._project(self.value, value, extra)
        scale = width**-0.5
        if extra and key_bias is not None:
            column = (key_bias / scale).to(k.dtype)[:, None, :, None]
            k = k + F.pad(column, (width, extra - 1))
        elif key_bias is not None:
            # Without a gradient a mask keeps the fused kernel.
            mask = key_bias[:, None, None]
            bias = mask if bias is None else bias + mask
        if bias is not None:
            bias = bias.to(q.dtype)
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=scale)
        return self.out(x[..., :width].transpose(1, 2).flatten(2))

    def _project(self, layer: nn.Linear, x: Tensor, extra: int, constant: float = 0.0) -> Tensor:
        """Project to heads (B, heads, N, d / heads + extra) by widened weights.

        The first of the extra channels is ``constant``, the others are 0.
        """
        weight: Tensor = layer.weight
        bias: Tensor = layer.bias
        if extra:
            weight = weight.unflatten(0, (self.num_heads, -1))
            weight = F.pad(weight, (0, 0, 0, extra)).flatten(0, 1)
            bias = F.pad(bias.unflatten(0, (self.num_heads, -1)), (0, 1), value=constant)
            bias = F.pad(bias, (0, extra - 1)).flatten()
        return F.linear(x, weight, bias).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
