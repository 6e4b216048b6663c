"""Boxes of persons: which of those that a detector finds are kept."""

import numpy as np

# Defaults of MMPose's inferencer.
MIN_SCORE, MAX_OVERLAP = 0.3, 0.3


def best_boxes(
    found: np.ndarray, min_score: float = MIN_SCORE, max_overlap: float = MAX_OVERLAP
) -> np.ndarray:
    """Keep good boxes, and of several on one person the best.

    Args:
        found: (P, 5): x1, y1, x2, y2 in pixels, and the score.
        min_score: A box needs more.
        max_overlap: IoU from which on the worse of two boxes goes. As in MMPose's inferencer a
            box counts as a pixel wider and higher than x2 - x1 and y2 - y1.

    Returns:
        np.ndarray: float32 (Q, 5), the best first, without empty boxes.
    """
    found = found[found[:, 4] > min_score]
    found = found[np.argsort(-found[:, 4], kind='stable')]
    kept: list[int] = []
    left = np.arange(len(found))
    while len(left):
        kept.append(int(left[0]))
        left = left[1:][_overlap(found[left[0]], found[left[1:]]) <= max_overlap]
    best = found[kept]
    whole = (best[:, 2] > best[:, 0]) & (best[:, 3] > best[:, 1])
    return best[whole].astype(np.float32).reshape(-1, 5)


def _overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """IoU of a box (5,) and others (P, 5)."""
    first, last = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:4], others[:, 2:4])
    common = np.prod(np.maximum(last - first + 1, 0), axis=1)
    area = np.prod(box[2:4] - box[:2] + 1)
    areas = np.prod(others[:, 2:4] - others[:, :2] + 1, axis=1)
    return np.asarray(common / (area + areas - common))
