"""What the head reads from the data samples of a batch.

To let it read another label, add a function that stacks it and says what the user has to
change where it is absent.
"""

from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.structures import TaggedBatch

from ..layers import rasterise_views


def stack_tags(batch: TaggedBatch, num_keypoints: int, cam: Tensor) -> tuple[Tensor, Tensor]:
    """Take the tags of the persons' views, and draw the views' windows.

    Args:
        batch (TaggedBatch): Packed by ``PackTaggedInputs``.
        num_keypoints (int): Number of keypoints K of the head.
        cam (Tensor): Maps (B, K, h, w); gives their size and the device.

    Returns:
        tuple[Tensor, Tensor]: Tags (B, V, K), 1 / 0 / -1, and masks of the windows
        (B, V, h * w). A person with fewer views than others gets unknown ones.

    Raises:
        UserError: If the samples have no tags, or tags of another number of keypoints.
    """
    if 'keypoint_tags' not in batch.labels:
        raise UserError(
            'LocationFreeHead needs tags, but the samples have none. In '
            'train_dataloader.dataset.pipeline make WithholdLocations the first step and '
            'PackTaggedInputs the last.'
        )
    tags, views = batch.labels['keypoint_tags'][:, 0], batch.labels['tag_views'][:, 0]
    if tags.shape[-1] != num_keypoints:
        raise UserError(
            f'The data have {tags.shape[-1]} keypoints, the head out_channels='
            f'{num_keypoints}. Set model.head.out_channels to the number of your data.'
        )
    height, width = cam.shape[2:]
    input_size = batch.samples[0].metainfo['input_size']
    masks = rasterise_views(views.to(cam.device), (height, width), input_size)
    return tags.to(cam.device), masks


def location_loss(
    criterion: nn.Module, logits: Tensor, batch: TaggedBatch, full_share: float = 0.0
) -> Tensor:
    """Loss of the located persons' maps, normalised by these persons alone.

    Args:
        criterion (nn.Module): One of our losses, which takes logits (``takes_logits``),
            or one of MMPose's heatmap losses.
        logits (Tensor): Maps before the sigmoid at the codec's heatmap size, (B, K, H, W).
        batch (TaggedBatch): Packed by ``PackTaggedInputs`` after ``GenerateTarget``; the
            keypoint weights of tagged persons are 0.
        full_share (float): Share of the located persons in the batch from which on the
            loss has its full weight; below it the weight falls in proportion.
            Defaults to 0 (full weight always).

    Returns:
        Tensor: A scalar, 0 where nobody is located.

    Raises:
        UserError: If the samples have no heatmaps.
    """
    if 'heatmaps' not in batch.labels:
        raise UserError(
            'LocationFreeHead has loss_location, but the samples have no heatmaps. Put '
            "GenerateTarget with the head's codec before PackTaggedInputs, or set "
            'model.head.loss_location=None.'
        )
    target = batch.labels['heatmaps'].to(logits)
    weights = batch.labels['keypoint_weights'][:, 0].to(logits)
    located = (weights.amax(1) > 0).sum()
    weight = (located / (full_share * len(batch))).clamp(max=1) if full_share else 1.0
    if getattr(criterion, 'takes_logits', False):
        return weight * criterion(logits, target, weights)
    # MMPose's losses are means over the whole batch, tagged persons included.
    mean = criterion(logits.sigmoid(), target, weights) * (len(batch) / located.clamp(min=1))
    return weight * mean
