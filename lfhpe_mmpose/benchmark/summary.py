"""A block's rounds, brought to one row for each model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .timing import ratios
from .training import mean_parts, neck_head_share


@dataclass
class Row:
    """What a block says of a model; None where it was not measured.

    Attributes:
        p50_ms (float): Median latency over the calls of all rounds, ms.
        p95_ms (float): Their 95th percentile, ms.
        latency_ratio (dict): The reference's median of a round over the model's.
        best (float): Images a second at the best batch size, median of the rounds.
        best_batch (str): That batch size.
        best_ratio (dict): Against the reference at its own best batch size.
        parts (dict): Parts of the training step, seconds, mean over the rounds.
        step_ratio (dict): The reference's step over the model's.
        neck_head (float): Share of neck and head in the step.
    """

    p50_ms: float | None = None
    p95_ms: float | None = None
    latency_ratio: dict | None = None
    best: float | None = None
    best_batch: str | None = None
    best_ratio: dict | None = None
    parts: dict[str, float] | None = None
    step_ratio: dict | None = None
    neck_head: float | None = None

    def forward_share(self, stage: str) -> float | None:
        """Share of a stage in the forward pass.

        Args:
            stage (str): ``'backbone'``, ``'neck'`` or ``'head'``.

        Returns:
            float | None: In [0, 1].
        """
        if self.parts is None or f'forward_{stage}' not in self.parts:
            return None
        return self.parts[f'forward_{stage}'] / self.parts['forward']


def summarise_block(block: dict, reference: str) -> dict[str, Row]:
    """Bring a block to rows.

    Args:
        block (dict): Of :class:`Block`.
        reference (str): The model that ratios are to.

    Returns:
        dict[str, Row]: By model.
    """
    throughput = block['throughput']
    names = dict.fromkeys([*block['latency'], *(n for s in throughput.values() for n in s)])
    names.update(dict.fromkeys(block['training']))
    rows = {name: Row() for name in names}
    for name, rounds in block['latency'].items():
        calls = np.concatenate(rounds) * 1000
        rows[name].p50_ms = float(np.percentile(calls, 50))
        rows[name].p95_ms = float(np.percentile(calls, 95))
        rows[name].latency_ratio = ratio_of(
            [float(np.median(r)) for r in block['latency'].get(reference, [])],
            [float(np.median(r)) for r in rounds],
        )
    for name in rows:
        best = best_batch(throughput, name)
        if best is not None:
            rows[name].best_batch = best
            rows[name].best = float(np.median(throughput[best][name]))
            theirs = best_batch(throughput, reference)
            rows[name].best_ratio = ratio_of(
                throughput[best][name], throughput[theirs][reference] if theirs else []
            )
    for name, rounds in block['training'].items():
        parts = mean_parts(rounds)
        rows[name].parts = parts
        rows[name].neck_head = neck_head_share(parts, block['parameter_share'][name])
        rows[name].step_ratio = ratio_of(
            [r['step'] for r in block['training'].get(reference, [])], [r['step'] for r in rounds]
        )
    return rows


def best_batch(throughput: dict[str, dict[str, list[float]]], name: str) -> str | None:
    """The batch size at which a model is fastest, by the median of its rounds.

    Args:
        throughput (dict): Images a second by batch size and model.
        name (str): The model.

    Returns:
        str | None: The batch size; None if it was not measured.
    """
    there = {size: np.median(v[name]) for size, v in throughput.items() if v.get(name)}
    return max(there, key=lambda size: there[size]) if there else None


def ratio_of(above: Sequence[float], below: Sequence[float]) -> dict | None:
    """Ratios within rounds; None where one of the two was not measured.

    Args:
        above (Sequence[float]): One value of each round.
        below (Sequence[float]): Of the same rounds.

    Returns:
        dict | None: See :func:`ratios`.
    """
    return ratios(above, below) if len(above) and len(below) else None
