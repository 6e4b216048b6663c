"""The region that all tagged views of a person together leave to a keypoint."""

import math

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import SEEN, is_absent, is_known, is_visible

from .counts import mean_over, total_counts


def contradictions(tags: Tensor, masks: Tensor) -> Tensor:
    """Count the answers that a keypoint in a cell would contradict.

    Args:
        tags (Tensor): (B, V, K).
        masks (Tensor): Windows (B, V, N), 1 inside.

    Returns:
        Tensor: (B, K, N), float32.
    """
    seen, absent = is_visible(tags).float(), is_absent(tags).float()
    against = torch.einsum('bvk,bvn->bkn', seen, 1 - masks)
    return against + torch.einsum('bvk,bvn->bkn', absent, masks)


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
    against = contradictions(tags, masks)
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


def presence(tags: Tensor, masks: Tensor, log_odds: Tensor) -> Tensor:
    """Compute the probability that a keypoint is visible, if some answers are wrong.

    Bayes' rule with even odds beforehand. A keypoint that is visible lies in any cell with the
    same probability; one that is not contradicts each answer "visible" (our choice).

    Args:
        tags (Tensor): (B, V, K).
        masks (Tensor): Windows (B, V, N), 1 inside.
        log_odds (Tensor): log(e / (1 - e)) of the error rate e, (B, 1, 1); negative.

    Returns:
        Tensor: (B, K).
    """
    visible = (contradictions(tags, masks) * log_odds).logsumexp(-1) - math.log(masks.shape[-1])
    absent = is_visible(tags).sum(1) * log_odds[..., 0]
    return (visible - absent).sigmoid()


@MODELS.register_module()
class KeypointRegionLoss(nn.Module):
    """Keep a map's softmax inside the region that the tagged views leave (our choice).

    Pooling treats each view alone and asks for evidence somewhere in it. This loss combines
    the views of a person: minus the logarithm of the share of the map in
    ``possible_cells``, a cross-entropy whose label is a set of cells. It is the mean over
    keypoints visible in at least one view, with ``presumed_tags``.

    If annotators err, the region is a likelihood: a cell counts by the product over the answers
    of 1 - e where it agrees with the answer and e where it does not, relative to the best
    cell. A keypoint counts by the probability that it is visible at all (``presence``). An
    error rate of 0 is the region above, to the bit.

    Args:
        loss_weight (float): Weight of the loss.
        answer_error (float, optional): Share e of wrong answers, in [0, 0.5). Defaults to None:
            the rate that the data give for each person, or 0.

    Raises:
        UserError: If ``answer_error`` is out of range.
    """

    def __init__(self, loss_weight: float = 1.0, answer_error: float | None = None) -> None:
        super().__init__()
        if answer_error is not None and not 0 <= answer_error < 0.5:
            raise UserError(
                'config-value',
                'KeypointRegionLoss.answer_error',
                f'It must lie in [0, 0.5), got {answer_error}.',
            )
        self.loss_weight = loss_weight
        self.answer_error = answer_error

    def forward(
        self, maps: Tensor, tags: Tensor, masks: Tensor, answer_error: Tensor | None = None
    ) -> Tensor:
        """Compute the loss.

        Args:
            maps (Tensor): Logits (B, K, h, w).
            tags (Tensor): (B, V, K).
            masks (Tensor): Windows (B, V, h * w), 1 inside.
            answer_error (Tensor, optional): Error rate of each person's answers, (B,).

        Returns:
            Tensor: A scalar, float32.
        """
        if self.answer_error is not None:
            answer_error = maps.new_full((len(maps),), self.answer_error, dtype=torch.float32)
        given, tags = tags, presumed_tags(tags)
        log_probs = maps.flatten(2).float().log_softmax(-1)
        present = is_visible(tags).any(1).float()
        outside = ~possible_cells(tags, masks)
        if answer_error is not None:
            error = answer_error.float()[:, None, None]
            errs, log_odds = error > 0, error.clamp(min=1e-6).logit()
            against = contradictions(tags, masks)
            unlikely = (against - against.amin(-1, keepdim=True)) * log_odds
            log_probs = torch.where(errs, log_probs + unlikely, log_probs)
            outside = outside & ~errs
            present = torch.where(
                errs[..., 0], present * presence(given, masks, log_odds), present
            )
        log_share = log_probs.masked_fill(outside, torch.finfo(log_probs.dtype).min).logsumexp(-1)
        (total,) = total_counts(present.sum())
        return mean_over(-self.loss_weight * (log_share * present).sum(), total)
