"""Scores are calibrated from answers about windows: simulated people of known truth."""

import numpy as np
import pytest

from lfhpe_mmpose.evaluation import (
    WindowAnswers,
    calibrate,
    estimate_error,
    expected_calibration_error,
)
from lfhpe_mmpose.tags.views import draw_views, view_tags

BOX = np.array([20.0, 30.0, 120.0, 230.0])
LONGER = 200.0


def simulate(truth, persons=500, views=6, absent=0.1, seed=0):
    """Answers about people whose keypoints are right with the probability ``truth(raw)``.

    Right is a Gaussian error of 0.03 of the box, wrong is anywhere in the box beyond 0.1.
    """
    rng = np.random.default_rng(seed)
    number = 6
    raw = rng.uniform(0.02, 0.6, (persons, number))
    low, high = BOX[:2] + 5, BOX[2:] - 5
    true = rng.uniform(low, high, (persons, number, 2))
    right = rng.random(raw.shape) < truth(raw)
    error = np.clip(rng.normal(0, 0.03, true.shape), -0.065, 0.065)
    found = np.where(right[..., None], np.clip(true + LONGER * error, low, high), np.nan)
    while np.isnan(found).any():
        guess = rng.uniform(low, high, true.shape)
        far = np.linalg.norm(guess - true, axis=-1) > 0.1 * LONGER
        found = np.where(np.isnan(found) & far[..., None], guess, found)
    tags = (rng.random(raw.shape) > absent).astype(np.float32)
    windows = np.stack([draw_views(BOX, views, seed, i, i) for i in range(persons)])
    answers = np.stack([view_tags(*row) for row in zip(windows, true, tags)])
    return WindowAnswers(
        found,
        raw,
        np.tile(BOX, (persons, 1)),
        windows.astype(np.float64),
        answers,
        np.zeros(persons),
        np.array([1, 0, 3, 2, 4, 5]),
    ), right & (tags > 0)


class TestCalibrate:
    """The function of the raw score."""

    @pytest.mark.parametrize(
        'truth',
        [lambda raw: 0.1 + 1.4 * raw, lambda raw: np.sqrt(raw), lambda raw: 0 * raw + 0.9],
        ids=['line', 'root', 'constant'],
    )
    def test_recovers_the_truth(self, truth):
        """Within a few hundredths of the probability that made the answers."""
        answers, _ = simulate(truth)
        raw = np.linspace(0.06, 0.58, 20)
        assert np.abs(calibrate(answers)(raw) - truth(raw)).mean() < 0.04

    def test_rises(self):
        """With the raw score, also where the answers say the opposite or hardly anything."""
        for truth, persons in ((lambda raw: 0.9 - raw, 200), (lambda raw: raw, 8)):
            found = calibrate(simulate(truth, persons)[0])
            assert (np.diff(found.raw) > 0).all() and (np.diff(found.probability) >= 0).all()
            assert found.raw[[0, -1]].tolist() == [0, 1]
            assert found.probability.min() >= 0 and found.probability.max() <= 1

    def test_wrong_answers(self):
        """A known share of wrong answers is allowed for."""
        answers, _ = simulate(lambda raw: 0 * raw + 0.8)
        rng = np.random.default_rng(1)
        wrong = rng.random(answers.tags.shape) < 0.05
        wrong[:, 0] = False
        answers.tags[wrong] = 1 - answers.tags[wrong]
        assert calibrate(answers)(0.3) < 0.76
        answers.error[:] = 0.05
        assert abs(calibrate(answers)(0.3) - 0.8) < 0.04

    def test_unknown_answers(self):
        """Unknown tags, and rows that fill up persons with fewer windows, say nothing."""
        answers, _ = simulate(np.sqrt, 200)
        filled = WindowAnswers(
            *(answers.keypoints, answers.raw, answers.boxes),
            np.pad(answers.windows, ((0, 0), (0, 2), (0, 0))),
            np.pad(answers.tags, ((0, 0), (0, 2), (0, 0)), constant_values=-1),
            *(answers.error, answers.partner),
        )
        np.testing.assert_array_equal(
            calibrate(filled).probability, calibrate(answers).probability
        )


class TestCalibrationError:
    """The numbers."""

    def test_by_hand(self):
        """Bins weigh as much as they hold."""
        scores = np.array([0.05, 0.05, 0.95, 1.0])
        right = np.array([False, True, True, True])
        assert expected_calibration_error(scores, right) == pytest.approx((0.9 + 0.05) / 4)
        assert np.isnan(expected_calibration_error(np.zeros(0), np.zeros(0, dtype=bool)))

    def test_estimate_without_locations(self):
        """Small for scores that are calibrated on other persons, as the truth says."""
        answers, right = simulate(lambda raw: 0.1 + 1.4 * raw)
        found = calibrate(simulate(lambda raw: 0.1 + 1.4 * raw, seed=5)[0])
        visible = answers.tags[:, 0] > 0
        true = expected_calibration_error(found(answers.raw[visible]), right[visible])
        assert true < 0.05 and estimate_error(answers) < 0.06
