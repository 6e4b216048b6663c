"""The window whose answers say most about several keypoints."""

import numpy as np

from .information import expected_bits

# Edges of the first search lie this many cells apart; the next ones move the best of them.
_STRIDE = 4
_STARTS = 6
_STEPS = (2, 1)
# The shorter sides would be hard to see.
LEAST_CELLS = 3
# Windows whose answers say at least this share of the most are alike; of them, those that part the
# mass at least this share as well as the best are drawn from.
_ALIKE, _APART = 0.98, 0.9
# Inner edges are moved by up to so many cells, as often as this; one that is good is taken.
_SHIFT, _TRIES = 3, 16

Edges = tuple[int, int, int, int]


def best_window(
    mass: np.ndarray, error: float, draw: np.random.Generator | None = None
) -> tuple[Edges, np.ndarray]:
    """Find the window with the most expected information, or one that says nearly as much.

    Where little is known many windows are alike. Those are good that leave compact parts whatever
    the answer: halves, rather than a middle and its surroundings. And if all persons were asked
    about the same one, a model could not tell where in it a keypoint is.

    Args:
        mass: (K, G, G) probabilities of the cells.
        error: The annotator's share of wrong answers.
        draw: Chooses among the windows that are as good; None takes the best.

    Returns:
        Edges (left, top, right, bottom) in cells, and the probability (K, ) that each keypoint
        lies inside.
    """
    total = _running(mass)
    at = np.arange(mass.shape[1])
    moments = np.stack([total, _running(mass * at), _running(mass * at[:, None])])
    edges = _coarse(mass.shape[1])
    bits = _bits(total, edges, error)
    edges = edges[_order(bits, _apart(moments, edges), draw)[:_STARTS]]
    for step in _STEPS:
        for _ in range(2 * _STRIDE // step):
            moved = _moves(edges, step, mass.shape[1])
            bits = _bits(total, moved.reshape(-1, 4), error).reshape(moved.shape[:2])
            # Move 0 is to stay.
            best = (bits > bits[:, :1] + 1e-12).any(1) * bits.argmax(1)
            if not best.any():
                break
            edges = moved[np.arange(len(edges)), best]
    bits = _bits(total, edges, error)
    chosen = edges[_order(bits, _apart(moments, edges), draw)[0]]
    if draw is not None:
        edges = _shifted(chosen, mass.shape[1], draw)
        bits = _bits(total, edges, error)
        chosen = edges[_order(bits, _apart(moments, edges), draw)[0]]
    left, top, right, bottom = (int(v) for v in chosen)
    return (left, top, right, bottom), _inside(total, chosen[None])[:, 0]


def _order(bits: np.ndarray, apart: np.ndarray, draw: np.random.Generator | None) -> np.ndarray:
    """Indices of windows, the good ones first, in the order that is drawn."""
    order = np.argsort(-bits, kind='stable')
    alike = bits[order] >= _ALIKE * bits.max()
    good = alike & (apart[order] >= _APART * apart[order][alike].max())
    first = order[good]
    if draw is not None:
        first = draw.permutation(first)
    return np.concatenate([first, order[~good]])


def _apart(moments: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """How far (N, ) windows part the mass: the variance between inside and outside, in cells.

    The more it is, the less spread is left by the answer. ``moments`` (3, K, G + 1, G + 1) are the
    running sums of the mass, and of it times x and times y.
    """
    inside = _summed(moments, edges)
    outside = moments[..., -1:, -1] - inside
    mass, rest = np.maximum(inside[0], 1e-9), np.maximum(outside[0], 1e-9)
    far = ((inside[1:] / mass - outside[1:] / rest) ** 2).sum(0)
    return np.asarray((mass * rest / (mass + rest) * far).sum(0).round(6))


def _running(values: np.ndarray) -> np.ndarray:
    """Running sums (K, G + 1, G + 1) of the cells, from 0."""
    return np.pad(values.cumsum(1).cumsum(2), ((0, 0), (1, 0), (1, 0)))


def _inside(total: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Mass (K, N) inside N windows, of the running sums of the cells."""
    return np.clip(_summed(total, edges), 0, 1)


def _summed(running: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Sums (..., N) inside N windows, of running sums (..., G + 1, G + 1)."""
    x1, y1, x2, y2 = edges.T
    inside = running[..., y2, x2] - running[..., y1, x2] - running[..., y2, x1]
    return np.asarray(inside + running[..., y1, x1])


def _bits(total: np.ndarray, edges: np.ndarray, error: float) -> np.ndarray:
    bits = expected_bits(_inside(total, edges), error).sum(0)
    # Equal windows are taken in their order, whatever the last digits say.
    return np.asarray(bits.round(9))


def _coarse(side: int) -> np.ndarray:
    lines = np.arange(0, side + 1, _STRIDE)
    first, last = np.triu_indices(len(lines), 1)
    spans = np.stack([lines[first], lines[last]], 1)
    across, down = np.divmod(np.arange(len(spans) ** 2), len(spans))
    x, y = spans[across], spans[down]
    return np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], 1)


def _shifted(edges: np.ndarray, side: int, draw: np.random.Generator) -> np.ndarray:
    """A window (4, ) as it is, and with its inner edges moved by chance: (N, 4)."""
    shifts = draw.integers(-_SHIFT, _SHIFT + 1, (_TRIES, 4)) * ((edges > 0) & (edges < side))
    moved = np.clip(edges + shifts, 0, side)
    wide = moved[:, 2:] - moved[:, :2] >= LEAST_CELLS
    return np.concatenate([edges[None], moved[wide.all(1)]])


def _moves(edges: np.ndarray, step: int, side: int) -> np.ndarray:
    """Windows (N, 9, 4): each as it is, and with one edge moved either way."""
    change = np.concatenate([np.zeros((1, 4), int), step * np.eye(4, dtype=int)])
    change = np.concatenate([change, -change[1:]])
    moved = edges[:, None] + change
    wide = moved[..., 2:] - moved[..., :2] >= LEAST_CELLS
    good = (moved >= 0).all(-1) & (moved <= side).all(-1) & wide.all(-1)
    return np.where(good[..., None], moved, edges[:, None])
