"""The local head: keypoints from whole-image tags, by small parts of the picture."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmpose.registry import KEYPOINT_CODECS, MODELS
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.structures import TaggedBatch

from ..layers import gather_mass
from ..metainfo import keypoint_relations
from .local_losses import LocalEvidenceLosses, log_invisible
from .supervision import read_supervision
from .tagged_map_head import TaggedMapHead


@MODELS.register_module()
class LocalEvidenceHead(TaggedMapHead):
    """Find keypoints in frozen local features, from one tag set per person (our choice).

    A trained backbone with a global encoder knows from context *what* is visible and need
    not look *where*. Here 1x1 convolutions read frozen features, so that the evidence for a
    keypoint comes from a small part of the picture, and the keypoints compete for each cell;
    see ``LocalEvidenceLosses``. Later in the training (``SelfTrainingHook``) the
    moving average of the head, its teacher, says where its own peaks are. The teacher also
    predicts.

    The result locates the training persons for a full network: ``lfhpe pseudo-locate`` and
    ``LoadPseudoLocations``.

    Args:
        in_channels (Sequence[int]): Channels of the feature levels, which are laid side by
            side on the grid of the first.
        out_channels (int): Number of keypoints K.
        metainfo (str | dict, optional): The keypoint set; only its number is checked.
        hidden_channels (int): Channels of the hidden layer.
        dropout (float): Share of the feature channels dropped in training.
        momentum (float): Share of the head in each step of the teacher's moving average.
        losses (dict, optional): Arguments of ``LocalEvidenceLosses``.
        peak_window (float): Standard deviation of the Gaussian window in which the map is
            summed before decoding, as a share of the map's longer side.
        decoder (dict, optional): Codec of the heatmaps; gives the output its size.
        init_cfg (dict, optional): See ``BaseModule``.

    Raises:
        UserError: If ``metainfo`` and ``out_channels`` disagree, or the features are not those
            of ``in_channels``.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int,
        metainfo: str | dict[str, Any] | None = None,
        hidden_channels: int = 512,
        dropout: float = 0.3,
        momentum: float = 0.01,
        losses: dict[str, Any] | None = None,
        peak_window: float = 0.06,
        decoder: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        keypoint_relations(metainfo, out_channels)
        self.in_channels = tuple(in_channels)
        self.out_channels = out_channels
        self.num_keypoints = out_channels
        self.momentum = momentum
        self.peak_window = peak_window
        self.self_training = False
        width = sum(self.in_channels)
        last = nn.Conv2d(hidden_channels, out_channels + 1, 1)
        nn.init.normal_(last.weight, std=0.01)
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]
        self.classifier = nn.Sequential(
            nn.BatchNorm2d(width),
            nn.Dropout2d(dropout),
            nn.Conv2d(width, hidden_channels, 1),
            nn.ReLU(),
            last,
        )
        self.teacher = copy.deepcopy(self.classifier).requires_grad_(False)
        self.register_buffer('steps', torch.zeros((), dtype=torch.long))
        self.losses = LocalEvidenceLosses(out_channels, **(losses or {}))
        self.decoder = None if decoder is None else KEYPOINT_CODECS.build(decoder)

    def train(self, mode: bool = True) -> 'LocalEvidenceHead':
        """Switch the mode of all parts but the teacher, which always evaluates."""
        super().train(mode)
        self.teacher.eval()
        return self

    def forward(self, feats: Sequence[Tensor]) -> Tensor:
        """Compute heatmaps in [0, 1], (B, K, H, W), from features (B, C_i, h_i, w_i)."""
        return self._outputs(feats)[0]

    def loss(
        self, feats: Any, batch_data_samples: Any, train_cfg: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Compute the losses of the tags; locations are not used.

        Args:
            feats (Sequence[Tensor]): Features (B, C_i, h_i, w_i).
            batch_data_samples (list[PoseDataSample] | TaggedBatch): Packed by
                ``PackTaggedInputs``.
            train_cfg (dict): Ignored.

        Returns:
            dict: ``tag_loss_*``.
        """
        self.calibration.forget()
        batch = TaggedBatch.of(batch_data_samples)
        labels = read_supervision(batch, self.num_keypoints, feats[-1].device, locations=False)
        x = self._merge(feats)
        self._follow()
        maps = self._teacher_maps(x) if self.self_training else None
        return self.losses(self.classifier(x), labels, maps)

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the teacher towards the head, early on in larger steps."""
        self.steps += 1
        share = max(self.momentum, 1 / int(self.steps))
        for mine, own in zip(self.teacher.parameters(), self.classifier.parameters()):
            mine.lerp_(own, share)
        for kept, new in zip(self.teacher.buffers(), self.classifier.buffers()):
            kept.copy_(new)

    @torch.no_grad()
    def _teacher_maps(self, x: Tensor) -> Tensor:
        """Probability of each keypoint in each cell, (B, K, h, w), float32."""
        return self.teacher(x).float().softmax(1)[:, :-1]

    def _outputs(self, feats: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Heatmaps and plain maps (B, K, H, W), and category probabilities (B, K)."""
        cells = self._teacher_maps(self._merge(feats))
        flat = cells.flatten(2)
        none = log_invisible(flat, torch.ones_like(flat[:, :1]))[:, 0]
        maps = self._resize(cells)
        shares = maps / maps.sum((2, 3), keepdim=True).clamp(min=1e-6)
        heatmaps = gather_mass(shares, self.peak_window * max(maps.shape[2:]))
        return heatmaps, maps, -torch.expm1(none)

    def _merge(self, feats: Sequence[Tensor]) -> Tensor:
        """Lay the feature levels side by side on the grid of the first."""
        if tuple(f.shape[1] for f in feats) != self.in_channels:
            raise UserError(
                'feature-levels',
                'model.head.in_channels',
                f'The head expects feature levels of {self.in_channels} channels, got '
                f'{tuple(f.shape[1] for f in feats)}.',
                "Set in_channels to the channels of the backbone's out_indices.",
            )
        size = feats[0].shape[2:]
        levels = [feats[0]] + [
            F.interpolate(f, size=size, mode='bilinear', align_corners=False) for f in feats[1:]
        ]
        return torch.cat(levels, 1)
