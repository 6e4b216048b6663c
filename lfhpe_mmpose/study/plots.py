"""Plots of a study: PCK against location fraction and tag questions, and per keypoint.

To add one, write a function from rows to a figure and list it in :data:`PLOTS`.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .plan import UNLIMITED
from .tables import group_seeds

_METRIC = 'pck_0.2'
_LABEL = 'PCK@0.2 of the box'
# More bars than these cannot be told apart.
_MOST_BARS = 5
# Of a label, in PCK.
_NAME_HEIGHT = 0.025


def plot_fractions(rows: Sequence[Mapping], axes: Axes) -> bool:
    """PCK against the location fraction, a line for each recipe and number of views.

    Args:
        rows (Sequence[Mapping]): Of :func:`collect_rows`.
        axes (Axes): Drawn on.

    Returns:
        bool: Whether there was anything to draw.
    """
    lines: dict[str, list[tuple[float, float, float]]] = {}
    for group in group_seeds(rows):
        first = group[0]
        label = f'{first["recipe"]}, {_views(first)}'
        lines.setdefault(label, []).append((100 * first['location_fraction'], *_stats(group)))
    drawn = False
    for label, points in lines.items():
        if len(points) > 1:
            x, y, error = zip(*sorted(points))
            axes.errorbar(x, y, error, marker='o', capsize=3, label=label)
            drawn = True
    named: list[tuple[float, float]] = []
    for label, points in lines.items():
        place, height, _ = points[0]
        if len(points) == 1 and drawn and place in (0, 100):
            axes.plot(place, height, 'x')
            # Names on top of one another cannot be read: the first recipe has its place.
            if all(place != p or abs(height - h) > _NAME_HEIGHT for p, h in named):
                axes.annotate(
                    label,
                    (place, height),
                    xytext=(4, 0),
                    textcoords='offset points',
                    va='center',
                    fontsize=6,
                )
                named.append((place, height))
    axes.set_xscale('symlog', linthresh=1)
    axes.set_xticks([0, 1, 5, 10, 25, 50, 100], ['0', '1', '5', '10', '25', '50', '100'])
    if any(place == 100 for place, _ in named):
        # Room for the names.
        axes.set_xlim(right=800)
    axes.set_xlabel('located persons, %')
    axes.set_ylabel(_LABEL)
    return drawn


def plot_questions(rows: Sequence[Mapping], axes: Axes) -> bool:
    """PCK without locations against the tag questions a person.

    Args:
        rows (Sequence[Mapping]): Of :func:`collect_rows`.
        axes (Axes): Drawn on.

    Returns:
        bool: Whether there was anything to draw.
    """
    lines: dict[str, list[tuple[float, float, float]]] = {}
    bounds = []
    for group in group_seeds([r for r in rows if r['location_fraction'] == 0]):
        first = group[0]
        if first['views_per_person'] == UNLIMITED:
            bounds.append((first['recipe'], _stats(group)[0]))
        else:
            point = (float(first['tag_questions_per_person']), *_stats(group))
            lines.setdefault(first['recipe'], []).append(point)
    lines = {name: points for name, points in lines.items() if len(points) > 1}
    for name, points in lines.items():
        x, y, error = zip(*sorted(points))
        axes.errorbar(x, y, error, marker='o', capsize=3, label=name)
    for name, bound in bounds:
        axes.axhline(
            bound, linestyle=':', label=f'{name}, unlimited views (no annotator gives them)'
        )
    axes.set_xscale('log', base=2)
    axes.set_xlabel('tag questions a person')
    axes.set_ylabel(_LABEL)
    return bool(lines)


def plot_keypoints(rows: Sequence[Mapping], axes: Axes) -> bool:
    """PCK of each keypoint, a bar for each of the first few settings.

    Args:
        rows (Sequence[Mapping]): Of :func:`collect_rows`.
        axes (Axes): Drawn on.

    Returns:
        bool: Whether there was anything to draw.
    """
    prefix = 'keypoint/PCK@0.2_'
    groups = [g for g in group_seeds(rows) if any(k.startswith(prefix) for k in g[0]['metrics'])]
    groups = groups[:_MOST_BARS]
    if not groups:
        return False
    names = [k.removeprefix(prefix) for k in groups[0][0]['metrics'] if k.startswith(prefix)]
    places = np.arange(len(names))
    for i, group in enumerate(groups):
        values = [
            np.mean([row['metrics'].get(prefix + name, np.nan) for row in group]) for name in names
        ]
        first = group[0]
        label = (
            f'{first["recipe"]}, {100 * first["location_fraction"]:g}% located, {_views(first)}'
        )
        axes.bar(
            places + (i + 0.5) / len(groups) * 0.8 - 0.4, values, 0.8 / len(groups), label=label
        )
    axes.set_xticks(places, [n.replace('_', ' ') for n in names], rotation=40, ha='right')
    axes.set_ylabel(_LABEL)
    return True


PLOTS: dict[str, Callable[[Sequence[Mapping], Axes], bool]] = {
    'fractions': plot_fractions,
    'questions': plot_questions,
    'keypoints': plot_keypoints,
}


def write_plots(rows: Sequence[Mapping], path: Path) -> list[Path]:
    """Draw what the rows allow to be drawn.

    Args:
        rows (Sequence[Mapping]): Of :func:`collect_rows`.
        path (Path): ``path``_<plot>.svg is written for each.

    Returns:
        list[Path]: The files.
    """
    rows = [row for row in rows if row[_METRIC] != '']
    written = []
    for name, plot in PLOTS.items():
        figure = Figure(figsize=(7.5, 4.2), layout='constrained')
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        if plot(rows, axes):
            axes.grid(alpha=0.3)
            # Above the axes, where it covers no bar and no line.
            figure.legend(loc='outside upper center', ncols=3, fontsize=7)
            target = path.with_name(f'{path.name}_{name}.svg')
            target.parent.mkdir(parents=True, exist_ok=True)
            # No date and no random ids, so that the same rows give the same bytes.
            with rc_context({'svg.hashsalt': name}):
                figure.savefig(target, metadata={'Date': None})
            written.append(target)
    return written


def _views(row: Mapping) -> str:
    """The number of views in words."""
    return '1 view' if row['views_per_person'] == 1 else f'{row["views_per_person"]} views'


def _stats(group: Sequence[Mapping]) -> tuple[float, float]:
    """Mean and standard deviation (0 for one seed) over the seeds."""
    values = [float(row[_METRIC]) for row in group if row[_METRIC] != '']
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
