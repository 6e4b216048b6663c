"""Plots of a study: PCK against location fraction and tag questions, and for each keypoint.

To add one, write a function that draws rows on axes and returns whether there was anything to
draw, and list it in ``PLOTS``.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lfhpe_mmpose.files.writing import write_whole

from .plan import UNLIMITED
from .tables import SETTING

_METRIC = 'pck_0.2'
_LABEL = 'PCK@0.2 of the box'
# More bars than these cannot be told apart.
_MOST_BARS = 5
# PCK that a label needs above and below it.
_NAME_HEIGHT = 0.025


def plot_fractions(rows: pd.DataFrame, axes: Axes) -> bool:
    """PCK against the location fraction, a line for each recipe and number of views."""
    table = _over_seeds(rows)
    lines = {
        f'{recipe}, {_views(views)}': group.assign(percent=100 * group['location_fraction'])
        for (recipe, views), group in table.groupby(['recipe', 'views_per_person'], sort=False)
    }
    drawn = [_draw_line(axes, group, 'percent', name) for name, group in lines.items()]
    named: list[tuple[float, float]] = []
    for label, group in lines.items() if any(drawn) else ():
        place, height = float(group['percent'].iloc[0]), float(group['mean'].iloc[0])
        if len(group) == 1 and place in (0, 100):
            axes.plot(place, height, 'x')
            # Two names at one place cannot be read; the first recipe gets it.
            if all(place != p or abs(height - h) > _NAME_HEIGHT for p, h in named):
                offset: dict[str, Any] = dict(xytext=(4, 0), textcoords='offset points')
                axes.annotate(label, (place, height), **offset, va='center', fontsize=6)
                named.append((place, height))
    axes.set_xscale('symlog', linthresh=1)
    ticks = [0, 1, 5, 10, 25, 50, 100]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    if any(place == 100 for place, _ in named):
        # Room for the names.
        axes.set_xlim(right=800)
    axes.set_xlabel('located persons, %')
    axes.set_ylabel(_LABEL)
    return any(drawn)


def plot_questions(rows: pd.DataFrame, axes: Axes) -> bool:
    """PCK without locations against the tag questions per person, a line for each recipe."""
    table = _over_seeds(rows[rows['location_fraction'] == 0])
    unlimited = table['views_per_person'] == UNLIMITED
    asked = table[~unlimited].assign(questions=lambda t: t['questions'].astype(float))
    lines = asked.groupby('recipe', sort=False)
    drawn = [_draw_line(axes, group, 'questions', name) for name, group in lines]
    for recipe, bound in table.loc[unlimited, ['recipe', 'mean']].itertuples(index=False):
        label = f'{recipe}, unlimited views (no annotator gives them)'
        axes.axhline(bound, linestyle=':', label=label)
    axes.set_xscale('log', base=2)
    axes.set_xlabel('tag questions per person')
    axes.set_ylabel(_LABEL)
    return any(drawn)


def plot_keypoints(rows: pd.DataFrame, axes: Axes) -> bool:
    """PCK of each keypoint, a bar for each of the first few settings."""
    columns = [c for c in rows if c.startswith(f'{_METRIC}_') and '=' not in c]
    table = rows.groupby(SETTING, sort=False)[columns].mean().dropna(how='all')[:_MOST_BARS].T
    if table.empty:
        return False
    table.index = table.index.str.removeprefix(f'{_METRIC}_').str.replace('_', ' ')
    table.columns = [f'{r}, {100 * f:g}% located, {_views(v)}' for r, f, v in table.columns]
    table.plot.bar(ax=axes, width=0.8, legend=False)
    axes.tick_params(axis='x', rotation=40)
    axes.set_ylabel(_LABEL)
    return True


PLOTS: dict[str, Callable[[pd.DataFrame, Axes], bool]] = {
    'fractions': plot_fractions,
    'questions': plot_questions,
    'keypoints': plot_keypoints,
}


def write_plots(rows: pd.DataFrame, path: Path) -> list[Path]:
    """Write ``path``_<plot>.svg for each plot that the rows allow, and return the files."""
    rows = rows.dropna(subset=[_METRIC])
    written = []
    for name, plot in PLOTS.items():
        figure = Figure(figsize=(7.5, 4.2), layout='constrained')
        axes = figure.add_subplot()
        if plot(rows, axes):
            axes.grid(alpha=0.3)
            # Above the axes, where it covers no bar and no line.
            figure.legend(loc='outside upper center', ncols=3, fontsize=7)
            target = path.with_name(f'{path.name}_{name}.svg')
            # Without date and random ids the same rows give the same bytes.
            with rc_context({'svg.hashsalt': name}), write_whole(target) as part:
                figure.savefig(part, metadata={'Date': None})
            written.append(target)
    return written


def _over_seeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation (0 for one seed) of each setting."""
    columns = dict(questions=('tag_questions_per_person', 'first'))
    columns.update(mean=(_METRIC, 'mean'), std=(_METRIC, 'std'))
    return rows.groupby(SETTING, sort=False, as_index=False).agg(**columns).fillna({'std': 0.0})


def _draw_line(axes: Axes, group: pd.DataFrame, x: str, label: str) -> bool:
    """Draw a line with error bars through two or more points."""
    if len(group) < 2:
        return False
    group = group.sort_values(x)
    axes.errorbar(group[x], group['mean'], group['std'], marker='o', capsize=3, label=label)
    return True


def _views(number: str) -> str:
    return '1 view' if number == '1' else f'{number} views'
