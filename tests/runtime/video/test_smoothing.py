"""The One-Euro filter."""

import numpy as np

from lfhpe_mmpose.runtime.video.smoothing import OneEuro


class TestOneEuro:
    """At rest it steadies, in motion it follows."""

    def test_rest_and_motion(self):
        """Trembling is halved; a keypoint that crosses the box lags by little."""
        rng = np.random.default_rng(0)
        times = np.arange(100) / 25
        noise = rng.normal(0, 2, (100, 1, 2))
        rest, smooth = OneEuro(), []
        for time, jump in zip(times, noise):
            smooth.append(rest(50 + jump, 200, time))
        assert np.std(smooth[20:]) < np.std(noise) / 2
        motion = OneEuro()
        for time in times:
            place = np.array([[200 * time, 0.0]])  # the box in a second
            found = motion(place, 200, time)
        assert abs(found[0, 0] - place[0, 0]) < 0.08 * 200

    def test_equation(self):
        """By hand: a low-pass filter whose cut-off grows with the speed."""
        smooth = OneEuro(at_rest=1.0, by_speed=2.0)
        assert smooth(np.array([[10.0, 0.0]]), 100, 0.0).tolist() == [[10.0, 0.0]]
        found = smooth(np.array([[20.0, 0.0]]), 100, 0.1)
        share = 2 * np.pi * 0.1 / (2 * np.pi * 0.1 + 1)
        cut = 1.0 + 2.0 * (share * 100) / 100
        step = 2 * np.pi * cut * 0.1
        np.testing.assert_allclose(found, [[10 + 10 * step / (step + 1), 0]])

    def test_same_time(self):
        """Frames at one time do not divide by zero."""
        smooth = OneEuro()
        smooth(np.zeros((1, 2)), 10, 1.0)
        assert smooth(np.ones((1, 2)), 10, 1.0).tolist() == [[1, 1]]
