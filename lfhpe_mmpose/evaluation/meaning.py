"""What metrics mean, in sentences."""

import math
from collections.abc import Mapping

from lfhpe_mmpose.scores import SCORE_THRESHOLD

FEW = 30  # persons; below it, one person changes a rate by more than three points
POOR = 0.1  # a calibration error from which scores mislead


def explain(metrics: Mapping[str, float], persons: int) -> list[str]:
    """Say what the metrics of an evaluation mean.

    Args:
        metrics: Names and values, as MMEngine returns them.
        persons: Number of evaluated persons.

    Returns:
        A sentence for each metric that has a meaning here.
    """
    out = []
    few = f', {persons} persons are too few to tell' if persons < FEW else ''
    score, chance = metrics.get('category/mAP'), metrics.get('category/mAP_chance')
    if score is not None and chance is not None and math.isfinite(score + chance):
        # Twice the standard error of a rate that differs from person to person.
        margin = 2 * math.sqrt(chance * (1 - chance) / max(persons, 1))
        verdict = 'better than' if score > chance + margin else 'no better than'
        out.append(f'category mAP {score:.3f}, chance {chance:.3f}: {verdict} guessing{few}.')
    for name, value in metrics.items():
        group, _, kind = name.partition('/')
        if kind == 'PCK' and group.startswith('pck@') and math.isfinite(value):
            share = group.removeprefix('pck@')
            out.append(
                f'PCK@{share} {value:.3f}: {100 * value:.0f}% of the visible keypoints lie within '
                f"{share} of the longer side of the person's box{few}."
            )
    error, above = metrics.get('keypoint/ECE'), metrics.get('keypoint/above')
    if error is not None and above is not None and math.isfinite(error + above):
        advice = ' Calibrate them by `lfhpe calibrate`.' if error > POOR else ''
        out.append(
            f'Scores differ from the share of correct keypoints by {error:.3f} on average, and '
            f'{100 * above:.0f}% are {SCORE_THRESHOLD:g} or more{few}.{advice}'
        )
    return out
