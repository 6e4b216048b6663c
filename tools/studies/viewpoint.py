"""A viewpoint tag (front or back), for a trial: does it keep left and right apart?

The tag is simulated: it is taken from the locations of shoulders and hips before they are
withheld, as the other tags are. A person seen from the side, or whose girdles are not annotated,
has none.
"""

from typing import Any

import numpy as np
import torch
from mmpose.registry import MODELS, TRANSFORMS
from torch import Tensor

from lfhpe_mmpose.datasets.transforms import WithholdLocations
from lfhpe_mmpose.models.heads import LocationFreeHead
from lfhpe_mmpose.structures import TaggedBatch

# Right and left hip, right and left shoulder of LSP-extended.
_RIGHT, _LEFT = [2, 8], [3, 9]
# Girdles at least this wide, relative to the length of the torso, are seen from front or back.
_WIDE = 0.25
# The margin that the loss asks for, relative to the torso.
_MARGIN = 0.2


def turned(points: Any) -> Any:
    """Width of the girdles (..., 2), in lengths of the torso: positive if seen from the front.

    ``points`` (..., K, 2), array or tensor. The cross product with the torso's direction makes it
    independent of how the person lies in the picture.
    """
    across = points[..., _LEFT, :] - points[..., _RIGHT, :]
    torso = (points[..., [8, 9], :] - points[..., [2, 3], :]).mean(-2)[..., None, :]
    length = (torso**2).sum(-1) + 1e-6
    return (torso[..., 0] * across[..., 1] - torso[..., 1] * across[..., 0]) / length


# It takes the place of its parent, because every check asks for that name.
@TRANSFORMS.register_module(name='WithholdLocations', force=True)
class WithholdAllButViewpoint(WithholdLocations):
    """WithholdLocations, with the simulated tag as ``viewpoint``: 1 front, -1 back, 0 unknown."""

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Tag one person."""
        out = super().transform(results)
        if 'keypoints' not in results:
            return out
        seen = np.asarray(results['keypoints_visible']).reshape(-1)[_RIGHT + _LEFT] > 0
        widths = turned(np.asarray(results['keypoints'], dtype=np.float64)[0])
        sign = np.sign(widths[0])
        clear = seen.all() and (np.abs(widths) > _WIDE).all() and (np.sign(widths) == sign).all()
        out['viewpoint'] = float(sign) if clear else 0.0
        return out


@MODELS.register_module()
class ViewpointHead(LocationFreeHead):
    """The head, whose girdles must lie as the viewpoint tag says, in the mean of their maps."""

    def __init__(self, viewpoint_weight: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.viewpoint_weight = viewpoint_weight

    def compute(self, feats):
        """Keep the maps for the loss."""
        self._maps = super().compute(feats)
        return self._maps

    def loss(self, feats: Any, batch_data_samples: Any, train_cfg: Any = None) -> dict[str, Any]:
        """Add the loss of the viewpoint."""
        losses = super().loss(feats, batch_data_samples, train_cfg)
        samples = TaggedBatch.of(batch_data_samples).samples
        side = torch.tensor([sample.metainfo['viewpoint'] for sample in samples])
        wrong = torch.relu(_MARGIN - side[:, None] * turned(_means(self._maps['refined'])))
        known = side.abs()[:, None]
        mean = (wrong * known).sum() / (2 * known.sum()).clamp(min=1)
        losses['tag_loss_viewpoint'] = self.viewpoint_weight * mean
        return losses


def _means(maps: Tensor) -> Tensor:
    """Expected place (B, K, 2) under the softmax of maps (B, K, H, W), in cells."""
    probability = maps.float().flatten(2).softmax(-1).view_as(maps)
    y = torch.arange(maps.shape[2], dtype=torch.float32)
    x = torch.arange(maps.shape[3], dtype=torch.float32)
    return torch.stack([probability.sum(2) @ x, probability.sum(3) @ y], -1)
