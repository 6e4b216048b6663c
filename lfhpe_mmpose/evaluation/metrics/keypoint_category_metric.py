"""AP and F1 of keypoint-presence predictions."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmpose.registry import METRICS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import is_known, is_visible

from ..classification import average_precision, f1_score


@METRICS.register_module()
class KeypointCategoryMetric(BaseMetric):
    """AP and F1 of "this keypoint is visible", per keypoint and on average.

    Each keypoint is a binary classification over all persons, by the tags of the whole person
    (view 0). Unknown tags are ignored. Keypoints that are always or never visible in the data are
    left out of every average. Reported, with the prefix ``category``:

    - ``mAP``: mean of ``average_precision``.
    - ``mAP_chance``: mean rate of positive tags, the AP of scores without information. Visible
      keypoints outnumber the others, so it is high; compare mAP with it.
    - ``F1``: mean F1 at ``threshold``. ``F1_chance``: F1 if every answer is yes.
    - ``num_keypoints``: number of averaged keypoints.
    - ``AP_<name>`` and ``F1_<name>`` of each such keypoint, with ``per_keypoint``.

    If nothing can be evaluated (no person, all tags unknown), the averages are NaN, with a
    warning. MMEngine's best checkpoint ignores NaN; its ``EarlyStoppingHook`` stops unless
    ``check_finite=False``. A NaN probability makes its keypoint and the mean NaN.

    Args:
        threshold (float): Minimum probability of a keypoint predicted as visible.
        per_keypoint (bool): Report each keypoint as well.
        collect_device (str): See ``mmengine.evaluator.BaseMetric``.
        prefix (str, optional): Prefix of the names.
        collect_dir (str, optional): See ``mmengine.evaluator.BaseMetric``.

    Raises:
        UserError: If ``threshold`` is outside [0, 1].
    """

    default_prefix = 'category'

    def __init__(
        self,
        threshold: float = 0.5,
        per_keypoint: bool = False,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix, collect_dir=collect_dir)
        if not 0 <= threshold <= 1:
            fault = f'It must be a probability in [0, 1], got {threshold!r}.'
            raise UserError('config-value', 'KeypointCategoryMetric.threshold', fault)
        self.threshold = threshold
        self.per_keypoint = per_keypoint

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Keep the tags and probabilities of a batch.

        Samples have ``gt_instance_labels`` with ``keypoint_tags`` (N, V, K) and ``pred_instances``
        with ``keypoint_probs`` (N, K); N is 1 in a top-down model.

        Raises:
            UserError: If tags or probabilities are missing, or do not match.
        """
        for sample in data_samples:
            where = sample.get('img_path', 'a data sample')
            tags = (sample.get('gt_instance_labels') or {}).get('keypoint_tags')
            if tags is None:
                raise UserError(
                    'pipeline-tags',
                    where,
                    'The sample has no keypoint_tags, which KeypointCategoryMetric needs.',
                    "In the validation pipeline put dict(type='WithholdLocations', fraction=1.0) "
                    "first, and dict(type='PackTaggedInputs') in place of PackPoseInputs.",
                )
            probs = (sample.get('pred_instances') or {}).get('keypoint_probs')
            if probs is None:
                raise UserError(
                    'no-probabilities',
                    where,
                    'The prediction has no keypoint_probs, which KeypointCategoryMetric needs.',
                    'Use a head that predicts keypoint categories, such as LocationFreeHead, or '
                    'remove the metric.',
                )
            tags, probs = _to_numpy(tags)[:, 0], _to_numpy(probs).astype(np.float32)
            if tags.shape != probs.shape:
                raise UserError(
                    'keypoint-count',
                    where,
                    f'Tags are {tags.shape} (persons, keypoints), predictions {probs.shape}.',
                    "Set the head's out_channels to the number of keypoints of the dataset.",
                )
            # Small, since all ranks' entries are gathered.
            self.results.append((tags.astype(np.int8), probs))

    def compute_metrics(self, results: list[Any]) -> dict[str, float]:
        """Compute the averages over keypoints."""
        tags = np.concatenate([r[0] for r in results]) if results else np.zeros((0, 0), np.int8)
        probs = np.concatenate([r[1] for r in results]) if results else np.zeros((0, 0))
        names = (self.dataset_meta or {}).get('keypoint_id2name', {})
        rows: dict[str, tuple[float, ...]] = {}
        for k in range(tags.shape[1]):
            known = is_known(tags[:, k])
            labels, scores = is_visible(tags[known, k]), probs[known, k]
            if labels.any() and not labels.all():
                rows[names.get(k, str(k))] = (
                    average_precision(scores, labels),
                    labels.mean(),
                    f1_score(scores, labels, self.threshold),
                    f1_score(np.ones_like(scores), labels, self.threshold),
                )
        if not rows:
            print_log(
                f'KeypointCategoryMetric: none of the {tags.shape[1]} keypoints of {len(tags)} '
                'persons is visible in some and not in others, so the averages are NaN. '
                'Validate on more persons, or on data where keypoints are missing or cut off.',
                logger='current',
                level=logging.WARNING,
            )
        values = np.array(list(rows.values())) if rows else np.full((1, 4), np.nan)
        keys = ('mAP', 'mAP_chance', 'F1', 'F1_chance')  # mAP first: save_best='auto' takes it
        metrics = {key: float(mean) for key, mean in zip(keys, values.mean(0), strict=True)}
        metrics['num_keypoints'] = len(rows)
        if self.per_keypoint:
            metrics.update({f'AP_{name}': float(row[0]) for name, row in rows.items()})
            metrics.update({f'F1_{name}': float(row[2]) for name, row in rows.items()})
        return metrics


def _to_numpy(values: Any) -> np.ndarray:
    """Convert a tensor of any device and dtype, an array or a list."""
    if isinstance(values, torch.Tensor):
        return values.detach().float().cpu().numpy()
    return np.asarray(values)
