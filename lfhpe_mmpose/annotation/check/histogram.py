"""A picture of the tags: how often each keypoint is visible, not visible and unknown."""

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_whole

from .findings import printable

# Colours that the colour-blind can tell apart, and that differ in grey.
_COLOURS = dict(seen='#0072B2', absent='#E69F00', unknown='#CCCCCC')
_LABELS = dict(seen='visible (1)', absent='not visible (0)', unknown='unknown (-1)')
_ROW, _MARGIN, _WIDTH = 0.21, 1.2, 9.0
# A longer name is cut.
_NAME = 40


def draw_tags(
    keypoint_sets: Sequence[Mapping[str, Any]], path: str | os.PathLike[str], title: str = ''
) -> None:
    """Draw a stacked bar for each keypoint; one that tags cannot teach has its name in red.

    Raises:
        UserError: If it cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    numbers = [len(s['keypoints']) for s in keypoint_sets]
    heights = [_MARGIN + _ROW * n for n in numbers]
    figure = Figure(figsize=(_WIDTH, sum(heights)), layout='constrained')
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(numbers), 1, squeeze=False, height_ratios=heights)
    for axes, keypoint_set in zip(grid[:, 0], keypoint_sets):
        _draw(axes, keypoint_set['keypoints'])
    if title:
        figure.suptitle(printable(title), fontsize=10, parse_math=False)
    with write_whole(path) as part, warnings.catch_warnings():
        # A letter that the font does not have is drawn as a box.
        warnings.simplefilter('ignore')
        try:
            figure.savefig(part, dpi=110)
        except ValueError as error:  # a format that matplotlib does not write, too many pixels
            fault = f'the picture cannot be drawn ({error}).'
            raise UserError('option', str(path), fault, 'Give another file.') from None


def _draw(axes: Any, keypoints: Mapping[str, Mapping[str, int]]) -> None:
    rows = np.arange(len(keypoints))
    left = np.zeros(len(keypoints))
    for tag, colour in _COLOURS.items():
        numbers = np.array([counts[tag] for counts in keypoints.values()], dtype=float)
        axes.barh(rows, numbers, left=left, color=colour, label=_LABELS[tag], height=0.8)
        left += numbers
    most = max(left.max(), 1)
    names = [_cut(printable(name)) for name in keypoints]
    axes.set_yticks(rows, names, fontsize=8, parse_math=False)
    for label, counts in zip(axes.get_yticklabels(), keypoints.values()):
        if not (counts['seen'] and counts['absent']):
            label.set_color('#CC0000')
    # The bar of one tag among a million cannot be seen, its number can.
    for row, counts in zip(rows, keypoints.values()):
        text = f'{counts["seen"]} / {counts["absent"]} / {counts["unknown"]}'
        axes.text(1.01 * most, row, text, va='center', fontsize=7, color='#444444')
    axes.set_ylim(len(keypoints) - 0.4, -0.6)
    axes.set_xlim(0, 1.28 * most)
    axes.set_xlabel('tags of persons and views', fontsize=8)
    axes.tick_params(axis='x', labelsize=8)
    for side in ('top', 'right'):
        axes.spines[side].set_visible(False)
    handles, labels = axes.get_legend_handles_labels()
    place = dict(loc='lower left', bbox_to_anchor=(0, 1), ncols=3)
    axes.legend(handles, labels, fontsize=8, frameon=False, **place)


def _cut(name: str) -> str:
    name = ''.join(letter if letter.isprintable() else '?' for letter in name)
    return name if len(name) <= _NAME else f'{name[: _NAME - 3]}...'
