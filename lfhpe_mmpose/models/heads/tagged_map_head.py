"""What heads with one map per keypoint share: prediction with codec, flip test and categories."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.structures import InstanceData, PixelData
from mmpose.models.heads.base_head import BaseHead
from mmpose.models.utils.tta import flip_heatmaps
from torch import Tensor

from .score_calibration import ScoreCalibration


class TaggedMapHead(BaseHead):
    """Decode maps to keypoints whose raw score is category probability times peak.

    A calibrated head turns the raw score into a probability; see ``ScoreCalibration``, whose
    buffers ``calibration.raw`` and ``calibration.probability`` come with the weights. A training
    step removes them.

    A subclass sets ``decoder``, a codec or None, and defines ``_outputs``. Its ``loss`` calls
    ``calibration.forget``.

    Args:
        init_cfg (dict, optional): See ``BaseModule``.

    Attributes:
        keypoint_rows (tuple[str, ...]): Names of the weights that have a row a keypoint.
    """

    keypoint_rows: tuple[str, ...] = ()

    def __init__(self, init_cfg: dict[str, Any] | None = None) -> None:
        super().__init__(init_cfg)
        self.calibration = ScoreCalibration()

    @abstractmethod
    def _outputs(self, feats: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Heatmaps and plain maps (B, K, H, W), and category probabilities (B, K)."""

    def predict(
        self, feats: Any, batch_data_samples: Any, test_cfg: dict[str, Any] | None = None
    ) -> Any:
        """Predict keypoints.

        Args:
            feats (Sequence[Tensor] | list[Sequence[Tensor]]): Features (B, C_i, h_i, w_i);
                with ``flip_test`` those of the picture and of its mirror image.
            batch_data_samples (list[PoseDataSample]): Give ``flip_indices``.
            test_cfg (dict): ``flip_test``, ``flip_mode``, ``shift_heatmap`` and
                ``output_heatmaps`` as for MMPose's heatmap heads.

        Returns:
            list[InstanceData] | tuple[list[InstanceData], list[PixelData]]: ``keypoints``
            (1, K, 2) in input pixels, ``keypoint_scores`` (1, K), calibrated if the weights have
            a calibration, and the category
            probabilities ``keypoint_probs`` (1, K). With ``output_heatmaps`` also
            ``heatmaps`` (refined) and ``cams`` (plain), (K, H, W) in [0, 1].
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
            prediction.keypoint_scores = self._calibrated(prediction.keypoint_scores * prob[None])
        if test_cfg.get('output_heatmaps', False):
            fields = [PixelData(heatmaps=m, cams=c) for m, c in zip(maps.detach(), cams.detach())]
            return predictions, fields
        return predictions

    def _calibrated(self, raw: np.ndarray) -> np.ndarray:
        """Scores of raw scores, which the codec decodes to NumPy."""
        if not self.calibration.is_set:
            return raw
        device = next(self.calibration.buffers()).device
        scores = self.calibration(torch.as_tensor(raw, dtype=torch.float32, device=device))
        return scores.cpu().numpy()

    def _resize(self, maps: Tensor) -> Tensor:
        """Resize maps to the codec's heatmap size, if there is a codec."""
        if self.decoder is None:
            return maps
        w, h = self.decoder.heatmap_size
        if maps.shape[2:] == (h, w):
            return maps
        return F.interpolate(maps, size=(h, w), mode='bilinear', align_corners=False)
