"""What the head reads from the data samples of a batch.

To let it read another label, add a function that stacks it and says what the user has to
change where it is absent.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError

from ..layers import rasterise_views
from ..losses.counts import mean_over, total_counts


def stack_tags(samples, num_keypoints: int, cam: Tensor) -> tuple[Tensor, Tensor]:
    """Stack the tags and the windows of the persons' views.

    Args:
        samples (list[PoseDataSample]): Packed by ``PackTaggedInputs``.
        num_keypoints (int): Number of keypoints K of the head.
        cam (Tensor): Maps (B, K, h, w); gives their size and the device.

    Returns:
        tuple[Tensor, Tensor]: Tags (B, V, K), 1 / 0 / -1, and masks of the windows
        (B, V, h * w). A person with fewer views than others gets unknown ones.

    Raises:
        UserError: If the samples have no tags, or tags of another number of keypoints.
    """
    if 'keypoint_tags' not in samples[0].gt_instance_labels:
        raise UserError(
            'LocationFreeHead needs tags, but the samples have none. In '
            'train_dataloader.dataset.pipeline make WithholdLocations the first step and '
            'PackTaggedInputs the last.'
        )
    tags = [s.gt_instance_labels.keypoint_tags[0] for s in samples]
    views = [s.gt_instance_labels.tag_views[0] for s in samples]
    if tags[0].shape[-1] != num_keypoints:
        raise UserError(
            f'The data have {tags[0].shape[-1]} keypoints, the head out_channels='
            f'{num_keypoints}. Set model.head.out_channels to the number of your data.'
        )
    most = max(len(t) for t in tags)
    all_tags = torch.stack([F.pad(t, (0, 0, 0, most - len(t)), value=-1) for t in tags])
    all_views = torch.stack([F.pad(v, (0, 0, 0, 0, 0, most - len(v))) for v in views])
    height, width = cam.shape[2:]
    masks = rasterise_views(all_views, (height, width), samples[0].metainfo['input_size'])
    return all_tags.to(cam.device), masks.to(cam.device)


def location_loss(
    criterion: nn.Module, logits: Tensor, samples, full_share: float = 0.0
) -> Tensor:
    """Loss of the located persons' maps, normalised by these persons alone.

    Args:
        criterion (nn.Module): One of our losses, which takes logits (``takes_logits``),
            or one of MMPose's heatmap losses.
        logits (Tensor): Maps before the sigmoid at the codec's heatmap size, (B, K, H, W).
        samples (list[PoseDataSample]): Packed by ``PackTaggedInputs`` after
            ``GenerateTarget``; the keypoint weights of tagged persons are 0.
        full_share (float): Share of the located persons in the batch (those of all processes
            together) from which on the loss has its full weight; below it the weight falls
            in proportion.
            Defaults to 0 (full weight always).

    Returns:
        Tensor: A scalar, 0 where nobody is located.

    Raises:
        UserError: If the samples have no heatmaps.
    """
    if 'gt_fields' not in samples[0] or 'heatmaps' not in samples[0].gt_fields:
        raise UserError(
            'LocationFreeHead has loss_location, but the samples have no heatmaps. Put '
            "GenerateTarget with the head's codec before PackTaggedInputs, or set "
            'model.head.loss_location=None.'
        )
    target = torch.stack([s.gt_fields.heatmaps for s in samples]).to(logits)
    weights = torch.cat([s.gt_instance_labels.keypoint_weights for s in samples]).to(logits)
    located, enough = total_counts((weights.amax(1) > 0).sum(), full_share * len(samples))
    weight = (located / enough).clamp(max=1) if full_share else 1.0
    if getattr(criterion, 'takes_logits', False):
        return weight * criterion(logits, target, weights)
    # MMPose's losses are means over the whole batch, tagged persons included.
    mean = criterion(logits.sigmoid(), target, weights) * mean_over(len(samples), located)
    return weight * mean
