"""The window whose answers say most about several keypoints."""

import numpy as np

from .information import expected_bits

# Edges of the first search lie this many cells apart; the next ones move the best of them.
_STRIDE = 4
_STARTS = 6
_STEPS = (2, 1)
# The shorter sides would be hard to see.
LEAST_CELLS = 3

Edges = tuple[int, int, int, int]


def best_window(mass: np.ndarray, error: float) -> tuple[Edges, np.ndarray]:
    """Find the window with the most expected information.

    Args:
        mass: (K, G, G) probabilities of the cells.
        error: The annotator's share of wrong answers.

    Returns:
        Edges (left, top, right, bottom) in cells, and the probability (K, ) that each keypoint
        lies inside.
    """
    total = np.zeros((len(mass), mass.shape[1] + 1, mass.shape[2] + 1))
    total[:, 1:, 1:] = mass.cumsum(1).cumsum(2)
    edges = _coarse(mass.shape[1])
    bits = _bits(total, edges, error)
    edges = edges[np.argsort(-bits, kind='stable')[:_STARTS]]
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
    left, top, right, bottom = (int(v) for v in edges[bits.argmax()])
    return (left, top, right, bottom), _inside(total, edges[bits.argmax()][None])[:, 0]


def _inside(total: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Mass (K, N) inside N windows, of the running sums of the cells."""
    x1, y1, x2, y2 = edges.T
    inside = total[:, y2, x2] - total[:, y1, x2] - total[:, y2, x1] + total[:, y1, x1]
    return np.clip(inside, 0, 1)


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


def _moves(edges: np.ndarray, step: int, side: int) -> np.ndarray:
    """Windows (N, 9, 4): each as it is, and with one edge moved either way."""
    change = np.concatenate([np.zeros((1, 4), int), step * np.eye(4, dtype=int)])
    change = np.concatenate([change, -change[1:]])
    moved = edges[:, None] + change
    wide = moved[..., 2:] - moved[..., :2] >= LEAST_CELLS
    good = (moved >= 0).all(-1) & (moved <= side).all(-1) & wide.all(-1)
    return np.where(good[..., None], moved, edges[:, None])
