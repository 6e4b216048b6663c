"""Losses of the local head: keypoints that compete for each cell, from tags alone."""

import torch
from torch import Tensor, nn

from lfhpe_mmpose.tags import is_absent, is_known, is_visible

from ..layers import gather_mass, rasterise_views
from ..losses.counts import mean_over, total_counts
from ..losses.keypoint_region_loss import possible_cells
from .supervision import Supervision

# Probabilities stay this far from 1 and 0, so that logarithms are finite.
_MARGIN = 1e-4
_SMALLEST = 1e-5


def log_invisible(probs: Tensor, masks: Tensor) -> Tensor:
    """Logarithm of the probability that no cell of a window shows a keypoint (noisy-or).

    Args:
        probs (Tensor): Probability of each keypoint in each cell, (B, K, N).
        masks (Tensor): Windows (B, V, N), 1 inside.

    Returns:
        Tensor: (B, V, K), negative.
    """
    none = torch.log1p(-probs.clamp(max=1 - _MARGIN))
    return torch.einsum('bkn,bvn->bvk', none, masks).clamp(max=-_SMALLEST)


class LocalEvidenceLosses(nn.Module):
    """Losses on logits (B, K + 1, h, w), whose last class is the background (our choice).

    A softmax over keypoints and background in each cell makes the keypoints compete.

    - ``tag_loss_local``: binary cross-entropy of the noisy-or over the cells of each tagged
      view. Rarer answers weigh more, by the square root of their share among all answers
      for this keypoint so far: the share comes from the data, not from a setting.
    - ``tag_loss_background``: the background's cross-entropy outside the whole person's window.
    - ``tag_loss_self``: with maps of a teacher, the cross-entropy of the cells around the
      teacher's peak, weighted by the teacher's share of the map there. The teacher looks for
      the peak in the region that all tagged views leave.

    Args:
        num_keypoints (int): Number of keypoints K.
        background_weight (float): Weight of the background loss.
        self_weight (float): Weight of the loss of the teacher's peaks.
        radius (float): Radius around a peak, as a share of the map's longer side.
    """

    answers: Tensor

    def __init__(
        self,
        num_keypoints: int,
        background_weight: float = 1.0,
        self_weight: float = 0.5,
        radius: float = 0.08,
    ) -> None:
        super().__init__()
        self.background_weight = background_weight
        self.self_weight = self_weight
        self.radius = radius
        # Visible and invisible so far, by keypoint; from 1, so that a share is never 0.
        self.register_buffer('answers', torch.ones(2, num_keypoints))

    def forward(
        self, logits: Tensor, labels: Supervision, teacher: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Compute the losses; ``teacher`` are probabilities (B, K, h, w) without gradient."""
        tags, map_size = labels.tags, (logits.shape[2], logits.shape[3])
        masks = rasterise_views(labels.views, map_size, labels.input_size)
        log_probs = logits.float().flatten(2).log_softmax(1)
        keypoints, background = log_probs[:, :-1], log_probs[:, -1]
        weights = self._weights(tags)

        none = log_invisible(keypoints.exp(), masks)
        each = torch.where(is_visible(tags), -torch.log(-torch.expm1(none)), -none)
        known = is_known(tags).float()
        each = each * known * torch.where(is_visible(tags), weights[0], weights[1])
        losses = dict(tag_loss_local=mean_over(each.sum(), *total_counts(known.sum())))

        outside = 1 - masks[:, 0]
        mean = -(background * outside).sum(-1) / outside.sum(-1).clamp(min=1)
        losses['tag_loss_background'] = self.background_weight * mean.mean()

        if teacher is not None:
            target, trust = self._around_peaks(teacher, possible_cells(tags, masks))
            trust = trust * is_visible(tags).any(1) * weights[0]
            each = -(target * keypoints).sum(-1) * trust
            loss = mean_over(each.sum(), *total_counts(trust.sum()))
            losses['tag_loss_self'] = self.self_weight * loss
        return losses

    def _weights(self, tags: Tensor) -> Tensor:
        """Weights of the answers visible and invisible, (2, K), and count these answers."""
        if self.training:
            seen, absent = is_visible(tags).sum((0, 1)), is_absent(tags).sum((0, 1))
            self.answers += torch.stack(total_counts(seen.float(), absent.float()))
        return (0.5 / (self.answers / self.answers.sum(0))).sqrt()

    def _around_peaks(self, teacher: Tensor, allowed: Tensor) -> tuple[Tensor, Tensor]:
        """Teacher's map around its peak, (B, K, N), sums to 1; and the share that it holds."""
        height, width = teacher.shape[2:]
        maps = teacher * allowed.view_as(teacher)
        size = max(height, width)
        peak = gather_mass(maps, 0.035 * size).flatten(2).argmax(-1)
        y, x = (peak // width)[..., None], (peak % width)[..., None]
        cells = torch.arange(height * width, device=teacher.device)
        distance = (cells // width - y).square() + (cells % width - x).square()
        flat = maps.flatten(2)
        near = flat * (distance <= (self.radius * size) ** 2)
        mass = near.sum(-1)
        target = near / mass[..., None].clamp(min=_SMALLEST)
        return target, mass / flat.sum(-1).clamp(min=_SMALLEST)
