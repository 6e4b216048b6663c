"""How well the keypoint categories of a person are told."""

import logging
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmpose.registry import METRICS

from lfhpe_mmpose.errors import UserError

from ..classification import average_precision, f1_score


@METRICS.register_module()
class KeypointCategoryMetric(BaseMetric):
    """AP and F1 of "this keypoint can be seen", per keypoint and on average.

    Each keypoint is a binary classification over all persons, by the tags of the whole
    person (view 0); unknown tags (-1) are left out. Keypoints that the data show always
    or never have nothing to tell apart and are left out of every average.

    Reported, all with the prefix ``category/`` unless another is set:

    - ``mAP``: mean of :func:`~lfhpe_mmpose.evaluation.average_precision`.
    - ``mAP_chance``: mean rate of positive tags, which is the AP that scores without
      any information reach. Positives outnumber negatives, so it is high; read mAP
      against it.
    - ``F1``: mean F1 at ``threshold``. ``F1_chance``: of answering yes to all.
    - ``num_keypoints``: keypoints that the averages are over.
    - with ``per_keypoint``: ``AP_<name>`` and ``F1_<name>`` of each such keypoint.

    Where nothing can be evaluated (no person, all tags unknown) the averages are NaN,
    with a warning: a number would be made up. MMEngine's best checkpoint takes no
    notice of NaN and saves at the next validation that has a value; its
    ``EarlyStoppingHook`` stops unless ``check_finite=False``. A probability that is NaN,
    as after a diverged training, makes its keypoint and so the mean NaN.

    Args:
        threshold (float): A keypoint counts as told to be seen from this probability
            on. Defaults to 0.5.
        per_keypoint (bool): Report each keypoint as well. Defaults to False.
        collect_device (str): See :class:`mmengine.evaluator.BaseMetric`.
        prefix (str, optional): Defaults to 'category'.
        collect_dir (str, optional): See :class:`mmengine.evaluator.BaseMetric`.

    Raises:
        ValueError: If ``threshold`` is outside [0, 1].
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
            raise ValueError(f'threshold must be a probability in [0, 1], got {threshold!r}.')
        self.threshold = threshold
        self.per_keypoint = per_keypoint

    def process(self, data_batch, data_samples: Sequence[dict]) -> None:
        """Keep the tags and probabilities of a batch.

        Args:
            data_batch: Not used.
            data_samples (Sequence[dict]): Each with ``gt_instance_labels`` that hold
                ``keypoint_tags`` (N, V, K), and ``pred_instances`` that hold
                ``keypoint_probs`` (N, K); N is 1 in a top-down model.

        Raises:
            UserError: If tags or probabilities are missing, or do not match.
        """
        for sample in data_samples:
            where = sample.get('img_path', 'a data sample')
            tags = (sample.get('gt_instance_labels') or {}).get('keypoint_tags')
            if tags is None:
                raise UserError(
                    f'KeypointCategoryMetric: {where} has no keypoint_tags. In the pipeline of '
                    "the validation (or test) data, put dict(type='WithholdLocations', "
                    "fraction=1.0) first and end with dict(type='PackTaggedInputs') in place of "
                    'PackPoseInputs.'
                )
            probs = (sample.get('pred_instances') or {}).get('keypoint_probs')
            if probs is None:
                raise UserError(
                    f'KeypointCategoryMetric: the prediction for {where} has no keypoint_probs. '
                    "Use a head that predicts keypoint categories, as dict(type='LocationFreeHead'"
                    '), or take KeypointCategoryMetric out of the evaluator.'
                )
            tags, probs = _to_numpy(tags)[:, 0], _to_numpy(probs).astype(np.float32)
            if tags.shape != probs.shape:
                raise UserError(
                    f'KeypointCategoryMetric: {where} has tags of {tags.shape} (persons, '
                    f"keypoints) but predictions of {probs.shape}. Set the head's out_channels "
                    'to the number of keypoints of the data set.'
                )
            # A few bytes a person, since all ranks' entries are gathered.
            self.results.append((tags.astype(np.int8), probs))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Compute the averages over keypoints.

        Args:
            results (list): What :meth:`process` kept, of all ranks.

        Returns:
            dict[str, float]: See the class.
        """
        tags = np.concatenate([r[0] for r in results]) if results else np.zeros((0, 0), np.int8)
        probs = np.concatenate([r[1] for r in results]) if results else np.zeros((0, 0))
        names = (self.dataset_meta or {}).get('keypoint_id2name', {})
        rows: dict[str, tuple[float, ...]] = {}
        for k in range(tags.shape[1]):
            known = tags[:, k] >= 0
            labels, scores = tags[known, k] > 0, probs[known, k]
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
                'persons has tags of both kinds (seen and not seen), so the averages are NaN. '
                'Validate on more persons, or on data in which keypoints are missing or cut off.',
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


def _to_numpy(values) -> np.ndarray:
    """Make an array of a tensor (of any device and type), an array or a list."""
    if isinstance(values, torch.Tensor):
        return values.detach().float().cpu().numpy()
    return np.asarray(values)
