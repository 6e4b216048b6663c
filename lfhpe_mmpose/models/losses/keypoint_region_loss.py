"""What several tagged views say together about where a keypoint can be."""

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from .counts import mean_over, total_counts


def possible_cells(tags: Tensor, masks: Tensor) -> Tensor:
    """Find the cells where a keypoint can be, given the tags of a person's views.

    A keypoint of a person is in one place: inside every view that shows it and outside
    every view that does not. No coordinate is read. Where windows and cells do not line up
    and no cell is left, the cells that contradict the fewest views are taken.

    Args:
        tags (Tensor): (B, V, K); 1 seen, 0 not seen, -1 unknown.
        masks (Tensor): Windows (B, V, N), 1 inside.

    Returns:
        Tensor: (B, K, N), bool.
    """
    seen, absent = (tags > 0.5).float(), (tags.abs() < 0.5).float()
    against = torch.einsum('bvk,bvn->bkn', seen, 1 - masks)
    against = against + torch.einsum('bvk,bvn->bkn', absent, masks)
    return against < against.amin(-1, keepdim=True) + 0.5


def presumed_tags(tags: Tensor) -> Tensor:
    """Take a person to show a keypoint that nobody was asked about, but in sub-crops.

    Without that, an answer "not in this sub-crop" would say nothing about where it is; with it,
    the keypoint is elsewhere in the person's window. What the person does not show at all is
    looked for in vain, and then disturbs little: most keypoints are shown (our choice).

    Args:
        tags (Tensor): (B, V, K); 1 seen, 0 not seen, -1 unknown. View 0 is the whole person.

    Returns:
        Tensor: The same with 1 in view 0 where it was unknown and a sub-crop is not.
    """
    presumed = (tags[:, 0] < -0.5) & (tags[:, 1:] > -0.5).any(1)
    whole = torch.where(presumed, 1.0, tags[:, 0])
    return torch.cat([whole[:, None], tags[:, 1:]], 1)


@MODELS.register_module()
class KeypointRegionLoss(nn.Module):
    """Put a map's softmax inside the region that the tagged views leave (our choice).

    Pooling treats each view alone and asks for evidence somewhere in it. Here the views of a
    person are taken together: minus the logarithm of the share of the map that lies
    in :func:`possible_cells`, for keypoints seen in at least one view. It is a
    cross-entropy with a set of cells as the label, made of tags and windows alone. Where only
    sub-crops of a person have tags, see :func:`presumed_tags`.

    Args:
        loss_weight (float): Weight of the loss. Defaults to 1.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, maps: Tensor, tags: Tensor, masks: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            maps (Tensor): Logits (B, K, h, w).
            tags (Tensor): (B, V, K); 1 seen, 0 not seen, -1 unknown.
            masks (Tensor): Windows (B, V, h * w), 1 inside.

        Returns:
            Tensor: A scalar, float32; 0 without a seen keypoint.
        """
        tags = presumed_tags(tags)
        log_probs = maps.flatten(2).float().log_softmax(-1)
        outside = ~possible_cells(tags, masks)
        log_share = log_probs.masked_fill(outside, torch.finfo(log_probs.dtype).min).logsumexp(-1)
        present = (tags > 0.5).any(1).float()
        (total,) = total_counts(present.sum())
        return mean_over(-self.loss_weight * (log_share * present).sum(), total)
