"""The loss of keypoint category labels (tags)."""

import torch.nn.functional as F
from mmpose.registry import MODELS
from torch import Tensor, nn

from .counts import mean_over, total_counts


@MODELS.register_module()
class KeypointCategoryLoss(nn.Module):
    """Binary cross-entropy on tags; unknown tags count nothing.

    Positives outnumber negatives, so by default both have half of the loss: it is the
    mean of the mean over positives and the mean over negatives (our choice). Where a
    batch holds only one of them, that one's mean is the loss; where all tags are
    unknown the loss is 0, with a gradient of 0.

    Args:
        balance (bool): Whether positives and negatives weigh the same. False is the
            plain mean over known tags. Defaults to True.
        loss_weight (float): Weight of the loss. Defaults to 1.
    """

    def __init__(self, balance: bool = True, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.balance = balance
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, tags: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            logits (Tensor): Any shape, e.g. (B, V, K).
            tags (Tensor): The same shape; 1 seen, 0 not seen, -1 unknown.

        Returns:
            Tensor: A scalar, float32.
        """
        logits = logits.float()
        positive, negative = (tags > 0.5).float(), ((tags > -0.5) & (tags < 0.5)).float()
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
