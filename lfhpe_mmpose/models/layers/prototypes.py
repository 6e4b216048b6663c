"""Relation-encoded pose prototypes: one vector per keypoint, specific to the image.

The paper's abstract names the idea (structural relations among keypoints encoded into
prototypes); the layers are our choice.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attention import MultiHeadAttention

# Skeleton distances of this many limbs and more share one bias.
_MAX_HOPS = 4


def skeleton_relations(
    num_keypoints: int,
    skeleton_links: Sequence[Sequence[int]],
    flip_indices: Sequence[int],
) -> tuple[Tensor, Tensor]:
    """Describe how each two keypoints are related.

    Args:
        num_keypoints (int): K.
        skeleton_links (Sequence[Sequence[int]]): Limbs as pairs of indices.
        flip_indices (Sequence[int]): Index of each keypoint's mirror image.

    Returns:
        tuple[Tensor, Tensor]: Number of limbs between two keypoints, ``_MAX_HOPS`` if there
        are more or they are unconnected, (K, K) int64; whether they are a left/right pair,
        (K, K) int64.
    """
    reach = torch.eye(num_keypoints, dtype=torch.bool)
    step = reach.clone()
    for a, b in skeleton_links:
        step[a, b] = step[b, a] = True
    hops = torch.full((num_keypoints, num_keypoints), _MAX_HOPS)
    for distance in range(_MAX_HOPS):
        hops[reach & (hops == _MAX_HOPS)] = distance
        reach = (reach.float() @ step.float()) > 0
    pairs = torch.zeros(num_keypoints, num_keypoints, dtype=torch.long)
    for a, b in enumerate(flip_indices):
        if a != b:
            pairs[a, b] = 1
    return hops, pairs


class PosePrototypes(nn.Module):
    """Keypoint embeddings, made image-specific, then related to one another.

    The image's evidence for a keypoint (features pooled under its class activation map) is
    added to its learnt embedding. Attention among the K prototypes, with a learnt bias for
    each skeleton distance and for left/right pairs, then lets clearly visible keypoints
    inform the others.

    Args:
        num_keypoints (int): K.
        embed_dims (int): Channels d.
        skeleton_links (Sequence[Sequence[int]]): Limbs as pairs of indices.
        flip_indices (Sequence[int]): Index of each keypoint's mirror image.
        num_layers (int): Number of attention layers.
        num_heads (int): Number of attention heads.
    """

    def __init__(
        self,
        num_keypoints: int,
        embed_dims: int,
        skeleton_links: Sequence[Sequence[int]],
        flip_indices: Sequence[int],
        num_layers: int = 2,
        num_heads: int = 4,
    ) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(num_keypoints, embed_dims) * 0.02)
        self.evidence = nn.Linear(embed_dims, embed_dims)
        self.layers = nn.ModuleList(
            _RelationLayer(embed_dims, num_heads) for _ in range(num_layers)
        )
        self.norm = nn.LayerNorm(embed_dims)
        hops, pairs = skeleton_relations(num_keypoints, skeleton_links, flip_indices)
        # One-hot, so that looking up a bias and its gradient are products.
        relations = [F.one_hot(hops, _MAX_HOPS + 1), F.one_hot(pairs, 2)]
        self.register_buffer('relations', torch.cat(relations, -1).float(), persistent=False)

    def forward(self, tokens: Tensor, cam_logits: Tensor) -> Tensor:
        """Make prototypes (B, K, d) from features (B, N, d) and CAM logits (B, K, N)."""
        weights = cam_logits.float().softmax(-1).to(tokens.dtype)
        prototypes = self.embedding + self.evidence(weights @ tokens)
        for layer in self.layers:
            prototypes = layer(prototypes, self.relations)
        return self.norm(prototypes)


class _RelationLayer(nn.Module):
    """Pre-norm attention among keypoints, then a two-layer perceptron."""

    def __init__(self, embed_dims: int, num_heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dims)
        self.attention = MultiHeadAttention(embed_dims, num_heads)
        self.hop_bias = nn.Parameter(torch.zeros(_MAX_HOPS + 1, num_heads))
        self.pair_bias = nn.Parameter(torch.zeros(2, num_heads))
        self.norm2 = nn.LayerNorm(embed_dims)
        self.mlp = nn.Sequential(
            nn.Linear(embed_dims, 2 * embed_dims),
            nn.GELU(),
            nn.Linear(2 * embed_dims, embed_dims),
        )

    def forward(self, x: Tensor, relations: Tensor) -> Tensor:
        bias = (relations @ torch.cat([self.hop_bias, self.pair_bias])).permute(2, 0, 1)[None]
        y = self.norm1(x)
        x = x + self.attention(y, y, y, bias)
        return x + self.mlp(self.norm2(x))
