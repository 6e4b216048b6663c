"""Signs of collapse in heatmap-like maps, as plain numbers.

Trained without locations, a network can satisfy the tags with maps that locate nothing. The
three signs that are checked here, and their thresholds, are our choice. To add a sign, collect
what it needs in ``MapHistory.add`` and judge it in ``MapHistory.findings``.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from lfhpe_mmpose.errors import UserError

# Fewer persons are not enough to judge a keypoint or a pair.
_MIN_EVIDENCE = 16


@dataclass(frozen=True)
class Thresholds:
    """When maps count as collapsed.

    True keypoints must not be reported. Of COCO, LSP and LSP-extended persons in a 64x48 crop,
    the least spread of a keypoint was 0.071 (hips of LSP), and the nearest pair (nose and eye of
    COCO) was within ``merge_distance`` in 38% of the persons.

    Args:
        flat: A map is constant if max - min is below this. Maps are in [0, 1].
        flat_share: A keypoint is flat if this share of its maps is constant.
        spread: A keypoint is stuck if its peaks' standard deviation, as a share
            of the map's width and height (root mean square of the two), is below this.
        merge_distance: Two peaks coincide if neither their x nor their y differ
            by more than this share of the map.
        merge_share: Two keypoints are merged if their peaks coincide in this
            share of the persons.
    """

    flat: float = 0.02
    flat_share: float = 0.95
    spread: float = 0.04
    merge_distance: float = 0.03
    merge_share: float = 0.8

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value <= 1:
                place, fault = f'CollapseWatchHook.{name}', f'{value!r} is not in [0, 1].'
                raise UserError('option', place, fault, 'Give a share.')


@dataclass
class Findings:
    """Keypoints, by number, that show a sign of collapse.

    Args:
        flat: Their maps are constant or not finite.
        stuck: Their peaks do not move from person to person.
        merged: Groups whose peaks coincide.
    """

    flat: list[int] = field(default_factory=list)
    stuck: list[int] = field(default_factory=list)
    merged: list[list[int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there is a sign."""
        return bool(self.flat or self.stuck or self.merged)


class MapHistory:
    """Peaks and ranges of the maps of the last ``min_persons`` persons or more."""

    def __init__(self, min_persons: int, thresholds: Thresholds) -> None:
        self.min_persons = min_persons
        self.thresholds = thresholds
        self._chunks: list[tuple[Tensor, Tensor, Tensor]] = []

    def __len__(self) -> int:
        """Count the persons kept."""
        return sum(len(chunk[0]) for chunk in self._chunks)

    def add(self, maps: Tensor, present: Tensor | None = None) -> None:
        """Add the maps of a batch.

        Args:
            maps: (B, K, h, w) in [0, 1].
            present: (B, K) bool; false for an absent keypoint, whose empty map is correct.
        """
        b, k, h, w = maps.shape
        flat_maps = maps.detach().float().flatten(2)
        contrast = flat_maps.amax(2) - flat_maps.amin(2)
        is_flat = ~(contrast >= self.thresholds.flat)  # true for NaN as well
        peak = flat_maps.argmax(2)
        place = torch.stack([(peak % w + 0.5) / w, (peak // w + 0.5) / h], 2)
        if present is None:
            present = torch.ones(b, k, dtype=torch.bool)
        self._chunks.append((place.cpu(), is_flat.cpu(), present.cpu()))
        while len(self) - len(self._chunks[0][0]) >= self.min_persons:
            self._chunks.pop(0)

    def findings(self) -> Findings | None:
        """Judge the persons kept; None while there are fewer than ``min_persons``."""
        if not self._chunks or len(self) < self.min_persons:
            return None
        # (N, K, 2) x and y in [0, 1], (N, K), (N, K)
        place, is_flat, present = (torch.cat(parts) for parts in zip(*self._chunks, strict=True))
        needed = min(_MIN_EVIDENCE, self.min_persons)
        counts = present.sum(0)
        share = (is_flat & present).sum(0) / counts.clamp(min=1)
        flat = (counts >= needed) & (share >= self.thresholds.flat_share)

        # A constant map has no peak.
        valid = present & ~is_flat & ~flat
        stuck = [
            k
            for k in range(place.shape[1])
            if valid[:, k].sum() >= needed
            and place[valid[:, k], k].var(0, correction=0).mean().sqrt() < self.thresholds.spread
        ]
        near = (place[:, :, None] - place[:, None]).abs().amax(-1)  # (N, K, K)
        near = near <= self.thresholds.merge_distance + 1e-6
        both = valid[:, :, None] & valid[:, None]
        pairs = both.sum(0)
        together = (near & both).sum(0) / pairs.clamp(min=1)
        merged = (pairs >= needed) & (together >= self.thresholds.merge_share)
        return Findings(flat.nonzero().flatten().tolist(), stuck, _groups(merged))


def _groups(linked: Tensor) -> list[list[int]]:
    """Connected groups of two and more in a symmetric (K, K) relation."""
    groups, seen = [], set()
    for start in range(len(linked)):
        if start in seen:
            continue
        group, frontier = {start}, [start]
        while frontier:
            for other in linked[frontier.pop()].nonzero().flatten().tolist():
                if other not in group:
                    group.add(other)
                    frontier.append(other)
        seen |= group
        if len(group) > 1:
            groups.append(sorted(group))
    return groups
