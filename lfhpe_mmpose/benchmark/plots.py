"""Plots of a run: the models side by side, and cost against area."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .summary import summarise_block


def plot_models(results: Mapping, figure: Figure) -> bool:
    """Ratios to the reference, a group of bars for each mode, whiskers from min to max.

    Args:
        results (Mapping): Of a :class:`Run`.
        figure (Figure): Drawn on.

    Returns:
        bool: Whether there was anything to draw.
    """
    reference = results['settings']['reference']
    blocks = [(b['mode'], summarise_block(b, reference)) for b in results['blocks'] if b['rounds']]
    kinds = {
        'latency at batch 1': 'latency_ratio',
        'images/s at the best batch': 'best_ratio',
        'training step': 'step_ratio',
    }
    kinds = {
        title: key
        for title, key in kinds.items()
        if any(getattr(row, key) for _, rows in blocks for row in rows.values())
    }
    if not kinds:
        return False
    names = list(dict.fromkeys(name for _, rows in blocks for name in rows))
    figure.set_size_inches(7.5, 2.2 * len(kinds) + 0.6)
    for axes, (title, key) in zip(figure.subplots(len(kinds), squeeze=False)[:, 0], kinds.items()):
        for i, name in enumerate(names):
            found = [(j, getattr(rows[name], key)) for j, (_, rows) in enumerate(blocks)
                     if name in rows and getattr(rows[name], key)]  # fmt: skip
            if not found:
                continue
            middle = np.array([r['median'] for _, r in found])
            spread = [middle - [r['min'] for _, r in found], [r['max'] for _, r in found] - middle]
            width = 0.8 / len(names)
            places = np.array([j for j, _ in found]) - 0.4 + (i + 0.5) * width
            axes.bar(places, middle, width, yerr=spread, capsize=2, label=name, color=f'C{i}')
        axes.axhline(1, color='black', linewidth=0.6)
        axes.set_xticks(range(len(blocks)), [mode for mode, _ in blocks], fontsize=7)
        axes.set_title(f'{title}: speed over {reference}', fontsize=9)
        axes.grid(axis='y', alpha=0.3)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=7, loc='outside lower center', ncols=4)
    return True


def plot_area(results: Mapping, figure: Figure) -> bool:
    """Time of the encoders against the pixels of the input, in logarithms.

    Args:
        results (Mapping): Of a :class:`Run`.
        figure (Figure): Drawn on.

    Returns:
        bool: Whether there was anything to draw.
    """
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
    axes.set_ylabel('neck, ms a picture')
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return True


PLOTS: dict[str, Callable[[Mapping, Figure], bool]] = {'': plot_models, '_area': plot_area}


def write_plots(results: Mapping, path: Path) -> list[Path]:
    """Draw what the results allow.

    Args:
        results (Mapping): Of a :class:`Run`.
        path (Path): ``path``.svg and ``path``_area.svg are written.

    Returns:
        list[Path]: The files.
    """
    written = []
    for name, plot in PLOTS.items():
        figure = Figure(figsize=(7.5, 4.2), layout='constrained')
        FigureCanvasAgg(figure)
        if plot(results, figure):
            target = path.with_name(f'{path.name}{name}.svg')
            # No date and no random ids, so that the same results give the same bytes.
            with rc_context({'svg.hashsalt': f'benchmark{name}'}):
                figure.savefig(target, metadata={'Date': None})
            written.append(target)
    return written
