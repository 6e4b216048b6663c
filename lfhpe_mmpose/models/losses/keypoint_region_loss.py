"""The region that all tagged views of a person together leave to a keypoint."""

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from lfhpe_mmpose.tags import SEEN, is_absent, is_known, is_visible

from .counts import mean_over, total_counts


def possible_cells(tags: Tensor, masks: Tensor) -> Tensor:
    """Find the cells where a keypoint can be, given the tags of a person's views.

    A keypoint is inside every view where it is visible and outside every view where it is
    not. If windows and cells do not line up and no cell is left, the cells that contradict
    the fewest views are taken. No coordinate is read.

    Args:
        tags (Tensor): (B, V, K).
        masks (Tensor): Windows (B, V, N), 1 inside.

    Returns:
        Tensor: (B, K, N), bool.
    """
    seen, absent = is_visible(tags).float(), is_absent(tags).float()
    against = torch.einsum('bvk,bvn->bkn', seen, 1 - masks)
    against = against + torch.einsum('bvk,bvn->bkn', absent, masks)
    return against < against.amin(-1, keepdim=True) + 0.5


def presumed_tags(tags: Tensor) -> Tensor:
    """Assume a keypoint is visible if only sub-crops were annotated.

    Otherwise "not in this sub-crop" would say nothing about its place; now the keypoint is
    elsewhere in the person's window. Most keypoints are visible, so the few wrong
    assumptions disturb little (our choice).

    Args:
        tags (Tensor): (B, V, K); view 0 is the whole person.

    Returns:
        Tensor: The same with 1 in view 0 where it was unknown and a sub-crop is not.
    """
    presumed = ~is_known(tags[:, 0]) & is_known(tags[:, 1:]).any(1)
    whole = torch.where(presumed, float(SEEN), tags[:, 0])
    return torch.cat([whole[:, None], tags[:, 1:]], 1)


@MODELS.register_module()
class KeypointRegionLoss(nn.Module):
    """Keep a map's softmax inside the region that the tagged views leave (our choice).

    Pooling treats each view alone and asks for evidence somewhere in it. This loss combines
    the views of a person: minus the logarithm of the share of the map in
    ``possible_cells``, a cross-entropy whose label is a set of cells. It is the mean over
    keypoints visible in at least one view, with ``presumed_tags``.

    Args:
        loss_weight (float): Weight of the loss.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, maps: Tensor, tags: Tensor, masks: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            maps (Tensor): Logits (B, K, h, w).
            tags (Tensor): (B, V, K).
            masks (Tensor): Windows (B, V, h * w), 1 inside.

        Returns:
            Tensor: A scalar, float32.
        """
        tags = presumed_tags(tags)
        log_probs = maps.flatten(2).float().log_softmax(-1)
        outside = ~possible_cells(tags, masks)
        log_share = log_probs.masked_fill(outside, torch.finfo(log_probs.dtype).min).logsumexp(-1)
        present = is_visible(tags).any(1).float()
        (total,) = total_counts(present.sum())
        return mean_over(-self.loss_weight * (log_share * present).sum(), total)
