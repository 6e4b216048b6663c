"""Losses: of tags, of locations, and terms that need neither.

``keypoint_category_loss`` is the loss of tags, ``heatmap_cross_entropy_loss`` that of
locations, ``regularisers`` holds optional location-free terms. To add a regulariser,
give it ``forward(cam_logits, refined_logits, present)`` and a ``loss_name``, register it in
``mmpose.registry.MODELS`` and name it in the head's ``regularisers``.
"""

from .heatmap_cross_entropy_loss import HeatmapCrossEntropyLoss
from .keypoint_category_loss import KeypointCategoryLoss
from .map_equivariance_loss import MapEquivarianceLoss
from .regularisers import MapAgreementLoss, MapConcentrationLoss, PartSeparationLoss

__all__ = [
    'HeatmapCrossEntropyLoss',
    'KeypointCategoryLoss',
    'MapAgreementLoss',
    'MapConcentrationLoss',
    'MapEquivarianceLoss',
    'PartSeparationLoss',
]
