"""Attention over tokens with PyTorch's fused kernel."""

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
        layers = ((self.query, query), (self.key, key), (self.value, value))
        q, k, v = (self._split(layer(x)) for layer, x in layers)
        width = q.shape[-1]
        scale = width**-0.5
        if key_bias is not None:
            # One more channel, 1 in the queries and the bias in the keys: a mask with a gradient
            # would disable the fused kernel, which needs channels in multiples of 8.
            extra = 8 - width % 8
            column = (key_bias / scale).to(k.dtype)[:, None, :, None]
            q = F.pad(F.pad(q, (0, 1), value=1.0), (0, extra - 1))
            k = F.pad(k, (0, extra)) + F.pad(column, (width, extra - 1))
            v = F.pad(v, (0, extra))
        if bias is not None:
            bias = bias.to(q.dtype)
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=scale)
        return self.out(x[..., :width].transpose(1, 2).flatten(2))

    def _split(self, x: Tensor) -> Tensor:
        """Split the channels into heads: (B, heads, N, d / heads)."""
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
