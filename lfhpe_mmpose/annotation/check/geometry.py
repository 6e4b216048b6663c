"""Boxes, views and points against the size of their image, thousands at a time."""

from typing import NamedTuple

import numpy as np

from lfhpe_mmpose.tags.entries import short

from .categories import Names
from .findings import Findings
from .image_entries import Images

_BATCH = 4096
# Pixels. Numbers are rounded, and some count from the middle of the first pixel.
_SLACK = 1


class Who(NamedTuple):
    """An annotation: its index, its id, and the key of its image (None: without a valid id)."""

    row: int
    ident: object
    image: int | None

    def name(self) -> str:
        """``'annotations[<i>] (id <id>)'``."""
        return f'annotations[{self.row}] (id {short(self.ident)})'


class Geometry:
    """Collect boxes and points of annotations, and check them when enough have come."""

    def __init__(self, images: Images, findings: Findings) -> None:
        self._images = images
        self._findings = findings
        self._persons: list[Who] = []
        self._boxes: list[tuple[Who, list[float], str]] = []
        self._views: list[tuple[Who, list[float], str]] = []
        self._points: list[tuple[Who, list[float], Names]] = []

    def add_person(self, who: Who) -> None:
        """Look for the image of a person."""
        if who.image is not None:
            self._persons.append(who)
        if len(self._persons) >= _BATCH or len(self._views) >= 4 * _BATCH:
            self.flush()

    def add_box(self, who: Who, box: list[float]) -> None:
        """Check the box [x, y, width, height] of a person."""
        if who.image is not None:
            self._boxes.append((who, box, '.bbox'))

    def add_view(self, who: Who, box: list[float], number: int) -> None:
        """Check the box of the view with an index."""
        if who.image is not None:
            self._views.append((who, box, f'.tag_views[{number}].bbox'))

    def add_points(self, who: Who, keypoints: list[float], names: Names) -> None:
        """Check the 3 K numbers of ``keypoints``."""
        if who.image is not None:
            self._points.append((who, keypoints, names))

    def flush(self) -> None:
        """Check what was collected."""
        if self._persons:
            there = self._sizes(self._persons)[0]
            for i in np.flatnonzero(~there).tolist():
                place = f'{self._persons[i].name()}.image_id'
                self._findings.add('unknown-image', place, 'no image has this id')
        self._check_boxes(self._boxes, 'box-outside')
        self._check_boxes(self._views, 'view-outside', 'view-partly-outside')
        # Persons of different keypoint sets have rows of different lengths.
        for number in {len(names) for _, _, names in self._points}:
            self._check_points([p for p in self._points if len(p[2]) == number])
        self._persons, self._boxes, self._views, self._points = [], [], [], []

    def _sizes(self, rows: list[Who]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self._images.sizes(np.array([who.image for who in rows], dtype=np.int64))

    def _check_boxes(
        self, rows: list[tuple[Who, list[float], str]], outside: str, partly: str = ''
    ) -> None:
        if not rows:
            return
        _, width, height = self._sizes([who for who, *_ in rows])
        x, y, w, h = np.array([box for _, box, _ in rows], dtype=np.float64).T
        gone = (x + w <= 0) | (y + h <= 0) | (x >= width) | (y >= height)
        right, bottom = x + w > width + _SLACK, y + h > height + _SLACK
        over = ((x < -_SLACK) | (y < -_SLACK) | right | bottom) & ~gone
        for code, mask in ((outside, gone), (partly, over)):
            for i in np.flatnonzero(mask).tolist() if code else ():
                who, box, at = rows[i]
                text = f'{short(box)} in an image of {width[i]:g}x{height[i]:g}'
                self._findings.add(code, who.name() + at, text)

    def _check_points(self, rows: list[tuple[Who, list[float], Names]]) -> None:
        _, width, height = self._sizes([who for who, *_ in rows])
        flat = np.array([points for _, points, _ in rows], dtype=np.float64)
        x, y, v = np.moveaxis(flat.reshape(len(rows), -1, 3), 2, 0)
        w, h = width[:, None], height[:, None]
        out = (x < -_SLACK) | (y < -_SLACK) | (x > w + _SLACK) | (y > h + _SLACK)
        for i, k in np.argwhere((v > 0) & out).tolist():
            who, _, names = rows[i]
            text = f'{short(names.names[k])} is at ({x[i, k]:g}, {y[i, k]:g}) in an image of '
            text += f'{width[i]:g}x{height[i]:g}'
            self._findings.add('point-outside', f'{who.name()}.keypoints', text)
