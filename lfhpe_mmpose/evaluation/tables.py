"""Tables for the screen and for reports."""

from collections.abc import Mapping

from .baselines import PckResult


def format_pck_table(results: Mapping[str, Mapping[float, PckResult]]) -> str:
    """Lay out PCK per keypoint for several predictors side by side.

    Args:
        results (Mapping[str, Mapping[float, PckResult]]): Results by predictor, then by
            threshold; all with the same thresholds and keypoints.

    Returns:
        str: A table of fixed width: one line a keypoint, the mean last.
    """
    predictors = list(results)
    first = results[predictors[0]]
    thresholds = list(first)
    names = list(first[thresholds[0]].per_keypoint)
    stub = max(len(n) for n in (*names, 'keypoint'))
    width = max(len(p) for p in predictors)
    group = len(predictors) * (width + 2)

    def line(label: str, values: list[str]) -> str:
        return f'{label:<{stub}}  ' + '  '.join(f'{v:>{width}}' for v in values)

    def values(pick) -> list[str]:
        return [f'{pick(results[p][t]):.3f}' for t in thresholds for p in predictors]

    head = line('keypoint', [p.replace('_', ' ') for _ in thresholds for p in predictors])
    title = ' ' * stub + ''.join(f'{f"PCK@{t:g} of the box":>{group}}' for t in thresholds)
    rule = '-' * len(head)
    rows = [line(n, values(lambda r, n=n: r.per_keypoint[n])) for n in names]
    mean = line('mean', values(lambda r: r.mean))
    return '\n'.join([title, head, rule, *rows, rule, mean])
