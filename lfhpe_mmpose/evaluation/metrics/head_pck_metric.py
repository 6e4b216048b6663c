"""PCKh of MPII: the error measured by the size of the head."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmpose.registry import METRICS

from lfhpe_mmpose.errors import UserError

# The head size is this share of the head box's diagonal, as in MPII's evaluation.
HEAD_SHARE = 0.6


@METRICS.register_module()
class HeadPCKMetric(BaseMetric):
    """PCKh of MPII's evaluation and MMPose's ``MpiiPCKAccuracy``, for COCO-style files.

    A keypoint is correct if its prediction is nearer than ``threshold`` times the head size, which
    is 0.6 times the diagonal of the annotation's ``head_box`` ([x, y, width, height]). MMPose's
    metric reads its own format and counts coordinates of the truth from 1; here both count from 0.

    Reported in percent, with the prefix ``pckh``: ``PCKh@<threshold>`` over all annotated
    keypoints but ``leave_out``, and ``PCKh@<threshold>_<name>`` of each keypoint.

    Args:
        thresholds (Sequence[float]): Shares of the head size.
        leave_out (Sequence[str]): Keypoints that are not judged, as in MPII's evaluation.
        per_keypoint (bool): Report each keypoint as well.
        collect_device (str): See ``mmengine.evaluator.BaseMetric``.
        prefix (str, optional): Prefix of the names.
        collect_dir (str, optional): See ``mmengine.evaluator.BaseMetric``.

    Raises:
        UserError: If a person has no head box.
    """

    default_prefix = 'pckh'

    def __init__(
        self,
        thresholds: Sequence[float] = (0.5, 0.1),
        leave_out: Sequence[str] = ('pelvis', 'thorax'),
        per_keypoint: bool = True,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix, collect_dir=collect_dir)
        self.thresholds = tuple(thresholds)
        self.leave_out = tuple(leave_out)
        self.per_keypoint = per_keypoint

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Keep the errors of a batch, in head sizes; NaN for what is not annotated.

        Samples have ``gt_instances`` (``keypoints``, ``keypoints_visible``),
        ``pred_instances`` and ``raw_ann_info`` (``head_box``).
        """
        for sample in data_samples:
            raw = sample.get('raw_ann_info') or {}
            box = raw.get('head_box')
            size = HEAD_SHARE * float(np.hypot(*box[2:])) if box is not None else 0.0
            if not size > 0:
                raise UserError(
                    'head-box',
                    f'annotation {sample.get("id")}',
                    'HeadPCKMetric needs a head_box with an area.',
                    'Use it for MPII as `lfhpe prepare` writes it.',
                )
            truth = np.asarray(sample['gt_instances']['keypoints'], dtype=np.float64)[0]
            visible = np.asarray(sample['gt_instances']['keypoints_visible'])
            visible = visible.reshape(len(truth), -1)[:, 0] > 0
            found = np.asarray(sample['pred_instances']['keypoints'], dtype=np.float64)[0]
            error = np.linalg.norm(found - truth, axis=-1) / size
            error = np.nan_to_num(error, nan=np.inf, posinf=np.inf)
            self.results.append(np.where(visible, error, np.nan))

    def compute_metrics(self, results: list[Any]) -> dict[str, float]:
        """Compute the shares; NaN without an annotation."""
        names = (self.dataset_meta or {}).get('keypoint_id2name', {})
        if not results:
            print_log(
                'HeadPCKMetric: no person can be judged, so every value is NaN.',
                logger='current',
                level=logging.WARNING,
            )
            return {f'PCKh@{t:g}': float('nan') for t in self.thresholds}
        errors = np.stack(results)
        annotated = ~np.isnan(errors)
        judged = np.array([names.get(k) not in self.leave_out for k in range(errors.shape[1])])
        metrics, single = {}, {}
        for threshold in self.thresholds:
            right = np.nan_to_num(errors, nan=np.inf) < threshold
            total = annotated[:, judged].sum()
            key = f'PCKh@{threshold:g}'
            metrics[key] = 100 * float(right[:, judged].sum() / total) if total else float('nan')
            for k in np.flatnonzero(annotated.any(0)):
                share = right[:, k].sum() / annotated[:, k].sum()
                single[f'{key}_{names.get(int(k), k)}'] = 100 * float(share)
        return {**metrics, **single} if self.per_keypoint else metrics
