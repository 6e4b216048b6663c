"""What a keypoint's score means, and the threshold that every tool starts from.

A calibrated score is the probability that a visible keypoint lies within ``SCORE_RADIUS`` of the
longer side of the box (``lfhpe calibrate``, docs/scores.md). Neither torch nor MMPose is needed
here.
"""

from collections.abc import Iterable, Sequence

# Share of the longer side of the person box, as in PCK@0.1.
SCORE_RADIUS = 0.1
# The default of every tool that selects keypoints by score. Of calibrated scores it means: more
# likely right than wrong.
SCORE_THRESHOLD = 0.5
# An image with a smaller share of keypoints above the threshold is reported.
LITTLE = 0.25
NOT_CALIBRATED = (
    'The scores of this model are not calibrated, so a threshold on them is not a probability. '
    '`lfhpe calibrate` calibrates them from tags.'
)


def is_little(scores: Sequence[float], threshold: float) -> bool:
    """Whether few of the keypoints, or none, reach the threshold; False without a keypoint."""
    return sum(score >= threshold for score in scores) < LITTLE * len(scores)


def count_above(scores: Iterable[float], threshold: float) -> str:
    """Say how many keypoints reach the threshold: ``0 of 14 keypoints above 0.5, best 0.10``."""
    values = list(scores)
    above = sum(value >= threshold for value in values)
    text = f'{above} of {len(values)} keypoints above {threshold:g}'
    # Rounded down, so that the best score never seems to reach a threshold that it misses.
    return f'{text}, best {int(100 * max(values)) / 100:.2f}' if values else text
