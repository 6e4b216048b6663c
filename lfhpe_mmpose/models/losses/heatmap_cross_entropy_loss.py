"""The loss of locations."""

from mmpose.registry import MODELS
from torch import Tensor, nn

from .counts import mean_over, total_counts


@MODELS.register_module()
class HeatmapCrossEntropyLoss(nn.Module):
    """Cross-entropy between the softmax over a map and the target heatmap.

    Each map is a classification among its cells; the target heatmap, scaled to sum to 1, is
    the soft label. The loss constrains where the peak is, not its height, which the tags
    determine (our choice). It is the mean over located keypoints, and 0 without any.

    Args:
        loss_weight (float): Weight of the loss.
    """

    # The head gives this loss logits; MMPose's losses get maps in [0, 1].
    takes_logits = True

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, target: Tensor, target_weights: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            logits (Tensor): Maps before the sigmoid, (B, K, H, W).
            target (Tensor): Target heatmaps (B, K, H, W), at least 0.
            target_weights (Tensor): (B, K), 0 without a location.

        Returns:
            Tensor: A scalar, float32.
        """
        log_probs = logits.flatten(2).float().log_softmax(-1)
        target = target.flatten(2).float()
        mass = target.sum(-1)
        # A keypoint outside the crop has an empty target.
        weights = target_weights.float() * (mass > 0)
        loss = -(target * log_probs).sum(-1) / mass.clamp(min=1e-6)
        (total,) = total_counts(weights.sum())
        return mean_over(self.loss_weight * (loss * weights).sum(), total)
