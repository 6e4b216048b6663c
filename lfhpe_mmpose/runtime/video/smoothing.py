"""Less trembling keypoints: the One-Euro filter (Casiez et al., CHI 2012)."""

import math

import numpy as np


class OneEuro:
    """Smooths the keypoints of one person: strongly at rest, hardly in motion.

    The speed is measured in sizes of the box a second, so that near and far persons are smoothed
    alike (our choice; the constants too).

    Args:
        at_rest: Cut-off in Hz for a keypoint that does not move; lower is smoother.
        by_speed: How much the cut-off grows with the speed, in Hz per size of the box a second.
    """

    # Cut-off of the speed in Hz, as in the paper.
    _SPEED_CUT = 1.0

    def __init__(self, at_rest: float = 1.0, by_speed: float = 6.0) -> None:
        self.at_rest, self.by_speed = at_rest, by_speed
        self._time = 0.0
        self._places: np.ndarray | None = None
        self._speeds: np.ndarray | None = None

    def __call__(self, places: np.ndarray, size: float, time: float) -> np.ndarray:
        """Smooth.

        Args:
            places: Keypoints (K, 2) in pixels.
            size: The longer side of the box in pixels.
            time: Seconds.

        Returns:
            np.ndarray: (K, 2) in pixels.
        """
        seconds = time - self._time
        if self._places is None or self._speeds is None or seconds <= 0:
            self._places, self._speeds = places.astype(np.float64), np.zeros(places.shape)
            self._time = time
            return self._places.copy()
        speeds = (places - self._places) / seconds
        share = _share(np.array(self._SPEED_CUT), seconds)
        self._speeds = self._speeds + share * (speeds - self._speeds)
        pace = np.linalg.norm(self._speeds, axis=1, keepdims=True) / max(size, 1.0)
        share = _share(self.at_rest + self.by_speed * pace, seconds)
        self._places = self._places + share * (places - self._places)
        self._time = time
        return self._places.copy()


def _share(cut: np.ndarray, seconds: float) -> np.ndarray:
    """The share of the new value in a low-pass filter of a cut-off in Hz."""
    step = 2 * math.pi * cut * seconds
    return np.asarray(step / (step + 1))
