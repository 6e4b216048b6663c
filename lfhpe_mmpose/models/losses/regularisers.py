"""Location-free terms: what a good map looks like, without saying where its peak is.

Each looks at the softmax over a map's cells, and only at keypoints tagged as seen.
"""

import math

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from .counts import mean_over, total_counts


def _mean_over_present(values: Tensor, present: Tensor) -> Tensor:
    (total,) = total_counts(present.sum())
    return mean_over((values * present).sum(), total)


@MODELS.register_module()
class MapAgreementLoss(nn.Module):
    """Plain and refined class activation maps should agree (our choice).

    The Jensen-Shannon divergence of their softmax, in [0, ln 2].

    Args:
        loss_weight (float): Weight of the loss. Defaults to 1.
    """

    loss_name = 'agreement'

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, cam_logits: Tensor, refined_logits: Tensor, present: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            cam_logits (Tensor): Plain maps (B, K, h, w).
            refined_logits (Tensor): Refined maps (B, K, h, w).
            present (Tensor): (B, K), 1 for keypoints tagged as seen.

        Returns:
            Tensor: A scalar, float32.
        """
        log_p = cam_logits.flatten(2).float().log_softmax(-1)
        log_q = refined_logits.flatten(2).float().log_softmax(-1)
        log_m = torch.logaddexp(log_p, log_q) - math.log(2.0)
        p_side = (log_p.exp() * (log_p - log_m)).sum(-1)
        q_side = (log_q.exp() * (log_q - log_m)).sum(-1)
        return self.loss_weight * _mean_over_present((p_side + q_side) / 2, present)


@MODELS.register_module()
class MapConcentrationLoss(nn.Module):
    """A map should have one compact peak (our choice).

    The variance of the position under the refined map's softmax, with both sides of the
    map as unit length: 1/6 for a flat map, 0 for one cell.

    Args:
        loss_weight (float): Weight of the loss. Defaults to 1.
    """

    loss_name = 'concentration'

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, cam_logits: Tensor, refined_logits: Tensor, present: Tensor) -> Tensor:
        """Compute the loss; see :meth:`MapAgreementLoss.forward` for the shapes."""
        h, w = refined_logits.shape[2:]
        probs = refined_logits.flatten(2).float().softmax(-1).unflatten(2, (h, w))
        y = (torch.arange(h, device=probs.device) + 0.5) / h
        x = (torch.arange(w, device=probs.device) + 0.5) / w
        rows, columns = probs.sum(3), probs.sum(2)  # (B, K, h), (B, K, w)
        variance = (rows @ y.square()) - (rows @ y).square()
        variance = variance + (columns @ x.square()) - (columns @ x).square()
        return self.loss_weight * _mean_over_present(variance, present)


@MODELS.register_module()
class PartSeparationLoss(nn.Module):
    """Maps of different keypoints should lie apart (our choice).

    The mean cosine between the softmax of each two refined maps, in [0, 1].

    Args:
        loss_weight (float): Weight of the loss. Defaults to 1.
    """

    loss_name = 'separation'

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, cam_logits: Tensor, refined_logits: Tensor, present: Tensor) -> Tensor:
        """Compute the loss; see :meth:`MapAgreementLoss.forward` for the shapes."""
        probs = refined_logits.flatten(2).float().softmax(-1)
        unit = probs / probs.norm(dim=-1, keepdim=True).clamp(min=1e-6)
        cosine = unit @ unit.transpose(1, 2)  # (B, K, K)
        others = 1 - torch.eye(cosine.shape[1], device=cosine.device)
        both = present[:, :, None] * present[:, None] * others
        return self.loss_weight * _mean_over_present(cosine, both)
