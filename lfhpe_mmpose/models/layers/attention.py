"""Attention over tokens, through PyTorch's fused kernel."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MultiHeadAttention(nn.Module):
    """Multi-head attention with an additive bias (Vaswani et al. 2017).

    ``nn.MultiheadAttention`` takes no bias of its own for each head together
    with the fused path, hence this one on ``scaled_dot_product_attention``.

    Args:
        embed_dims (int): Channels d; a multiple of ``num_heads``.
        num_heads (int): Heads.
    """

    def __init__(self, embed_dims: int, num_heads: int) -> None:
        super().__init__()
        if embed_dims % num_heads:
            raise ValueError(
                f'embed_dims must be a multiple of num_heads, got {embed_dims} and {num_heads}.'
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
            bias (Tensor, optional): Added to the attention logits;
                broadcastable to (B, heads, N, M).
            key_bias (Tensor, optional): Added to the logits of a key for all queries
                alike, (B, M). Unlike ``bias`` it keeps the fused kernel when it is learnt.

        Returns:
            Tensor: (B, N, d).
        """

        def split(x: Tensor) -> Tensor:
            return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

        q, k, v = split(self.query(query)), split(self.key(key)), split(self.value(value))
        scale = q.shape[-1] ** -0.5
        if bias is not None:
            bias = bias.to(q.dtype)
        if key_bias is not None:
            # One more channel, 1 in the queries: a mask with a gradient would shut the
            # fused kernel out. It needs as many channels in the values, in eights.
            column = (key_bias / scale).to(k.dtype)[:, None, :, None]
            k = _widen(k, column.expand(-1, self.num_heads, -1, -1))
            q = _widen(q, q.new_ones(1).expand(*q.shape[:-1], 1))
            width = v.shape[-1]
            v = F.pad(v, (0, k.shape[-1] - width))
            x = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=scale)
            x = x[..., :width]
        else:
            x = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=scale)
        return self.out(x.transpose(1, 2).flatten(2))


def _widen(x: Tensor, column: Tensor) -> Tensor:
    """Append a channel, and zeros up to a multiple of eight."""
    return F.pad(torch.cat([x, column], dim=-1), (0, -(x.shape[-1] + 1) % 8))
