"""What the head reads from the data samples of a batch, and the loss of locations.

To let the head read another label, add it to :class:`Supervision`, take it out of the batch in
:func:`read_supervision` and say there what the user has to change where it is absent.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.structures import TaggedBatch

from ..losses.counts import mean_over, total_counts


class Supervision(NamedTuple):
    """Labels of a batch as plain tensors, so that what follows compiles into one graph.

    Args:
        tags (Tensor): (B, V, K), 1 / 0 / -1.
        views (Tensor): Corners of the views' windows, (B, V, 4, 2), input pixels.
        input_size (tuple[int, int]): Width and height of the input in pixels.
        heatmaps (Tensor, optional): Targets (B, K, H, W); None where locations are not used.
        weights (Tensor, optional): (B, K), 0 for keypoints without a location.
    """

    tags: Tensor
    views: Tensor
    input_size: tuple[int, int]
    heatmaps: Tensor | None = None
    weights: Tensor | None = None


def read_supervision(
    batch: TaggedBatch, num_keypoints: int, device: torch.device, locations: bool
) -> Supervision:
    """Take the labels out of a batch.

    Args:
        batch (TaggedBatch): Packed by ``PackTaggedInputs``. A person with fewer views than
            others has unknown ones in it.
        num_keypoints (int): Number of keypoints K of the head.
        device (torch.device): Where the labels are needed.
        locations (bool): Whether the heatmaps of located persons are needed.

    Returns:
        Supervision: The labels.

    Raises:
        UserError: If the samples have no tags or no heatmaps, or tags of another number of
            keypoints.
    """
    labels = batch.labels
    if 'keypoint_tags' not in labels:
        raise UserError(
            'LocationFreeHead needs tags, but the samples have none. In '
            'train_dataloader.dataset.pipeline make WithholdLocations the first step and '
            'PackTaggedInputs the last.'
        )
    tags, views = labels['keypoint_tags'][:, 0], labels['tag_views'][:, 0]
    if tags.shape[-1] != num_keypoints:
        raise UserError(
            f'The data have {tags.shape[-1]} keypoints, the head out_channels='
            f'{num_keypoints}. Set model.head.out_channels to the number of your data.'
        )
    if locations and 'heatmaps' not in labels:
        raise UserError(
            'LocationFreeHead has loss_location, but the samples have no heatmaps. Put '
            "GenerateTarget with the head's codec before PackTaggedInputs, or set "
            'model.head.loss_location=None.'
        )
    width, height = batch.samples[0].metainfo['input_size']
    heatmaps = weights = None
    if locations:
        heatmaps = labels['heatmaps'].to(device)
        weights = labels['keypoint_weights'][:, 0].to(device)
    size = (int(width), int(height))
    return Supervision(tags.to(device), views.to(device), size, heatmaps, weights)


def location_loss(
    criterion: nn.Module,
    logits: Tensor,
    target: Tensor,
    weights: Tensor,
    full_share: float = 0.0,
) -> Tensor:
    """Loss of the located persons' maps, normalised by these persons alone.

    Args:
        criterion (nn.Module): One of our losses, which takes logits (``takes_logits``),
            or one of MMPose's heatmap losses.
        logits (Tensor): Maps before the sigmoid at the codec's heatmap size, (B, K, H, W).
        target (Tensor): Heatmaps (B, K, H, W) by ``GenerateTarget``.
        weights (Tensor): (B, K); those of tagged persons are 0.
        full_share (float): Share of the located persons in the batch (those of all processes
            together) from which on the loss has its full weight; below it the weight falls
            in proportion.
            Defaults to 0 (full weight always).

    Returns:
        Tensor: A scalar, 0 where nobody is located.
    """
    target, weights = target.to(logits), weights.to(logits)
    located, enough = total_counts((weights.amax(1) > 0).sum(), full_share * len(logits))
    weight = (located / enough).clamp(max=1) if full_share else 1.0
    if getattr(criterion, 'takes_logits', False):
        return weight * criterion(logits, target, weights)
    # MMPose's losses are means over the whole batch, tagged persons included.
    mean = criterion(logits.sigmoid(), target, weights) * mean_over(len(logits), located)
    return weight * mean
