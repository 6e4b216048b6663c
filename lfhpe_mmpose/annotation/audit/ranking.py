"""How strongly a model's maps contradict a person's labels (our choice).

All findings are measured on one scale: the logarithm (base 2) of how much more likely the labels
would be if they were changed as the finding says. The maps are those that asking starts from,
with their mixture fitted to the labels, so that a model that is often wrong accuses nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from lfhpe_mmpose.annotation.asking.answers import Answer
from lfhpe_mmpose.annotation.asking.belief import cover
from lfhpe_mmpose.annotation.asking.grid import Grid
from lfhpe_mmpose.annotation.asking.questions import Person, Question, Window
from lfhpe_mmpose.tags import is_known, is_visible

# An annotator's share of wrong answers while evidence is joined; no answer is beyond doubt.
_ERROR = 0.02
# A finding below so many bits is not worth a look: the change makes the labels twice as likely.
LEAST_BITS = 1.0
# Share of the cells at a border of the window that count as cut off.
_RIM = 1 / 16
# So many keypoints at the rim make a box suspicious.
_CUT = 3


@dataclass(frozen=True)
class Suspect:
    """A label to look at.

    Attributes:
        person: Id of the annotation.
        kind: 'sides' (left and right are exchanged), 'answer' (one tag of one view or of the
            whole person), 'location' (a keypoint was placed elsewhere) or 'box' (the box cuts
            keypoints off).
        bits: How much more likely the labels are with the change, as a power of two.
        keypoints: Indices of the keypoints concerned.
        view: Number of the view of an answer, 0 for the whole person; -1 for other kinds.
        tag: The tag that was given; -1 for other kinds.
        window: The window of that view in pixels; None for other kinds.
    """

    person: Person
    kind: str
    bits: float
    keypoints: tuple[int, ...]
    view: int = -1
    tag: int = -1
    window: Window | None = None


def rank_person(
    person: Person,
    grid: Grid,
    table: np.ndarray,
    answers: Sequence[Answer],
    partners: Sequence[int],
) -> list[Suspect]:
    """Findings about one person, the strongest first.

    Answers that exchanged sides explain are not listed one by one as well.

    Args:
        person: Id of the annotation.
        grid: The cells of its window.
        table: What the model believes, (K, G * G + 1); see ``Prior.table``.
        answers: The labels, from ``given_answers``; a location is a circle that was confirmed.
        partners: Index of each keypoint's mirror image, its own if it has none.
    """
    logs = np.zeros((len(table), table.shape[1]))
    labels: list[tuple[int, int, Question, np.ndarray, np.ndarray]] = []
    for answer in answers:
        for (k, tag), inside in zip(answer.tags(), cover(grid, answer.question), strict=True):
            if is_known(tag):
                right = inside if is_visible(tag) else 1 - inside
                log = np.log(_ERROR + (1 - 2 * _ERROR) * right)
                logs[k] += log
                labels.append((k, int(tag), answer.question, right, log))
    sides = _sides(person, table, logs, partners)
    explained = set(sides[0].keypoints) if sides else set()
    out = list(sides)
    for k, tag, question, right, log in labels:
        if k in explained:
            continue
        # What the model and the other labels of the keypoint say together.
        others = logs[k] - log
        believed = table[k] * np.exp(others - others.max())
        chance = float(np.clip(believed @ right / believed.sum(), 1e-6, 1 - 1e-6))
        bits = log2((1 - chance) / chance)
        if bits < LEAST_BITS:
            continue
        if question.kind == 'confirm':
            out.append(Suspect(person, 'location', bits, (k,)))
        else:
            view, window = int(question.id), question.window
            out.append(Suspect(person, 'answer', bits, (k,), view, tag, window))
    out += _box(person, grid, table)
    return sorted(out, key=lambda s: -s.bits)


def _sides(
    person: Person, table: np.ndarray, logs: np.ndarray, partners: Sequence[int]
) -> list[Suspect]:
    """Whether the labels of pairs fit better with left and right exchanged."""
    best = logs.max(1, keepdims=True)
    likely = np.exp(logs - best)
    told = np.ptp(logs, 1) > 0
    pairs, gain = [], 0.0
    for a, b in enumerate(partners):
        if a >= b or not (told[a] and told[b]):
            continue
        own = (table[a] @ likely[a]) * (table[b] @ likely[b])
        turned = (table[b] @ likely[a]) * (table[a] @ likely[b])
        bits = log2(max(turned, 1e-300) / max(own, 1e-300))
        gain += bits
        if bits > 0:
            pairs += [a, b]
    return [Suspect(person, 'sides', gain, tuple(sorted(pairs)))] if gain >= LEAST_BITS else []


def _box(person: Person, grid: Grid, table: np.ndarray) -> list[Suspect]:
    """Whether several keypoints are believed at the border of the window, inside the image."""
    cells = grid.cells
    rim = max(1, round(_RIM * cells))
    at_rim = np.ones((cells, cells), dtype=bool)
    at_rim[rim:-rim, rim:-rim] = False
    # Where the window ends with the image nothing is cut off by the box.
    inner = grid.inside_image.reshape(cells, cells) > 0.99
    width, height = grid.image
    right, bottom = grid.left + cells * grid.cell_width, grid.top + cells * grid.cell_height
    inner[:, :rim] &= grid.left > grid.cell_width
    inner[:, -rim:] &= right < width - grid.cell_width
    inner[:rim] &= grid.top > grid.cell_height
    inner[-rim:] &= bottom < height - grid.cell_height
    share = table[:, :-1] @ (at_rim & inner).ravel()
    cut = np.flatnonzero(share > 0.5)
    if len(cut) < _CUT:
        return []
    bits = float(np.log2(share[cut] / (1 - np.minimum(share[cut], 0.999))).sum())
    return [Suspect(person, 'box', bits, tuple(map(int, cut)))] if bits >= LEAST_BITS else []
