"""The labels of a batch that the head needs.

To read another label, add it to ``Supervision``, take it out of the batch in
``read_supervision``, and raise there with a remedy where it is missing.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.structures import TaggedBatch


class Supervision(NamedTuple):
    """Labels of a batch as plain tensors, so that the losses compile into one graph.

    Attributes:
        tags: (B, V, K); 1 visible, 0 not visible, -1 unknown.
        views: Corners of the tagged views' windows, (B, V, 4, 2), input pixels.
        input_size: Width and height of the input in pixels.
        heatmaps: Targets (B, K, H, W), or None if locations are not used.
        weights: (B, K), 0 for keypoints without a location; None if locations are not used.
        answer_error: Share of wrong answers in the tags of each person, (B,); None if the data
            do not give it.
    """

    tags: Tensor
    views: Tensor
    input_size: tuple[int, int]
    heatmaps: Tensor | None = None
    weights: Tensor | None = None
    answer_error: Tensor | None = None


def read_supervision(
    batch: TaggedBatch, num_keypoints: int, device: torch.device, locations: bool
) -> Supervision:
    """Take the labels out of a batch that ``PackTaggedInputs`` packed.

    A person with fewer views than others in the batch has unknown ones in it.

    Raises:
        UserError: If tags or heatmaps are missing, or the tags are of another number of
            keypoints.
    """
    labels = batch.labels
    pipeline = 'train_dataloader.dataset.pipeline'
    if 'keypoint_tags' not in labels:
        raise UserError(
            'pipeline-tags',
            pipeline,
            'The samples have no tags, which LocationFreeHead needs.',
            'Make WithholdLocations the first step and PackTaggedInputs the last.',
        )
    tags, views = labels['keypoint_tags'][:, 0], labels['tag_views'][:, 0]
    if tags.shape[-1] != num_keypoints:
        raise UserError(
            'keypoint-count',
            'model.head.out_channels',
            f'The head has {num_keypoints} keypoints, the data {tags.shape[-1]}.',
            'Set out_channels to the number of keypoints of your data.',
        )
    width, height = batch.samples[0].metainfo['input_size']
    found = Supervision(tags.to(device), views.to(device), (int(width), int(height)))
    if 'answer_error' in labels:
        found = found._replace(answer_error=labels['answer_error'][:, 0].to(device))
    if not locations:
        return found
    if 'heatmaps' not in labels:
        raise UserError(
            'pipeline-heatmaps',
            pipeline,
            'The samples have no heatmaps, which the location loss needs.',
            "Put GenerateTarget with the head's codec before PackTaggedInputs, or set "
            'model.head.losses.location=None.',
        )
    return found._replace(
        heatmaps=labels['heatmaps'].to(device),
        weights=labels['keypoint_weights'][:, 0].to(device),
    )
