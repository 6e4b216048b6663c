"""Losses: of tags, of locations, and terms that need neither.

``keypoint_category_loss`` is the loss of tags, ``keypoint_region_loss`` that of all the
tagged views of a person taken together, ``heatmap_cross_entropy_loss`` that of locations;
``regularisers`` and ``map_equivariance_loss`` are optional and need neither. To add a
regulariser, give it ``forward(cam_logits, refined_logits, present)`` and a ``loss_name``,
register it in ``mmpose.registry.MODELS`` and name it in the head's ``regularisers``. Means
are taken by ``counts``, which are right over several processes.
"""

from .heatmap_cross_entropy_loss import HeatmapCrossEntropyLoss
from .keypoint_category_loss import KeypointCategoryLoss
from .keypoint_region_loss import KeypointRegionLoss, possible_cells
from .map_equivariance_loss import MapEquivarianceLoss
from .regularisers import MapAgreementLoss, MapConcentrationLoss, PartSeparationLoss

__all__ = [
    'HeatmapCrossEntropyLoss',
    'KeypointCategoryLoss',
    'KeypointRegionLoss',
    'MapAgreementLoss',
    'MapConcentrationLoss',
    'MapEquivarianceLoss',
    'PartSeparationLoss',
    'possible_cells',
]
