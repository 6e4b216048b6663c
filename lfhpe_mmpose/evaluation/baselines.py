"""What a predictor that never looks at the picture reaches: mean pose and crop centre.

Both know the person's box, as every top-down method does. The mean pose has moreover seen the
locations of the whole training set. The protocol (PCK of the box, per keypoint) is that of
MMPose's ``PCKAccuracy`` with ``norm_item='bbox'``.

To add a baseline, write a function from :class:`People` to predictions of shape (N, K, 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from mmpose.evaluation.functional import keypoint_pck_accuracy
from mmpose.registry import DATASETS


@dataclass(frozen=True)
class People:
    """Located persons of a data set.

    Attributes:
        keypoints (np.ndarray): Pixels, shape (N, K, 2).
        visibility (np.ndarray): 0 not labelled, 1 covered, 2 seen, shape (N, K).
        boxes (np.ndarray): Corners x1, y1, x2, y2 in pixels, shape (N, 4).
        names (tuple[str, ...]): Keypoint names, K of them.
    """

    keypoints: np.ndarray
    visibility: np.ndarray
    boxes: np.ndarray
    names: tuple[str, ...]

    @property
    def centres(self) -> np.ndarray:
        """Centres of the boxes in pixels, shape (N, 2)."""
        return 0.5 * (self.boxes[:, :2] + self.boxes[:, 2:])

    @property
    def sizes(self) -> np.ndarray:
        """Width and height of the boxes in pixels, shape (N, 2)."""
        return self.boxes[:, 2:] - self.boxes[:, :2]


@dataclass(frozen=True)
class PckResult:
    """PCK of one set of predictions.

    Attributes:
        threshold (float): Share of the box's longer side within which a prediction is right.
        mean (float): Mean over the keypoints of ``per_keypoint``, each keypoint counting alike, as
            in MMPose's ``PCKAccuracy``. Keypoints that nobody in the set shows are left out.
        per_keypoint (dict[str, float]): Share of right predictions by keypoint name; NaN for a
            keypoint that nobody shows.
        counts (dict[str, int]): Persons judged, by keypoint name.
    """

    threshold: float
    mean: float
    per_keypoint: dict[str, float]
    counts: dict[str, int]


def load_people(dataset) -> People:
    """Collect the persons of a top-down data set, before its pipeline.

    Boxes are clipped and crowds and persons without keypoints left out as MMPose does when it
    trains and tests.

    Args:
        dataset (dict | BaseCocoStyleDataset): The data set or its config; a pipeline in the config
            is not run.

    Returns:
        People: In the order of the data set.

    Raises:
        ValueError: If the data set holds no located person.
    """
    if isinstance(dataset, dict):
        # Not serialised: MMEngine cannot serialise an empty set, and this one is read only once.
        dataset = DATASETS.build({**dataset, 'pipeline': [], 'serialize_data': False})
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    if not infos:
        raise ValueError(f'{dataset.ann_file} holds no person with keypoints')
    names = dataset.metainfo['keypoint_id2name']
    flags = [info['raw_ann_info']['keypoints'][2::3] for info in infos]
    return People(
        keypoints=np.concatenate([info['keypoints'] for info in infos]).astype(np.float64),
        visibility=np.array(flags, dtype=np.int64),
        boxes=np.concatenate([info['bbox'] for info in infos]).astype(np.float64),
        names=tuple(names[k] for k in range(len(names))),
    )


def mean_pose(train: People) -> np.ndarray:
    """Mean place of each keypoint in its person's box.

    Args:
        train (People): Persons whose labelled keypoints (v > 0) are averaged.

    Returns:
        np.ndarray: Offset from the box's centre in shares of its width and height, shape (K, 2); a
        keypoint that nobody shows gets the centre.
    """
    offsets = (train.keypoints - train.centres[:, None]) / train.sizes[:, None]
    labelled = (train.visibility > 0)[..., None]
    total = np.where(labelled, offsets, 0.0).sum(axis=0)
    return total / np.maximum(labelled.sum(axis=0), 1)


def predict_mean_pose(mean: np.ndarray, people: People) -> np.ndarray:
    """Lay the mean pose into each person's box.

    Args:
        mean (np.ndarray): From :func:`mean_pose`, shape (K, 2).
        people (People): N persons; only their boxes are read.

    Returns:
        np.ndarray: Pixels, shape (N, K, 2).
    """
    return people.centres[:, None] + mean * people.sizes[:, None]


def predict_crop_centre(people: People) -> np.ndarray:
    """Say the centre of the box for every keypoint.

    Args:
        people (People): N persons; only their boxes are read.

    Returns:
        np.ndarray: Pixels, shape (N, K, 2).
    """
    return np.repeat(people.centres[:, None], len(people.names), axis=1)


def pck(
    predictions: np.ndarray, people: People, threshold: float = 0.2, seen_only: bool = False
) -> PckResult:
    """Share of keypoints predicted within a part of the box's longer side, through MMPose.

    Args:
        predictions (np.ndarray): Pixels, shape (N, K, 2).
        people (People): The truth.
        threshold (float): Share of the longer side of the box. Default: 0.2.
        seen_only (bool): Judge only keypoints that are seen (v = 2) rather than all labelled ones
            (v > 0). Default: ``False``.

    Returns:
        PckResult: Mean and per keypoint.

    Raises:
        ValueError: If the shapes differ or ``threshold`` is not positive.
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
    # MMPose marks a keypoint without a judged person by -1.
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
    """PCK of mean pose and crop centre.

    Args:
        train (People): The mean pose is taken from these.
        val (People): Judged on these.
        thresholds (tuple[float, ...]): Shares of the box's longer side. Default: (0.1, 0.2).
        seen_only (bool): Judge only v = 2. Default: ``False``.

    Returns:
        dict[str, dict[float, PckResult]]: Keys ``'mean_pose'`` and ``'crop_centre'``, then the
        threshold.
    """
    predictions = dict(
        mean_pose=predict_mean_pose(mean_pose(train), val),
        crop_centre=predict_crop_centre(val),
    )
    return {
        name: {t: pck(prediction, val, t, seen_only) for t in thresholds}
        for name, prediction in predictions.items()
    }
