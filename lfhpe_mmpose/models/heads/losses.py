"""The losses of the head: which of its outputs is compared with which label."""

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import ABSENT, UNKNOWN

from ..layers import pool_views, rasterise_views
from ..losses.counts import mean_over, total_counts
from .supervision import Supervision

Kind = Literal['cam', 'refined']


class HeadOutputs(TypedDict):
    """Maps (B, K, h, w) and category logits of the prototypes (B, K), before the sigmoid."""

    cam: Tensor
    refined: Tensor
    prototype: Tensor | None


class LocationFreeLosses(nn.Module):
    """Losses of tagged and located persons, mixed as they come.

    Args:
        category (dict, optional): Compares pooled logits with tags. Defaults to
            ``KeypointCategoryLoss``.
        category_weights (Sequence[float]): Its weight for the CAM, the refined CAM and the
            prototypes.
        region (dict | None): Loss of the maps outside the region where all views of a person
            together allow a keypoint.
        background_weight (float): Weight of the category loss outside the whole person's
            window. Keypoints never lie there, whatever the tags, so it needs no annotation
            but the person box.
        location (dict | None): Loss of located persons' maps: ours, or one of MMPose's
            heatmap losses. None ignores locations.
        full_location_share (float): Below this share of located persons in a batch the
            weight of the location loss falls in proportion, so that few located persons do
            not outweigh the tags of all (our choice).

    Raises:
        UserError: If ``full_location_share`` is invalid.
    """

    def __init__(
        self,
        category: dict[str, Any] | None = None,
        category_weights: Sequence[float] = (1.0, 1.0, 0.5),
        region: dict[str, Any] | None = dict(type='KeypointRegionLoss'),  # noqa: B006 (never changed)
        background_weight: float = 0.5,
        location: dict[str, Any] | None = dict(type='HeatmapCrossEntropyLoss'),  # noqa: B006
        full_location_share: float = 0.25,
    ) -> None:
        super().__init__()
        if not 0 <= full_location_share <= 1:
            raise UserError(
                'config-value',
                'model.head.losses.full_location_share',
                f'It must lie in [0, 1], got {full_location_share}.',
            )
        self.category = MODELS.build(category or dict(type='KeypointCategoryLoss'))
        self.category_weights = tuple(category_weights)
        self.region = None if region is None else MODELS.build(region)
        self.background_weight = background_weight
        self.location = None if location is None else MODELS.build(location)
        self.full_location_share = full_location_share

    def of_tags(self, maps: HeadOutputs, labels: Supervision) -> dict[str, Tensor]:
        """Compare maps and prototypes with the tags: ``tag_loss_*``."""
        kinds: tuple[Kind, ...] = ('cam',) if maps['prototype'] is None else ('cam', 'refined')
        tags, (height, width) = labels.tags, maps['cam'].shape[2:]
        masks = rasterise_views(labels.views, (height, width), labels.input_size)
        losses = dict(tag_loss_background=self.of_background(maps, kinds, masks[:, :1]))
        for kind, weight in zip(kinds, self.category_weights):
            logits = pool_views(maps[kind], masks)
            losses[f'tag_loss_{kind}'] = weight * self.category(logits, tags)
        if maps['prototype'] is not None:
            loss = self.category(maps['prototype'], tags[:, 0])
            losses['tag_loss_prototype'] = self.category_weights[2] * loss
        if self.region is not None:
            error = labels.answer_error
            each = [self.region(maps[kind], tags, masks, error) for kind in kinds]
            losses['tag_loss_region'] = sum(each) / len(kinds)
        return losses

    def of_background(self, maps: HeadOutputs, kinds: Sequence[Kind], whole: Tensor) -> Tensor:
        """Loss of the maps outside the whole person's window (B, 1, h * w)."""
        outside = 1 - whole
        there = outside.amax(-1, keepdim=True) > 0
        # If the window fills the crop there is no background: unknown.
        tags = torch.where(there, float(ABSENT), float(UNKNOWN))
        tags = tags.expand(-1, -1, maps['cam'].shape[1])
        outside = torch.where(there, outside, whole)
        each = [self.category(pool_views(maps[kind], outside), tags) for kind in kinds]
        return self.background_weight * sum(each) / len(kinds)

    def of_locations(self, logits: Tensor, labels: Supervision) -> dict[str, Tensor]:
        """Compare maps at the heatmaps' size, (B, K, H, W), with the locations: ``loc_loss_*``.

        The mean is over located persons alone, and 0 without any.
        """
        if self.location is None or labels.heatmaps is None or labels.weights is None:
            return {}
        target, weights = labels.heatmaps.to(logits), labels.weights.to(logits)
        share = self.full_location_share
        located, enough = total_counts((weights.amax(1) > 0).sum(), share * len(logits))
        weight = (located / enough).clamp(max=1) if share else 1.0
        if getattr(self.location, 'takes_logits', False):
            loss = self.location(logits, target, weights)
        else:
            # MMPose's losses are means over the whole batch, tagged persons included.
            loss = self.location(logits.sigmoid(), target, weights)
            loss = loss * mean_over(len(logits), located)
        return dict(loc_loss_heatmap=weight * loss)
