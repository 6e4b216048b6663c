"""Plots of a run: the models side by side, and cost against area."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from lfhpe_mmpose.files.writing import write_whole

from .report import summarise_block

_KINDS = {
    'ratio': 'latency at batch 1',
    'ratio at best': 'images/s at the best batch',
    'step ratio': 'training step',
}


def plot_models(results: Mapping[str, Any], figure: Figure) -> bool:
    """Ratios to the reference, a group of bars for each mode, whiskers from min to max."""
    reference = results['settings']['reference']
    blocks = {b['mode']: summarise_block(b, reference) for b in results['blocks'] if b['rounds']}
    tables = {}
    for kind, title in _KINDS.items():
        found = {mode: rows[kind].dropna() for mode, rows in blocks.items() if kind in rows}
        if any(len(ratios) for ratios in found.values()):
            tables[title] = pd.DataFrame(found)
    if not tables:
        return False
    figure.set_size_inches(7.5, 2.2 * len(tables) + 0.6)
    axes_of = figure.subplots(len(tables), squeeze=False)[:, 0]
    for axes, (title, table) in zip(axes_of, tables.items(), strict=True):
        middle, low, high = (
            table.map(lambda r, key=key: r[key] if isinstance(r, dict) else np.nan).T
            for key in ('median', 'min', 'max')
        )
        spread = np.stack([(middle - low).T, (high - middle).T], axis=1)
        middle.plot.bar(ax=axes, yerr=spread, width=0.8, capsize=2, legend=False, rot=0)
        axes.axhline(1, color='black', linewidth=0.6)
        axes.tick_params(axis='x', labelsize=7)
        axes.set_title(f'{title}: speed over {reference}', fontsize=9)
        axes.grid(axis='y', alpha=0.3)
    handles, labels = axes_of[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=7, loc='outside lower center', ncols=4)
    return True


def plot_area(results: Mapping[str, Any], figure: Figure) -> bool:
    """Time of the encoders against the pixels of the input, in logarithms."""
    area = results.get('area')
    if not area:
        return False
    axes = figure.add_subplot()
    for name, sizes in area['seconds'].items():
        rounds = np.array([sizes[size] for size in area['sizes']]) * 1000
        middle = np.median(rounds, axis=1)
        spread = [middle - rounds.min(axis=1), rounds.max(axis=1) - middle]
        label = f'{name}: area to the power of {area["slope"][name]:.2f}'
        axes.errorbar(area['pixels'], middle, spread, marker='o', capsize=3, label=label)
    axes.set_xscale('log')
    axes.set_yscale('log')
    axes.set_xticks(area['pixels'], area['sizes'], fontsize=7, rotation=30)
    axes.minorticks_off()
    axes.set_xlabel('input, height x width')
    axes.set_ylabel('neck, ms per picture')
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return True


PLOTS: dict[str, Callable[[Mapping[str, Any], Figure], bool]] = {
    '': plot_models,
    '_area': plot_area,
}


def write_plots(results: Mapping[str, Any], path: Path) -> list[Path]:
    """Write ``path``.svg and ``path``_area.svg, as far as the results allow."""
    written = []
    for name, plot in PLOTS.items():
        figure = Figure(figsize=(7.5, 4.2), layout='constrained')
        if plot(results, figure):
            target = path.with_name(f'{path.name}{name}.svg')
            # Without date and random ids the same results give the same bytes.
            salt: Any = {'svg.hashsalt': f'benchmark{name}'}
            with rc_context(salt), write_whole(target) as part:
                figure.savefig(part, metadata={'Date': None})
            written.append(target)
    return written
