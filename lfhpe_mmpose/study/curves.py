"""The curves of trainings as a picture, from the logs that every run writes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_whole

# Entries of the log that are no losses and no metrics.
_OTHER = ('lr', 'data_time', 'time', 'epoch', 'iter', 'step', 'memory', 'grad_norm')
_COLUMNS = 3
# Metrics of single keypoints or groups would be a hundred pictures.
_METRICS = ('pck@0.2/PCK', 'pck@0.1/PCK', 'keypoint/swap_rate', 'category/mAP')


def draw_curves(runs: Sequence[str], out: str | Path) -> list[str]:
    """Draw each loss, and each metric of the validation, against the steps.

    Args:
        runs: Work directories; each is a line in every plot.
        out: Picture; its ending is the format (png, svg, pdf).

    Returns:
        What was drawn.

    Raises:
        UserError: 'no-log' if a folder has no log of a training, 'format'.
    """
    curves = {_name(run, runs): read_scalars(run) for run in runs}
    names = [n for n in _names(curves.values()) if n not in _OTHER]
    # A loss that a run does not use is 0 throughout.
    names = [n for n in names if any(v for c in curves.values() for _, v in c.get(n, ()))]
    drawn = [n for n in names if '/' not in n] + [n for n in _METRICS if n in names]
    rows = -(-len(drawn) // _COLUMNS)
    with rc_context({'font.size': 8, 'axes.grid': True, 'grid.alpha': 0.3}):
        figure = Figure(figsize=(4 * _COLUMNS, 2.6 * rows), layout='constrained')
        axes = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
        for name, one in zip(drawn, axes):
            for label, points in curves.items():
                line = points.get(name, [])
                # A metric has one point a validation.
                style: dict[str, Any] = dict(marker='o') if len(line) < 10 else {}
                one.plot(*zip(*line), label=label, linewidth=1.2, **style) if line else None
            one.set_title(name)
            one.set_xlabel('steps')
        for one in axes[len(drawn) :]:
            one.set_axis_off()
        if len(curves) > 1 and drawn:
            axes[0].legend()
        path = Path(out)
        if path.suffix.lower() not in ('.png', '.svg', '.pdf'):
            fault = 'The ending is no format of pictures.'
            raise UserError('format', str(path), fault, 'Give .png, .svg or .pdf.')
        with write_whole(path) as part:
            figure.savefig(part, format=path.suffix[1:].lower(), dpi=110)
    return drawn


def read_scalars(run: str | Path) -> dict[str, list[tuple[int, float]]]:
    """The numbers that a run has logged: step and value by name.

    A run that was resumed has several logs; where they overlap the later one counts. A last line
    that was cut off is left out.

    Raises:
        UserError: 'no-log'.
    """
    files = sorted(Path(run).glob('*/vis_data/scalars.json'))
    values: dict[str, dict[int, float]] = {}
    step = 0
    for file in files:
        for line in file.read_text(encoding='utf-8', errors='replace').splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if not isinstance(entry, dict):
                continue
            # A line of metrics counts epochs as its step; it stands after that epoch's losses.
            step = int(entry.get('iter', step))
            for name, value in entry.items():
                if isinstance(value, int | float) and value == value:
                    values.setdefault(name, {})[step] = float(value)
    if not values:
        fault = 'The folder has no log of a training (no */vis_data/scalars.json).'
        raise UserError('no-log', str(run), fault, 'Give the --work-dir of lfhpe train.')
    return {name: sorted(points.items()) for name, points in values.items()}


def _names(all_points: Any) -> list[str]:
    return list(dict.fromkeys(name for points in all_points for name in points))


def _name(run: str, runs: Sequence[str]) -> str:
    """The folder's name; its path if two are called alike."""
    own = Path(run).resolve().name
    return run if [Path(r).resolve().name for r in runs].count(own) > 1 else own
