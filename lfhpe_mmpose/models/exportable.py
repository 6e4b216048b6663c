"""A trained model as one graph from crops to keypoints, for export."""

from typing import Any

import torch
from mmpose.codecs import MSRAHeatmap
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError

from .heads.tagged_map_head import TaggedMapHead


class ExportablePose(nn.Module):
    """Backbone, neck, head, flip test and decoding in one forward pass, without MMPose's samples.

    Args:
        model: A top-down estimator with a head of this package, as ``init_model`` returns it.
        flip_test: Average with the mirror image, as the config's ``test_cfg`` may ask.
        maps: Return heatmaps and plain maps too.

    Raises:
        UserError: 'export-model' if the head or its codec is another one.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, model: Any, flip_test: bool = False, maps: bool = False) -> None:
        super().__init__()
        head = getattr(model, 'head', None)
        if not isinstance(head, TaggedMapHead):
            fault = f'The head is {type(head).__name__}, and only heads of this package export.'
            raise UserError('export-model', 'model.head', fault, 'Use LocationFreeHead.')
        codec = head.decoder
        if not isinstance(codec, MSRAHeatmap) or codec.unbiased:
            fault = f'The codec is {type(codec).__name__}; the graph decodes plain MSRAHeatmap.'
            remedy = "Set decoder=dict(type='MSRAHeatmap', unbiased=False, ...)."
            raise UserError('export-model', 'model.head.decoder', fault, remedy)
        self.model, self.flip_test, self.maps = model, flip_test, maps
        self.scale = tuple(map(float, codec.scale_factor))
        preprocessor = model.data_preprocessor
        self.register_buffer('mean', preprocessor.mean.detach().clone(), persistent=False)
        self.register_buffer('std', preprocessor.std.detach().clone(), persistent=False)
        # The graph takes RGB; a network that was trained on BGR gets the channels turned.
        self.turned = not getattr(preprocessor, '_channel_conversion', False)
        self.flip_indices = list(model.dataset_meta['flip_indices'])

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        """Find keypoints.

        Args:
            crops (Tensor): (B, 3, H, W), RGB, 0 to 255.

        Returns:
            tuple[Tensor, ...]: ``keypoints`` (B, K, 2) in pixels of the crop, ``scores`` and
            ``probs`` (B, K), and with ``maps`` ``heatmaps`` and ``cams`` (B, K, h, w).
        """
        x = (crops.flip(1) if self.turned else crops).sub(self.mean).div(self.std)
        if self.flip_test:
            # One pass for both, so that the file holds each weight once.
            both, b = self._outputs(torch.cat([x, x.flip(3)])), x.shape[0]
            (maps, other), (cams, turned), (probs, seen) = ((v[:b], v[b:]) for v in both)
            order = torch.tensor(self.flip_indices, device=x.device)
            maps = (maps + other.flip(3).index_select(1, order)) / 2
            cams = (cams + turned.flip(3).index_select(1, order)) / 2
            probs = (probs + seen.index_select(1, order)) / 2
        else:
            maps, cams, probs = self._outputs(x)
        keypoints, peaks = decode_maps(maps, self.scale)
        found = keypoints, self.model.head.calibration(peaks * probs), probs
        return (*found, maps, cams) if self.maps else found

    def _outputs(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        maps, cams, probs = self.model.head._outputs(self.model.extract_feat(x))
        return maps, cams, probs


def decode_maps(maps: Tensor, scale: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    """Decode heatmaps as ``MSRAHeatmap`` does: the peak, moved by 0.25 to its higher neighbour.

    Args:
        maps (Tensor): (B, K, h, w), above 0.
        scale (tuple[float, ...]): Pixels of the input per cell, x and y.

    Returns:
        tuple[Tensor, Tensor]: Keypoints (B, K, 2) in pixels of the input, peaks (B, K).
    """
    h, w = maps.shape[2:]
    flat = maps.flatten(2)
    peaks, at = flat.max(-1)
    x, y = at % w, torch.div(at, w, rounding_mode='floor')

    def step(offset: int, inside: Tensor) -> Tensor:
        """The sign of the slope along an axis; 0 where MMPose does not look."""
        after = (at + offset).clamp(0, h * w - 1)
        before = (at - offset).clamp(0, h * w - 1)
        slope = flat.gather(2, after[..., None]) - flat.gather(2, before[..., None])
        return slope[..., 0].sign() * inside

    dx = step(1, (x > 1) & (x < w - 1) & (y > 0))
    dy = step(w, (y > 1) & (y < h - 1) & (x > 0))
    places = torch.stack([x + 0.25 * dx, y + 0.25 * dy], -1)
    return places * places.new_tensor(scale), peaks
