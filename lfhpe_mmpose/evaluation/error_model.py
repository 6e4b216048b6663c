"""How far predictions lie from keypoints that nobody has located: what answers about windows say.

Whether a keypoint lies in a window is known from a tag. With ``p`` the predicted place, the true
place is drawn from one of a few components: near ``p`` (Gaussians of three sizes), near the
left/right partner's prediction (a swap), where this keypoint lies on other persons, anywhere in
the person's window, or nowhere (not visible). Each component gives the answers of a person a
probability, which is a mean over points: the share of the component inside all windows with a
positive tag and outside all with a negative one. The weights of the components depend on the raw
score by a softmax that is linear in its logarithm. They have the largest likelihood of the
answers. The model is our choice; no coordinate of a keypoint enters it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from lfhpe_mmpose.scores import SCORE_RADIUS
from lfhpe_mmpose.tags.values import is_absent, is_visible

# Standard deviations of the errors of good predictions, as shares of the box's longer side.
_SIZES = (0.03, 0.06, 0.12)
_SWAP_SIZE = 0.04
_POINTS = 64
# Least share of wrong answers: no answer excludes a component for good.
_MIN_ERROR = 1e-4
_MIN_LIKELIHOOD = 1e-6
# Penalty on the weights' squares, relative to the mean log-likelihood of an answered keypoint.
_RIDGE = 1e-5
_MIN_SCORE = 1e-4


@dataclass(frozen=True)
class WindowAnswers:
    """Predictions for N persons, and the answers about their V windows.

    Attributes:
        keypoints: Predicted places in pixels, (N, K, 2).
        raw: Raw scores in [0, 1], (N, K).
        boxes: Person boxes, corners in pixels, (N, 4).
        windows: Corners in pixels, (N, V, 4); the first is the whole person.
        tags: (N, V, K), 1, 0 or -1; -1 also fills up persons with fewer windows.
        error: Share of wrong answers, (N,).
        partner: Index of the left/right partner, (K,); of the keypoint itself if it has none.
    """

    keypoints: np.ndarray
    raw: np.ndarray
    boxes: np.ndarray
    windows: np.ndarray
    tags: np.ndarray
    error: np.ndarray
    partner: np.ndarray

    def select(self, persons: np.ndarray) -> 'WindowAnswers':
        """The answers of some of the persons."""
        return WindowAnswers(
            self.keypoints[persons],
            self.raw[persons],
            self.boxes[persons],
            self.windows[persons],
            self.tags[persons],
            self.error[persons],
            self.partner,
        )


@dataclass(frozen=True)
class Evidence:
    """What the answers say about each of M predicted keypoints, by C components.

    Attributes:
        raw: Raw scores, (M,).
        likelihood: Probability of the answers, (M, C). The last component is "not visible".
        near: Share of each component within ``SCORE_RADIUS`` of the prediction, (M, C).
    """

    raw: np.ndarray
    likelihood: np.ndarray
    near: np.ndarray

    def select(self, rows: np.ndarray) -> 'Evidence':
        """The evidence about some of the keypoints."""
        return Evidence(self.raw[rows], self.likelihood[rows], self.near[rows])


@dataclass(frozen=True)
class ErrorModel:
    """Weights of the components by raw score: softmax of ``coefficients`` (2, C)."""

    coefficients: np.ndarray
    mean: float
    spread: float

    def weights(self, raw: np.ndarray) -> np.ndarray:
        """Weights (M, C) at raw scores (M,)."""
        return _softmax(_features(raw, self.mean, self.spread) @ self.coefficients)


def weigh_answers(answers: WindowAnswers) -> Evidence:
    """Compute the probability of the answers under each component, keypoint by keypoint.

    Keypoints without any answer are left out.
    """
    rng = np.random.default_rng(0)
    origin, sizes = answers.boxes[:, None, :2], np.diff(answers.boxes.reshape(-1, 1, 2, 2), axis=2)
    sizes = np.maximum(sizes[:, :, 0], 1e-6)
    longer = sizes.max(-1)[..., None]  # (N, 1, 1)
    number = len(answers.raw)
    gaussian = _gaussian_points()
    error = np.clip(answers.error, _MIN_ERROR, 0.5)[:, None, None]
    anywhere = origin + rng.uniform(-0.05, 1.05, (number, _POINTS, 2)) * sizes
    parts = []
    for k, partner in enumerate(answers.partner):
        place = answers.keypoints[:, k : k + 1]
        clouds = [place + longer * size * gaussian for size in _SIZES]
        relative = ((place - origin) / sizes)[:, 0]
        others = relative[rng.integers(0, number, (number, _POINTS))]
        others = others + rng.normal(0, 0.05, others.shape)
        clouds += [
            answers.keypoints[:, partner][:, None] + longer * _SWAP_SIZE * gaussian,
            origin + others * sizes,
            anywhere,
        ]
        tags = answers.tags[:, :, k]
        weighed = [_weigh(c, place, longer, answers.windows, tags, error) for c in clouds]
        if partner == k:
            weighed[len(_SIZES)] = (np.full(number, _MIN_LIKELIHOOD), np.zeros(number))
        flat = error[:, 0]
        hidden = np.where(is_visible(tags), flat, np.where(is_absent(tags), 1 - flat, 1.0))
        likelihood = np.stack([*(row[0] for row in weighed), hidden.prod(1)], axis=1)
        near = np.stack([*(row[1] for row in weighed), np.zeros(number)], axis=1)
        known = (is_visible(tags) | is_absent(tags)).any(1)
        parts.append(Evidence(answers.raw[known, k], likelihood[known], near[known]))
    return Evidence(
        np.concatenate([part.raw for part in parts]),
        np.concatenate([part.likelihood for part in parts]),
        np.concatenate([part.near for part in parts]),
    )


def fit_error_model(evidence: Evidence) -> ErrorModel:
    """Find the weights with the largest likelihood of the answers."""
    logs = np.log(np.maximum(evidence.raw, _MIN_SCORE))
    mean, spread = float(logs.mean()), float(max(logs.std(), 1e-3))
    features = _features(evidence.raw, mean, spread)
    shape = (2, evidence.likelihood.shape[1])

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        coefficients = flat.reshape(shape)
        weights = _softmax(features @ coefficients)
        joint = evidence.likelihood * weights
        total = joint.sum(1)
        gradient = features.T @ (weights - joint / total[:, None]) / len(total)
        gradient = gradient + 2 * _RIDGE * coefficients
        penalty = _RIDGE * (coefficients**2).sum()
        return float(-np.log(total).mean() + penalty), gradient.ravel()

    found = minimize(
        loss, np.zeros(shape[0] * shape[1]), jac=True, method='L-BFGS-B', options=dict(maxiter=500)
    )
    return ErrorModel(found.x.reshape(shape), mean, spread)


def share_near(evidence: Evidence, steps: int = 200) -> float:
    """Estimate how many of the visible keypoints lie near their predictions, from answers alone.

    The weights of the components are those of the largest likelihood for these keypoints, whatever
    their scores, by expectation maximisation.
    """
    weights = np.full(evidence.likelihood.shape[1], 1 / evidence.likelihood.shape[1])
    for _ in range(steps):
        joint = evidence.likelihood * weights
        weights = (joint / joint.sum(1, keepdims=True)).mean(0)
    joint = evidence.likelihood * weights
    joint = joint / joint.sum(1, keepdims=True)
    return float((weights[:-1] * evidence.near[:, :-1].mean(0)).sum() / (1 - weights[-1]))


def _weigh(
    points: np.ndarray,
    place: np.ndarray,
    longer: np.ndarray,
    windows: np.ndarray,
    tags: np.ndarray,
    error: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Probability of the answers and share near the prediction, (N,) each, of points (N, P, 2).

    Keypoints never lie outside the whole person's window, so neither do the points that count.
    """
    x, y = points[..., 0, None], points[..., 1, None]
    x1, y1, x2, y2 = (windows[:, None, :, i] for i in range(4))
    inside = (x >= x1) & (x < x2) & (y >= y1) & (y < y2)
    count = inside[..., 0]
    answer = tags[:, None, :]
    agree = np.where(inside == is_visible(answer), 1 - error, error)
    agree = np.where(is_visible(answer) | is_absent(answer), agree, 1.0)
    total = np.maximum(count.sum(1), 1)
    near = np.linalg.norm(points - place, axis=-1) < SCORE_RADIUS * longer[..., 0]
    likelihood = (agree.prod(-1) * count).sum(1) / total
    return np.maximum(likelihood, _MIN_LIKELIHOOD), (near & count).sum(1) / total


def _gaussian_points() -> np.ndarray:
    """Points (P, 2) spread evenly under a normal distribution, without a random number."""
    rank = np.arange(_POINTS)
    radius = np.sqrt(-2 * np.log(1 - (rank + 0.5) / _POINTS))
    angle = 2 * np.pi * (rank * (np.sqrt(5) - 1) / 2 % 1)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


def _features(raw: np.ndarray, mean: float, spread: float) -> np.ndarray:
    logs = (np.log(np.maximum(raw, _MIN_SCORE)) - mean) / spread
    return np.stack([np.ones_like(logs), logs], axis=1)


def _softmax(logits: np.ndarray) -> np.ndarray:
    values = np.exp(logits - logits.max(1, keepdims=True))
    return values / values.sum(1, keepdims=True)
