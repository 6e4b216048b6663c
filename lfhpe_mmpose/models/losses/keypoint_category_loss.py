"""The loss of keypoint category labels (tags)."""

import torch.nn.functional as F
from mmpose.registry import MODELS
from torch import Tensor, nn

from lfhpe_mmpose.tags import is_absent, is_visible

from .counts import mean_over, total_counts


@MODELS.register_module()
class KeypointCategoryLoss(nn.Module):
    """Binary cross-entropy on tags; unknown tags are ignored.

    Visible keypoints outnumber the others, so by default both have half of the loss: it is
    the mean of the mean over visible and the mean over not visible ones (our choice). If a
    batch holds only one of them, its mean is the loss. If all tags are unknown the loss is 0.

    Args:
        balance (bool): False is the plain mean over known tags.
        loss_weight (float): Weight of the loss.
    """

    def __init__(self, balance: bool = True, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.balance = balance
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, tags: Tensor) -> Tensor:
        """Compute a scalar, float32, from logits and tags of the same shape, e.g. (B, V, K)."""
        logits = logits.float()
        positive, negative = is_visible(tags).float(), is_absent(tags).float()
        loss = F.binary_cross_entropy_with_logits(logits, positive, reduction='none')
        if not self.balance:
            known = positive + negative
            (total,) = total_counts(known.sum())
            return mean_over(self.loss_weight * (loss * known).sum(), total)
        num_positive, num_negative = total_counts(positive.sum(), negative.sum())
        mean = mean_over((loss * positive).sum(), num_positive)
        mean = mean + mean_over((loss * negative).sum(), num_negative)
        sides = num_positive.clamp(max=1) + num_negative.clamp(max=1)
        return self.loss_weight * mean / sides.clamp(min=1)
