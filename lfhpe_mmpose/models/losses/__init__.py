"""Losses of tags and of locations.

``keypoint_category_loss`` compares logits with tags, ``keypoint_region_loss`` combines all
tagged views of a person, ``heatmap_cross_entropy_loss`` compares maps with locations. To add
a loss, register it in ``mmpose.registry.MODELS``, import it here and take its mean with
``counts``, which is correct over several processes.
"""

from .heatmap_cross_entropy_loss import HeatmapCrossEntropyLoss
from .keypoint_category_loss import KeypointCategoryLoss
from .keypoint_region_loss import KeypointRegionLoss, possible_cells

__all__ = [
    'HeatmapCrossEntropyLoss',
    'KeypointCategoryLoss',
    'KeypointRegionLoss',
    'possible_cells',
]
