"""The location-free head: class activation maps refined by pose prototypes."""

from collections.abc import Sequence
from typing import Literal, TypedDict

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmengine.structures import InstanceData, PixelData
from mmpose.models.heads.base_head import BaseHead
from mmpose.models.utils.tta import flip_heatmaps
from mmpose.registry import KEYPOINT_CODECS, MODELS
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.structures import TaggedBatch

from ..layers import PosePrototypes, gather_mass, pool_views, rasterise_views
from ..metainfo import keypoint_relations
from .supervision import Supervision, location_loss, read_supervision

# Of a feature's key, below which it counts as having no direction; that of F.normalize.
_SHORTEST_KEY = 1e-12


class HeadOutputs(TypedDict):
    """Logits: maps (B, K, h, w), and (B, K) of the prototypes if there are any."""

    cam: Tensor
    refined: Tensor
    prototype: Tensor | None


@MODELS.register_module()
class LocationFreeHead(BaseHead):
    """Keypoints from image-level categories (Xu et al., CVPR 2022; layers our choice).

    1. A 1x1 convolution gives class activation maps (CAM), pooled in the windows of the
       tagged views to category logits.
    2. K prototypes, made image-specific by CAM-weighted pooling and related to one another
       (see :class:`PosePrototypes`), give K more logits.
    3. The similarity of prototypes and features, added to the CAM, is the refined CAM. Its
       sigmoid at the codec's heatmap size is a heatmap: MMPose's codecs decode it.

    The score of a keypoint is its category probability times the peak of its map.

    Args:
        in_channels (int | Sequence[int]): Channels of the features. One number uses the
            last feature map alone; several sum all levels on the grid of the first.
        out_channels (int): Number of keypoints K.
        metainfo (str | dict, optional): The keypoint set, for the relations among the
            prototypes; see :func:`keypoint_relations`. Defaults to None (no relations).
        embed_dims (int): Channels d. Defaults to 256.
        num_convs (int): 3x3 convolutions before the CAM, for features without a neck.
            Defaults to 0.
        prototypes (dict | None): ``num_layers`` and ``num_heads`` of
            :class:`PosePrototypes`; None gives a plain CAM head. Defaults to ``dict()``.
        loss_category (dict): Loss of tags. Defaults to ``KeypointCategoryLoss``.
        category_weights (Sequence[float]): Weights of the category losses of CAM, refined
            CAM and prototypes. Defaults to (1, 1, 0.5).
        loss_region (dict | None): Loss of the maps outside the region that all views of a
            person together leave to a keypoint. Defaults to ``KeypointRegionLoss``.
        background_weight (float): Weight of the same loss on what lies outside the whole
            person's window: no keypoint of the person is there, whatever the tags. It
            needs no annotation beyond the person box, and keeps the maps from gathering
            evidence where no view asks for it. Defaults to 0.5.
        loss_location (dict | None): Loss of located persons' maps: ours, or one of
            MMPose's heatmap losses. None uses no location even where there is one.
            Defaults to ``HeatmapCrossEntropyLoss``.
        full_location_share (float): Share of the located persons in a batch from which on
            the location loss has its full weight. Below it the weight falls in proportion,
            so that a few located persons do not outweigh the tags of all.
            Defaults to 0.25 (our choice).
        peak_window (float | None): None: a heatmap is the sigmoid of the refined CAM. A
            number: it is the softmax of the refined CAM gathered in a Gaussian window,
            whose standard deviation is this share of the map's longer side. Its peak is
            where most of the probability lies near by, which is the best guess under a
            measure with a tolerance such as PCK, and its height that probability (our
            choice). Maps learnt from tags are broad, so it matters there most.
            Defaults to None.
        decoder (dict, optional): Codec of the heatmaps. The output has its
            ``heatmap_size``.
        init_cfg (dict, optional): See :class:`BaseModule`.

    Raises:
        UserError: If the keypoint set and ``out_channels`` disagree, or samples come
            without tags.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        out_channels: int,
        metainfo: str | dict | None = None,
        embed_dims: int = 256,
        num_convs: int = 0,
        prototypes: dict | None = {},  # noqa: B006 (read, never changed)
        loss_category: dict | None = None,
        category_weights: Sequence[float] = (1.0, 1.0, 0.5),
        loss_region: dict | None = dict(type='KeypointRegionLoss'),  # noqa: B006
        background_weight: float = 0.5,
        loss_location: dict | None = dict(type='HeatmapCrossEntropyLoss'),  # noqa: B006
        full_location_share: float = 0.25,
        peak_window: float | None = None,
        decoder: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.num_keypoints = out_channels
        self.category_weights = tuple(category_weights)
        self.background_weight = background_weight
        if peak_window is not None and not 0 < peak_window < 1:
            raise UserError(
                f'LocationFreeHead: peak_window must lie between 0 and 1, got {peak_window}. '
                "It is a share of the map's longer side, as 0.07; None switches it off."
            )
        if not 0 <= full_location_share <= 1:
            raise UserError(
                'LocationFreeHead: full_location_share must lie in [0, 1], got '
                f'{full_location_share}.'
            )
        self.peak_window = peak_window
        self.full_location_share = full_location_share
        links, self.flip_indices = keypoint_relations(metainfo, out_channels)

        channels = (in_channels,) if isinstance(in_channels, int) else tuple(in_channels)
        norm = dict(type='BN')
        self.projections = nn.ModuleList(
            nn.Identity() if c == embed_dims else ConvModule(c, embed_dims, 1, norm_cfg=norm)
            for c in channels
        )
        self.convs = nn.Sequential(
            *(
                ConvModule(embed_dims, embed_dims, 3, padding=1, norm_cfg=norm)
                for _ in range(num_convs)
            )
        )
        self.cam = nn.Conv2d(embed_dims, out_channels, 1)
        self.kinds: tuple[Literal['cam', 'refined'], ...] = ('cam',)
        self.prototypes = None
        if prototypes is not None:
            self.kinds = ('cam', 'refined')
            self.prototypes = PosePrototypes(
                out_channels, embed_dims, links, self.flip_indices, **prototypes
            )
            self.prototype_query = nn.Linear(embed_dims, embed_dims)
            self.feature_key = nn.Conv2d(embed_dims, embed_dims, 1)
            # Cosines lie in [-1, 1]; a learnt scale makes logits of them.
            self.similarity_scale = nn.Parameter(torch.full((out_channels,), 4.0))
            self.prototype_logit = nn.Linear(embed_dims, out_channels)

        self.loss_category = MODELS.build(loss_category or dict(type='KeypointCategoryLoss'))
        self.loss_region = None if loss_region is None else MODELS.build(loss_region)
        self.loss_location = None if loss_location is None else MODELS.build(loss_location)
        self.decoder = None if decoder is None else KEYPOINT_CODECS.build(decoder)

    def compute(self, feats: Sequence[Tensor]) -> HeadOutputs:
        """Compute the maps and the logits of the prototypes.

        Args:
            feats (Sequence[Tensor]): Features (B, C_i, h_i, w_i).

        Returns:
            HeadOutputs: ``cam`` and ``refined``, logits (B, K, h, w), and
            ``prototype``, logits (B, K), or None without prototypes.
        """
        x = self.convs(self._merge(feats))
        cam = self.cam(x)
        if self.prototypes is None:
            return HeadOutputs(cam=cam, refined=cam, prototype=None)
        tokens = x.flatten(2).transpose(1, 2)
        prototypes = self.prototypes(tokens, cam.flatten(2))
        query = F.normalize(self.prototype_query(prototypes), dim=-1)
        query = query * self.similarity_scale[:, None]
        key = self.feature_key(x).flatten(2)
        # Cosines: the K products are divided by the keys' lengths, not the d channels.
        similarity = (query @ key) / torch.linalg.vector_norm(key, dim=1, keepdim=True).clamp(
            min=_SHORTEST_KEY
        )
        refined = cam + similarity.view_as(cam)
        # Each keypoint's own row of weights meets its own prototype.
        logit = (prototypes * self.prototype_logit.weight).sum(-1) + self.prototype_logit.bias
        return HeadOutputs(cam=cam, refined=refined, prototype=logit)

    def forward(self, feats: Sequence[Tensor]) -> Tensor:
        """Compute heatmap-like maps.

        Args:
            feats (Sequence[Tensor]): Features (B, C_i, h_i, w_i).

        Returns:
            Tensor: Heatmaps in [0, 1] at the codec's heatmap size, (B, K, H, W); see
            ``peak_window``.
        """
        return self._heatmaps(self.compute(feats)['refined'])

    def predict(self, feats, batch_data_samples, test_cfg: dict | None = None):
        """Predict keypoints.

        Args:
            feats (Sequence[Tensor] | list[Sequence[Tensor]]): Features; two sets, of the
                picture and of its mirror image, with ``flip_test``.
            batch_data_samples (list[PoseDataSample]): Give ``flip_indices``.
            test_cfg (dict): ``flip_test``, ``flip_mode``, ``shift_heatmap``,
                ``output_heatmaps`` as for MMPose's heatmap heads.

        Returns:
            list[InstanceData] | tuple[list[InstanceData], list[PixelData]]: ``keypoints``
            (1, K, 2) in input pixels, ``keypoint_scores`` (1, K) and ``keypoint_probs``
            (1, K), the category probabilities; with ``output_heatmaps`` also ``heatmaps``
            (refined) and ``cams`` (plain), (K, H, W) in [0, 1].
        """
        test_cfg = test_cfg or {}
        if test_cfg.get('flip_test', False):
            flip_indices = batch_data_samples[0].metainfo['flip_indices']
            options = dict(
                flip_mode=test_cfg.get('flip_mode', 'heatmap'),
                flip_indices=flip_indices,
                shift_heatmap=test_cfg.get('shift_heatmap', False),
            )
            maps, cams, probs = self._outputs(feats[0])
            flipped_maps, flipped_cams, flipped_probs = self._outputs(feats[1])
            maps = (maps + flip_heatmaps(flipped_maps, **options)) / 2
            cams = (cams + flip_heatmaps(flipped_cams, **options)) / 2
            probs = (probs + flipped_probs[:, flip_indices]) / 2
        else:
            maps, cams, probs = self._outputs(feats)

        predictions: list[InstanceData] = self.decode(maps)
        for prediction, prob in zip(predictions, probs.detach().cpu().numpy()):
            prediction.keypoint_probs = prob[None]
            prediction.keypoint_scores = prediction.keypoint_scores * prob[None]
        if test_cfg.get('output_heatmaps', False):
            fields = [PixelData(heatmaps=m, cams=c) for m, c in zip(maps.detach(), cams.detach())]
            return predictions, fields
        return predictions

    def loss(self, feats, batch_data_samples, train_cfg: dict | None = None) -> dict:
        """Compute the losses of tagged and located persons, mixed as they come.

        Args:
            feats (Sequence[Tensor]): Features (B, C_i, h_i, w_i).
            batch_data_samples (list[PoseDataSample] | TaggedBatch): Packed by
                ``PackTaggedInputs``; a ``TaggedBatch`` (see ``tagged_collate``) is stacked
                already.
            train_cfg (dict): Not used.

        Returns:
            dict: ``tag_loss_*`` from tags, ``loc_loss_heatmap``
            from located persons.
        """
        locations = self.loss_location is not None
        batch = TaggedBatch.of(batch_data_samples)
        labels = read_supervision(batch, self.num_keypoints, feats[-1].device, locations)
        return self.compute_losses(self.compute(feats), labels)

    def compute_losses(self, maps: HeadOutputs, labels: Supervision) -> dict[str, Tensor]:
        """Compute the losses from tensors alone.

        Args:
            maps (HeadOutputs): Of :meth:`compute`.
            labels (Supervision): The labels of the batch.

        Returns:
            dict[str, Tensor]: See :meth:`loss`.
        """
        tags, (height, width) = labels.tags, maps['cam'].shape[2:]
        masks = rasterise_views(labels.views, (height, width), labels.input_size)
        losses = dict(tag_loss_background=self._background_loss(maps, masks[:, :1]))
        w_cam, w_refined, w_prototype = self.category_weights
        cam_logits = pool_views(maps['cam'], masks)
        losses['tag_loss_cam'] = w_cam * self.loss_category(cam_logits, tags)
        if self.prototypes is not None:
            refined_logits = pool_views(maps['refined'], masks)
            losses['tag_loss_refined'] = w_refined * self.loss_category(refined_logits, tags)
            losses['tag_loss_prototype'] = w_prototype * self.loss_category(
                maps['prototype'], tags[:, 0]
            )
        if self.loss_region is not None:
            losses['tag_loss_region'] = sum(
                self.loss_region(maps[kind], tags, masks) for kind in self.kinds
            ) / len(self.kinds)
        criterion, weights = self.loss_location, labels.weights
        if criterion is not None and labels.heatmaps is not None and weights is not None:
            losses['loc_loss_heatmap'] = location_loss(
                criterion,
                self._resize(maps['refined'].float()),
                labels.heatmaps,
                weights,
                self.full_location_share,
            )
        return losses

    def _outputs(self, feats: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Refined maps, plain maps (B, K, H, W), and category probabilities (B, K)."""
        out = self.compute(feats)
        logits = pool_views(out['refined'], None)[:, 0]
        if out['prototype'] is not None:
            logits = (logits + out['prototype'].float()) / 2
        maps = self._heatmaps(out['refined'].float())
        cams = self._resize(out['cam'].float()).sigmoid()
        return maps, cams, logits.sigmoid()

    def _merge(self, feats: Sequence[Tensor]) -> Tensor:
        """Project the features to d channels on one grid."""
        if isinstance(self.in_channels, int):
            return self.projections[0](feats[-1])
        if len(feats) != len(self.projections):
            raise UserError(
                f'LocationFreeHead was built for {len(self.projections)} feature levels '
                f'(in_channels={self.in_channels}), it got {len(feats)}. Set in_channels to '
                "the channels of the backbone's out_indices."
            )
        x = self.projections[0](feats[0])
        for project, level in zip(list(self.projections)[1:], feats[1:]):
            y = project(level)
            x = x + F.interpolate(y, size=x.shape[2:], mode='bilinear', align_corners=False)
        return x

    def _resize(self, maps: Tensor) -> Tensor:
        """Bring maps to the codec's heatmap size, or leave them without a codec."""
        if self.decoder is None:
            return maps
        w, h = self.decoder.heatmap_size
        if maps.shape[2:] == (h, w):
            return maps
        return F.interpolate(maps, size=(h, w), mode='bilinear', align_corners=False)

    def _heatmaps(self, refined: Tensor) -> Tensor:
        """Heatmaps in [0, 1] of refined maps, at the codec's heatmap size."""
        maps = self._resize(refined)
        if self.peak_window is None:
            return maps.sigmoid()
        probs = maps.flatten(2).softmax(-1).view_as(maps)
        return gather_mass(probs, self.peak_window * max(maps.shape[2:]))

    def _background_loss(self, maps: HeadOutputs, whole: Tensor) -> Tensor:
        """Loss of the maps outside the whole person's window (B, 1, N)."""
        outside = 1 - whole
        there = outside.amax(-1, keepdim=True) > 0
        # Where the window fills the crop there is no background: unknown.
        absent = torch.where(there, 0.0, -1.0).expand(-1, -1, self.num_keypoints)
        outside = torch.where(there, outside, whole)
        losses = [
            self.loss_category(pool_views(maps[kind], outside), absent) for kind in self.kinds
        ]
        return self.background_weight * sum(losses) / len(self.kinds)
