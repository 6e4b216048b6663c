"""What a predictor reaches without looking at the picture: mean pose and crop centre.

Both know the person box; the mean pose has also seen the locations of the training set. PCK is
that of MMPose's ``PCKAccuracy`` with ``norm_item='bbox'``. To add a baseline, write a function
from ``People`` to predictions (N, K, 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from mmpose.evaluation.functional import keypoint_pck_accuracy
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError


@dataclass(frozen=True)
class People:
    """Located persons of a dataset.

    Attributes:
        keypoints: Pixels, (N, K, 2).
        visibility: 0 not labelled, 1 occluded, 2 visible, (N, K).
        boxes: Corners x1, y1, x2, y2 in pixels, (N, 4).
        names: The K keypoint names.
    """

    keypoints: np.ndarray
    visibility: np.ndarray
    boxes: np.ndarray
    names: tuple[str, ...]

    @property
    def centres(self) -> np.ndarray:
        """Centres of the boxes in pixels, (N, 2)."""
        return 0.5 * (self.boxes[:, :2] + self.boxes[:, 2:])

    @property
    def sizes(self) -> np.ndarray:
        """Width and height of the boxes in pixels, (N, 2)."""
        return self.boxes[:, 2:] - self.boxes[:, :2]


@dataclass(frozen=True)
class PckResult:
    """PCK of one set of predictions.

    Attributes:
        threshold: Share of the box's longer side within which a prediction is correct.
        mean: Mean of ``per_keypoint`` over the labelled keypoints.
        per_keypoint: Share of correct predictions by keypoint name; NaN without a label.
        counts: Number of judged persons by keypoint name.
    """

    threshold: float
    mean: float
    per_keypoint: dict[str, float]
    counts: dict[str, int]


def load_people(dataset: Any) -> People:
    """Collect the persons of a top-down dataset (or its config), before its pipeline.

    Boxes are clipped, and crowds and persons without keypoints left out, as MMPose does.

    Raises:
        UserError: If the dataset has no located person.
    """
    if isinstance(dataset, dict):
        # MMEngine cannot serialise an empty dataset.
        dataset = DATASETS.build({**dataset, 'pipeline': [], 'serialize_data': False})
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    if not infos:
        raise UserError('no-persons', dataset.ann_file, 'It has no person with keypoints.')
    names = dataset.metainfo['keypoint_id2name']
    flags = [info['raw_ann_info']['keypoints'][2::3] for info in infos]
    return People(
        keypoints=np.concatenate([info['keypoints'] for info in infos]).astype(np.float64),
        visibility=np.array(flags, dtype=np.int64),
        boxes=np.concatenate([info['bbox'] for info in infos]).astype(np.float64),
        names=tuple(names[k] for k in range(len(names))),
    )


def mean_pose(train: People) -> np.ndarray:
    """Mean place of each labelled keypoint in its person box, (K, 2).

    It is the offset from the box's centre in shares of its width and height; 0 without a label.
    """
    offsets = (train.keypoints - train.centres[:, None]) / train.sizes[:, None]
    labelled = (train.visibility > 0)[..., None]
    total = np.where(labelled, offsets, 0.0).sum(axis=0)
    return total / np.maximum(labelled.sum(axis=0), 1)


def predict_mean_pose(mean: np.ndarray, people: People) -> np.ndarray:
    """Place the mean pose (K, 2) in each person box: pixels (N, K, 2)."""
    return people.centres[:, None] + mean * people.sizes[:, None]


def predict_crop_centre(people: People) -> np.ndarray:
    """Predict the centre of the box for every keypoint: pixels (N, K, 2)."""
    return np.repeat(people.centres[:, None], len(people.names), axis=1)


def pck(
    predictions: np.ndarray, people: People, threshold: float = 0.2, seen_only: bool = False
) -> PckResult:
    """Share of keypoints predicted within a part of the box's longer side, by MMPose.

    Args:
        predictions (np.ndarray): Pixels, (N, K, 2).
        people (People): The truth.
        threshold (float): Share of the longer side of the box.
        seen_only (bool): Judge only visible keypoints (v = 2), not all labelled ones.
    """
    if np.shape(predictions) != people.keypoints.shape:
        raise ValueError(
            f'predictions have shape {np.shape(predictions)}, the truth {people.keypoints.shape}'
        )
    if threshold <= 0:
        raise ValueError(f'threshold must be positive, not {threshold}')
    judged = people.visibility == 2 if seen_only else people.visibility > 0
    longer = np.repeat(people.sizes.max(axis=1)[:, None], 2, axis=1)
    each, mean, _ = keypoint_pck_accuracy(
        np.asarray(predictions), people.keypoints, judged, threshold, longer
    )
    # MMPose returns -1 for a keypoint without a judged person.
    values = [float(v) if v >= 0 else float('nan') for v in each]
    counts = [int(n) for n in judged.sum(axis=0)]
    return PckResult(
        threshold=float(threshold),
        mean=float(mean),
        per_keypoint=dict(zip(people.names, values)),
        counts=dict(zip(people.names, counts)),
    )


def blind_baselines(
    train: People, val: People, thresholds: tuple[float, ...] = (0.1, 0.2), seen_only: bool = False
) -> dict[str, dict[float, PckResult]]:
    """PCK of ``'mean_pose'`` (taken from ``train``) and ``'crop_centre'`` on ``val``."""
    predictions = dict(
        mean_pose=predict_mean_pose(mean_pose(train), val),
        crop_centre=predict_crop_centre(val),
    )
    return {
        name: {t: pck(prediction, val, t, seen_only) for t in thresholds}
        for name, prediction in predictions.items()
    }


def format_pck_table(results: Mapping[str, Mapping[float, PckResult]]) -> str:
    """Lay out PCK per keypoint and its mean, for results by predictor and threshold."""
    columns = {
        (f'PCK@{threshold:g} of the box', name.replace('_', ' ')): pd.Series(
            {**result.per_keypoint, 'mean': result.mean}
        )
        for threshold in next(iter(results.values()))
        for name, by_threshold in results.items()
        for result in [by_threshold[threshold]]
    }
    return pd.DataFrame(columns).to_string(float_format='{:.3f}'.format)
