"""From answers about windows to calibrated scores, and how far scores are from probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .error_model import (
    ErrorModel,
    Evidence,
    WindowAnswers,
    fit_error_model,
    share_near,
    weigh_answers,
)

BINS = 10
_KNOTS = 32
_A_KNOT = 40  # keypoints, at least
_A_BIN = 100  # keypoints; below it, answers say too little
_MIN_GAP = 1e-3
_MIN_RISE = 1e-4


@dataclass(frozen=True)
class Calibration:
    """Knots of a rising, piecewise linear function from raw scores to probabilities.

    Attributes:
        raw: Raw scores, (J,), from 0 to 1.
        probability: Probability that a visible keypoint lies near its prediction, (J,).
    """

    raw: np.ndarray
    probability: np.ndarray

    def __call__(self, raw: ArrayLike) -> np.ndarray:
        """Probabilities of raw scores, of any shape."""
        return np.asarray(np.interp(np.asarray(raw), self.raw, self.probability))


def calibrate(answers: WindowAnswers) -> Calibration:
    """Fit a calibration to answers about windows."""
    return _curve(weigh_answers(answers))


def estimate_error(answers: WindowAnswers) -> float:
    """Estimate the expected calibration error on other persons, from answers alone.

    A calibration is fitted to every second person. The others are put into ``BINS`` by their
    calibrated scores. The share of correct keypoints of a bin is not known, but ``share_near``
    estimates it from the answers. Few answers make the estimate too large: it contains the noise
    of these shares.
    """
    odd = np.arange(len(answers.raw)) % 2 > 0
    evidence = weigh_answers(answers.select(~odd))
    scores = calibrate(answers.select(odd))(evidence.raw)
    # Sort out the keypoints that are probably not visible: the score is about visible ones.
    model = fit_error_model(evidence)
    visible = 1 - _posterior(evidence, model)[:, -1]
    gaps = weights = 0.0
    for rows in _bins(scores):
        if rows.sum() < _A_BIN:
            continue
        weight = visible[rows].sum()
        mean = (scores[rows] * visible[rows]).sum() / weight
        gaps += weight * abs(mean - share_near(evidence.select(rows)))
        weights += weight
    return float(gaps / weights) if weights else float('nan')


def expected_calibration_error(scores: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error over ``BINS`` bins of equal width; NaN without a keypoint.

    It is the mean distance of score and share of correct keypoints in a bin, weighted by the
    number of keypoints in it (Guo et al., ICML 2017).

    Args:
        scores: (M,) in [0, 1].
        right: Whether each keypoint is correct, (M,).
    """
    if not len(scores):
        return float('nan')
    gaps = [abs((scores[rows] - right[rows]).sum()) for rows in _bins(scores)]
    return float(sum(gaps) / len(scores))


def _curve(evidence: Evidence) -> Calibration:
    """The error model's probabilities at quantiles of the raw scores, made to rise."""
    model = fit_error_model(evidence)
    weights = model.weights(evidence.raw)
    visible = 1 - weights[:, -1]
    near = (weights * evidence.near).sum(1)
    order = np.argsort(evidence.raw, kind='stable')
    groups = np.array_split(order, max(1, min(_KNOTS, len(order) // _A_KNOT)))
    knots = [(evidence.raw[g].mean(), near[g].sum() / visible[g].sum()) for g in groups]
    last = model.weights(np.ones(1))[0]
    top = (last * evidence.near[groups[-1]].mean(0)).sum() / max(1 - last[-1], 1e-6)
    raw, probability = [0.0], [0.0]
    for x, y in [*knots, (1.0, top)]:
        if x - raw[-1] >= _MIN_GAP:
            raw.append(float(x))
            probability.append(float(min(max(y, probability[-1] + _MIN_RISE), 1.0)))
    raw[-1] = 1.0
    return Calibration(np.array(raw), np.array(probability))


def _posterior(evidence: Evidence, model: ErrorModel) -> np.ndarray:
    joint = evidence.likelihood * model.weights(evidence.raw)
    return joint / joint.sum(1, keepdims=True)


def _bins(scores: np.ndarray) -> list[np.ndarray]:
    index = np.minimum((np.asarray(scores) * BINS).astype(int), BINS - 1)
    return [index == i for i in np.unique(index)]
