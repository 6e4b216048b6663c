"""Average precision and F1 of one binary label, as plain functions.

To add a measure, take scores (N, ) and labels (N, ) and return a float; a metric in ``metrics``
averages it over keypoints.
"""

import numpy as np


def average_precision(scores: np.ndarray, labels: np.ndarray) -> float:
    """Area under the steps of the precision-recall curve, as in scikit-learn.

    It is the sum of (R_n - R_{n-1}) P_n over the distinct scores, from the highest down. Samples
    of equal score count together, so the result does not depend on their order.

    Args:
        scores (np.ndarray): (N, ), any finite scale.
        labels (np.ndarray): (N, ), bool.

    Returns:
        float: In (0, 1]; NaN without a positive label or with a NaN score.
    """
    labels = np.asarray(labels, dtype=bool)
    scores = np.asarray(scores, dtype=np.float64)
    if not labels.any() or np.isnan(scores).any():
        return float('nan')
    order = np.argsort(-scores, kind='stable')
    scores, labels = scores[order], labels[order]
    ends = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # last of each tie
    found = np.cumsum(labels)[ends]
    precision = found / (ends + 1)
    recall = found / labels.sum()
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def f1_score(scores: np.ndarray, labels: np.ndarray, threshold: float = 0.5) -> float:
    """F1 of the decision ``score >= threshold``: 2 TP / (2 TP + FP + FN).

    Scores (N, ) and labels (N, ); NaN if it is 0 / 0 or a score is NaN.
    """
    labels = np.asarray(labels, dtype=bool)
    scores = np.asarray(scores, dtype=np.float64)
    found = scores >= threshold
    total = found.sum() + labels.sum()
    if total == 0 or np.isnan(scores).any():
        return float('nan')
    return float(2 * (found & labels).sum() / total)
