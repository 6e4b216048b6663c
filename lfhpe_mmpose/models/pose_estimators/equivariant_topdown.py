"""A top-down estimator whose maps are asked to move with the picture."""

import torch
from mmpose.models.pose_estimators import TopdownPoseEstimator
from mmpose.registry import MODELS
from torch import Tensor

from lfhpe_mmpose.structures import TaggedBatch


@MODELS.register_module()
class EquivariantTopdownEstimator(TopdownPoseEstimator):
    """MMPose's top-down estimator with an equivariance term in training.

    Args:
        loss_equivariance (dict): The term; see :class:`MapEquivarianceLoss`.
        kwargs: Arguments of :class:`TopdownPoseEstimator`. The head is a
            :class:`LocationFreeHead`.
    """

    def __init__(self, *args, loss_equivariance: dict, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.loss_equivariance = MODELS.build(loss_equivariance)

    def loss(self, inputs: Tensor, data_samples) -> dict:
        """Compute the head's losses and the equivariance term.

        Args:
            inputs (Tensor): Pictures (B, 3, H, W), normalised.
            data_samples (list[PoseDataSample] | TaggedBatch): Packed by ``PackTaggedInputs``.

        Returns:
            dict: The losses of the head, and ``tag_loss_equivariance``.
        """
        term = self.loss_equivariance
        matrix, flip = term.draw_motion(inputs)
        feats = self.extract_feat(inputs)
        losses = self.head.loss(feats, data_samples, train_cfg=self.train_cfg)
        with torch.no_grad():
            maps = self.head.compute(feats)['refined'].sigmoid()
        moved = self.head.compute(self.extract_feat(term.move(inputs, matrix)))['refined']
        tags = TaggedBatch.of(data_samples).labels['keypoint_tags'][:, 0, 0]
        losses['tag_loss_equivariance'] = term(
            maps,
            moved.sigmoid(),
            matrix,
            data_samples[0].metainfo['flip_indices'] if flip else None,
            (tags.to(maps.device) > 0.5).float(),
        )
        return losses
