"""PCK of each keypoint, and the rate of left/right swaps."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmpose.registry import METRICS

from lfhpe_mmpose.errors import UserError

_NORMS = ('bbox', 'torso')


@METRICS.register_module()
class KeypointErrorMetric(BaseMetric):
    """PCK at several thresholds, per keypoint, and the left/right swap rate.

    PCK is that of MMPose's ``PCKAccuracy``: the share of annotated keypoints whose prediction is
    within ``threshold`` times the normaliser, averaged over keypoints. Reported, with the prefix
    ``keypoint``:

    - ``PCK@<threshold>``: the mean over keypoints.
    - ``swap_rate``: the share of keypoints that are predicted within ``swap_threshold`` of their
      left/right partner and not of themselves, among those whose partner is annotated too (our
      choice). A swap of two keypoints closer than that is not counted.
    - ``PCK@<threshold>_<name>`` of each keypoint, with ``per_keypoint``.

    Args:
        thresholds (Sequence[float]): Shares of the normaliser.
        norm (str): ``'bbox'``, the longer side of the person box, or ``'torso'``, the distance
            from left shoulder to right hip; persons without these two are left out.
        swap_threshold (float): See ``swap_rate``.
        per_keypoint (bool): Report each keypoint as well.
        collect_device (str): See ``mmengine.evaluator.BaseMetric``.
        prefix (str, optional): Prefix of the names.
        collect_dir (str, optional): See ``mmengine.evaluator.BaseMetric``.

    Raises:
        UserError: If ``norm`` is invalid, or the keypoint set has no torso.
    """

    default_prefix = 'keypoint'

    def __init__(
        self,
        thresholds: Sequence[float] = (0.1, 0.2),
        norm: str = 'bbox',
        swap_threshold: float = 0.1,
        per_keypoint: bool = True,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix, collect_dir=collect_dir)
        if norm not in _NORMS:
            fault = f'It must be one of {_NORMS}, got {norm!r}.'
            raise UserError('config-value', 'KeypointErrorMetric.norm', fault)
        self.thresholds = tuple(thresholds)
        self.norm = norm
        self.swap_threshold = swap_threshold
        self.per_keypoint = per_keypoint

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Keep the normalised errors of a batch.

        Samples have ``gt_instances`` (``keypoints``, ``keypoints_visible``, ``bboxes``),
        ``pred_instances`` and ``flip_indices``.
        """
        for sample in data_samples:
            truth, found = sample['gt_instances'], sample['pred_instances']
            keypoints = np.asarray(truth['keypoints'], dtype=np.float64)[0]
            visible = np.asarray(truth['keypoints_visible'])
            visible = visible.reshape(len(keypoints), -1)[:, 0] > 0
            unit = self._unit(keypoints, visible, np.asarray(truth['bboxes'])[0])
            if unit is None:
                continue
            predicted = np.asarray(found['keypoints'], dtype=np.float64)[0]
            partner = np.asarray(sample['flip_indices'])
            own = np.linalg.norm(predicted - keypoints, axis=-1) / unit
            other = np.linalg.norm(predicted - keypoints[partner], axis=-1) / unit
            paired = visible & visible[partner] & (partner != np.arange(len(partner)))
            # NaN means not annotated; a NaN prediction is wrong.
            own, other = (np.nan_to_num(e, nan=np.inf, posinf=np.inf) for e in (own, other))
            self.results.append((np.where(visible, own, np.nan), np.where(paired, other, np.nan)))

    def compute_metrics(self, results: list[Any]) -> dict[str, float]:
        """Compute the shares; NaN without an annotation."""
        if not results:
            print_log(
                'KeypointErrorMetric: no person can be judged, so every value is NaN.',
                logger='current',
                level=logging.WARNING,
            )
            names = [f'PCK@{t:g}' for t in self.thresholds] + ['swap_rate']
            return dict.fromkeys(names, float('nan'))
        own = np.stack([r[0] for r in results])
        other = np.stack([r[1] for r in results])
        annotated, paired = ~np.isnan(own), ~np.isnan(other)
        names = (self.dataset_meta or {}).get('keypoint_id2name', {})
        metrics, single = {}, {}
        for threshold in self.thresholds:
            right = np.nan_to_num(own, nan=np.inf) < threshold
            known = annotated.any(0)
            shares = right[:, known].sum(0) / annotated[:, known].sum(0)
            metrics[f'PCK@{threshold:g}'] = float(shares.mean()) if known.any() else float('nan')
            for k, share in zip(np.flatnonzero(known), shares):
                single[f'PCK@{threshold:g}_{names.get(int(k), k)}'] = float(share)
        near_other = np.nan_to_num(other, nan=np.inf) <= self.swap_threshold
        swapped = paired & near_other & (own > self.swap_threshold)
        metrics['swap_rate'] = (
            float(swapped.sum() / paired.sum()) if paired.any() else float('nan')
        )
        return {**metrics, **single} if self.per_keypoint else metrics

    def _unit(self, keypoints: np.ndarray, visible: np.ndarray, box: np.ndarray) -> float | None:
        """The normaliser in pixels, or None if it is unknown."""
        if self.norm == 'bbox':
            unit = float(max(box[2] - box[0], box[3] - box[1]))
        else:
            index = (self.dataset_meta or {}).get('keypoint_name2id', {})
            missing = {'left_shoulder', 'right_hip'} - set(index)
            if missing:
                raise UserError(
                    'config-value',
                    'KeypointErrorMetric.norm',
                    f"'torso' needs keypoints that the dataset does not have: {sorted(missing)}.",
                    "Set norm='bbox'.",
                )
            a, b = index['left_shoulder'], index['right_hip']
            if not (visible[a] and visible[b]):
                return None
            unit = float(np.linalg.norm(keypoints[a] - keypoints[b]))
        return unit if unit > 0 else None
