"""PCK by keypoint, group and score; quantiles of the error, calibration error, swap rate."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmpose.registry import METRICS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.scores import SCORE_RADIUS, SCORE_THRESHOLD

from ..calibration import expected_calibration_error

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
    - ``error_q50`` and others: quantiles of the error of all annotated keypoints, as a share of
      the normaliser.
    - ``ECE``: the expected calibration error of the scores in ten bins: how far they are from the
      probability that the keypoint lies within 0.1 of the longer side of the box. With
      ``norm='bbox'`` alone.
    - ``above`` and ``PCK@0.1_above``: the share of annotated keypoints whose score reaches the
      default threshold of all tools, and how many of these lie within 0.1.
    - ``PCK@<threshold>_<name>`` of each keypoint, with ``per_keypoint``.
    - ``PCK@<threshold>_<group>=<value>`` of the persons with each value of ``group``.

    Args:
        thresholds (Sequence[float]): Shares of the normaliser.
        norm (str): ``'bbox'``, the longer side of the person box, or ``'torso'``, the distance
            from left shoulder to right hip; persons without these two are left out.
        swap_threshold (float): See ``swap_rate``.
        per_keypoint (bool): Report each keypoint as well.
        quantiles (Sequence[float]): Which quantiles of the error are reported.
        group (str, optional): An entry of the annotations, such as ``'species'``.
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
        quantiles: Sequence[float] = (0.5, 0.75, 0.9),
        group: str | None = None,
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
        self.quantiles = tuple(quantiles)
        self.group = group

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Keep the normalised errors of a batch.

        Samples have ``gt_instances`` (``keypoints``, ``keypoints_visible``, ``bboxes``),
        ``pred_instances`` and ``flip_indices``, and ``raw_ann_info`` for a group.
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
            errors = np.where(visible, own, np.nan), np.where(paired, other, np.nan)
            group = (sample.get('raw_ann_info') or {}).get(self.group) if self.group else None
            scores = np.asarray(found.get('keypoint_scores', np.full(len(keypoints), np.nan)))
            group = None if group is None else str(group)
            self.results.append((*errors, group, scores.reshape(-1).astype(np.float64)))

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
        groups = np.array([str(r[2]) for r in results])
        metrics, single = {}, {}
        for threshold in self.thresholds:
            name = f'PCK@{threshold:g}'
            shares = _shares(own, threshold)
            metrics[name] = _mean(shares)
            for k in np.flatnonzero(~np.isnan(shares)):
                single[f'{name}_{names.get(int(k), k)}'] = float(shares[k])
            for value in sorted({r[2] for r in results} - {None}):
                metrics[f'{name}_{self.group}={value}'] = _mean(
                    _shares(own[groups == value], threshold)
                )
        for q in self.quantiles if annotated.any() else ():
            metrics[f'error_q{100 * q:g}'] = float(np.quantile(own[annotated], q, method='higher'))
        near_other = np.nan_to_num(other, nan=np.inf) <= self.swap_threshold
        swapped = paired & near_other & (own > self.swap_threshold)
        metrics['swap_rate'] = (
            float(swapped.sum() / paired.sum()) if paired.any() else float('nan')
        )
        if self.norm == 'bbox':
            scores = np.stack([r[3] for r in results])
            metrics.update(_meaning_of_scores(scores[annotated], own[annotated]))
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


def _meaning_of_scores(scores: np.ndarray, errors: np.ndarray) -> dict[str, float]:
    """``ECE``, ``above`` and ``PCK@0.1_above`` of keypoints (M,); empty without scores."""
    if not len(scores) or np.isnan(scores).any():
        return {}
    right = errors < SCORE_RADIUS
    above = scores >= SCORE_THRESHOLD
    return {
        'ECE': expected_calibration_error(scores, right),
        'above': float(above.mean()),
        f'PCK@{SCORE_RADIUS:g}_above': float(right[above].mean()) if above.any() else float('nan'),
    }


def _shares(errors: np.ndarray, threshold: float) -> np.ndarray:
    """The share of each keypoint, (K, ), whose error is below a threshold; NaN without one."""
    annotated = ~np.isnan(errors)
    right = np.nan_to_num(errors, nan=np.inf) < threshold
    with np.errstate(invalid='ignore'):
        return np.asarray(right.sum(0) / annotated.sum(0))


def _mean(shares: np.ndarray) -> float:
    known = shares[~np.isnan(shares)]
    return float(known.mean()) if len(known) else float('nan')
