"""The location-free head: class activation maps refined by pose prototypes."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmpose.registry import KEYPOINT_CODECS, MODELS
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.structures import TaggedBatch

from ..layers import PosePrototypes, gather_mass, pool_views
from ..metainfo import keypoint_relations
from .losses import HeadOutputs, LocationFreeLosses
from .supervision import read_supervision
from .tagged_map_head import TaggedMapHead

# Minimum key norm, as in F.normalize.
_MIN_NORM = 1e-12


@MODELS.register_module()
class LocationFreeHead(TaggedMapHead):
    """Keypoints from image-level categories (Xu et al., CVPR 2022; layers our choice).

    1. A 1x1 convolution gives class activation maps (CAM), which are pooled in the windows
       of the tagged views to category logits.
    2. K prototypes give K more logits. They are made image-specific by CAM-weighted pooling
       and related to one another (see ``PosePrototypes``).
    3. The refined CAM is the CAM plus the similarity of prototypes and features. Its sigmoid
       at the codec's heatmap size is a heatmap, which MMPose's codecs decode.

    The score of a keypoint is its category probability times the peak of its map.

    Args:
        in_channels (int | Sequence[int]): Channels of the features. One number uses the
            last feature map; several sum all levels on the grid of the first.
        out_channels (int): Number of keypoints K.
        metainfo (str | dict, optional): The keypoint set, for the relations among the
            prototypes; see ``keypoint_relations``. Defaults to no relations.
        embed_dims (int): Channels d.
        num_convs (int): 3x3 convolutions before the CAM, for features without a neck.
        prototypes (dict | None): ``num_layers`` and ``num_heads`` of
            ``PosePrototypes``; None gives a plain CAM head.
        losses (dict, optional): Arguments of ``LocationFreeLosses``.
        peak_window (float | None): None decodes the sigmoid of the refined CAM. A number
            decodes its softmax, summed in a Gaussian window whose standard deviation is this
            share of the map's longer side. The peak is then where most of the probability
            is near, the best guess under a measure with a tolerance such as PCK, and its
            height is that probability (our choice). Maps learnt from tags are broad, so it
            matters most for them.
        decoder (dict, optional): Codec of the heatmaps; gives the output its size.
        init_cfg (dict, optional): See ``BaseModule``.

    Raises:
        UserError: If an argument is invalid, or ``metainfo`` and ``out_channels`` disagree.
    """

    keypoint_rows = (
        *('cam.weight', 'cam.bias', 'similarity_scale', 'prototypes.embedding'),
        *('prototype_logit.weight', 'prototype_logit.bias'),
    )

    def __init__(
        self,
        in_channels: int | Sequence[int],
        out_channels: int,
        metainfo: str | dict[str, Any] | None = None,
        embed_dims: int = 256,
        num_convs: int = 0,
        prototypes: dict[str, Any] | None = {},  # noqa: B006 (never changed)
        losses: dict[str, Any] | None = None,
        peak_window: float | None = None,
        decoder: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if peak_window is not None and not 0 < peak_window < 1:
            raise UserError(
                'config-value',
                'model.head.peak_window',
                f'It must lie between 0 and 1, got {peak_window}.',
                "It is a share of the map's longer side, such as 0.07; None disables it.",
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.num_keypoints = out_channels
        self.peak_window = peak_window
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
        self.prototypes = None
        if prototypes is not None:
            self.prototypes = PosePrototypes(
                out_channels, embed_dims, links, self.flip_indices, **prototypes
            )
            self.prototype_query = nn.Linear(embed_dims, embed_dims)
            self.feature_key = nn.Conv2d(embed_dims, embed_dims, 1)
            # Cosines lie in [-1, 1]; a learnt scale makes logits of them.
            self.similarity_scale = nn.Parameter(torch.full((out_channels,), 4.0))
            self.prototype_logit = nn.Linear(embed_dims, out_channels)
        self.losses = LocationFreeLosses(**(losses or {}))
        self.decoder = None if decoder is None else KEYPOINT_CODECS.build(decoder)

    def compute(self, feats: Sequence[Tensor]) -> HeadOutputs:
        """Compute all logits from features (B, C_i, h_i, w_i)."""
        x = self.convs(self._merge(feats))
        cam = self.cam(x)
        if self.prototypes is None:
            return HeadOutputs(cam=cam, refined=cam, prototype=None)
        tokens = x.flatten(2).transpose(1, 2)
        prototypes = self.prototypes(tokens, cam.flatten(2))
        query = F.normalize(self.prototype_query(prototypes), dim=-1)
        query = query * self.similarity_scale[:, None]
        key = self.feature_key(x).flatten(2)
        # Dividing the K products is cheaper than normalising the d channels of the keys.
        similarity = (query @ key) / torch.linalg.vector_norm(key, dim=1, keepdim=True).clamp(
            min=_MIN_NORM
        )
        refined = cam + similarity.view_as(cam)
        # Keypoint k's prototype is multiplied with row k of the weights alone.
        weight = self.prototype_logit.weight
        if torch.compiler.is_exporting():
            # OpenVINO 2026.4 computes the sum below wrongly for batches above 1.
            logit = (prototypes[:, :, None] @ weight[..., None]).flatten(1)
        else:
            logit = (prototypes * weight).sum(-1)
        logit = logit + self.prototype_logit.bias
        return HeadOutputs(cam=cam, refined=refined, prototype=logit)

    def forward(self, feats: Sequence[Tensor]) -> Tensor:
        """Compute heatmaps in [0, 1], (B, K, H, W), from features (B, C_i, h_i, w_i)."""
        return self._heatmaps(self.compute(feats)['refined'])

    def loss(
        self, feats: Any, batch_data_samples: Any, train_cfg: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Compute the losses of tagged and located persons, mixed as they come.

        Args:
            feats (Sequence[Tensor]): Features (B, C_i, h_i, w_i).
            batch_data_samples (list[PoseDataSample] | TaggedBatch): Packed by
                ``PackTaggedInputs``, stacked by ``tagged_collate`` or not.
            train_cfg (dict): Ignored.

        Returns:
            dict: ``tag_loss_*`` from tags, ``loc_loss_heatmap`` from located persons.
        """
        self.calibration.forget()
        batch = TaggedBatch.of(batch_data_samples)
        locations = self.losses.location is not None
        labels = read_supervision(batch, self.num_keypoints, feats[-1].device, locations)
        maps = self.compute(feats)
        losses = self.losses.of_tags(maps, labels)
        if locations:
            logits = self._resize(maps['refined'].float())
            losses.update(self.losses.of_locations(logits, labels))
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
                'feature-levels',
                'model.head.in_channels',
                f'The head expects {len(self.projections)} feature levels '
                f'(in_channels={self.in_channels}), got {len(feats)}.',
                "Set in_channels to the channels of the backbone's out_indices.",
            )
        x = self.projections[0](feats[0])
        for project, level in zip(list(self.projections)[1:], feats[1:]):
            y = project(level)
            x = x + F.interpolate(y, size=x.shape[2:], mode='bilinear', align_corners=False)
        return x

    def _heatmaps(self, refined: Tensor) -> Tensor:
        """Heatmaps in [0, 1] of refined maps, at the codec's heatmap size."""
        maps = self._resize(refined)
        if self.peak_window is None:
            return maps.sigmoid()
        probs = maps.flatten(2).softmax(-1).view_as(maps)
        return gather_mass(probs, self.peak_window * max(maps.shape[2:]))
