"""Attention over tokens, through PyTorch's fused kernel."""

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

    def forward(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None):
        """Attend.

        Args:
            query (Tensor): (B, N, d).
            key (Tensor): (B, M, d).
            value (Tensor): (B, M, d).
            bias (Tensor, optional): Added to the attention logits;
                broadcastable to (B, heads, N, M).

        Returns:
            Tensor: (B, N, d).
        """

        def split(x: Tensor) -> Tensor:
            return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

        q, k, v = split(self.query(query)), split(self.key(key)), split(self.value(value))
        if bias is not None:
            bias = bias.to(q.dtype)
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.out(x.transpose(1, 2).flatten(2))
