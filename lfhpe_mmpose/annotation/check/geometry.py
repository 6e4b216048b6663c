"""Boxes, views and points against the size of their image, thousands at a time."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lfhpe_mmpose.tags.entries import short

from .findings import Findings
from .image_entries import Images
from .values import Names

_BATCH = 4096
# Pixels. Numbers are rounded, and some count from the middle of the first pixel.
_SLACK = 1


class Who(NamedTuple):
    """An annotation, for messages and to find its image.

    Attributes:
        row (int): Index in ``annotations``.
        ident (object): Its id.
        image (int): Key of its image.
    """

    row: int
    ident: object
    image: int

    @property
    def at(self) -> str:
        """``'annotations[<i>] (id <id>)'``."""
        return f'annotations[{self.row}] (id {short(self.ident)})'


class Geometry:
    """Collect boxes and points, and check them when enough have come.

    Args:
        images (Images): The images of the file.
        findings (Findings): Where faults are told.
    """

    def __init__(self, images: Images, findings: Findings) -> None:
        self._images = images
        self._findings = findings
        self._persons: list[Who] = []
        self._boxes: list[tuple[Who, list[float]]] = []
        self._views: list[tuple[Who, list[float], int]] = []
        self._points: list[tuple[Who, list[float], Names]] = []

    def add_person(self, who: Who) -> None:
        """Look for the image of a person.

        Args:
            who (Who): The person.
        """
        self._persons.append(who)
        if len(self._persons) >= _BATCH or len(self._views) >= 4 * _BATCH:
            self.flush()

    def add_box(self, who: Who, box: list[float]) -> None:
        """Check the box of a person.

        Args:
            who (Who): The person.
            box (list[float]): [x, y, width, height] in pixels.
        """
        self._boxes.append((who, box))

    def add_view(self, who: Who, box: list[float], number: int) -> None:
        """Check the box of a view.

        Args:
            who (Who): The person.
            box (list[float]): [x, y, width, height] in pixels.
            number (int): Index of the view.
        """
        self._views.append((who, box, number))

    def add_points(self, who: Who, keypoints: list[float], names: Names) -> None:
        """Check the coordinates of a person.

        Args:
            who (Who): The person.
            keypoints (list[float]): 3 K numbers.
            names (Names): The K keypoints.
        """
        self._points.append((who, keypoints, names))

    def flush(self) -> None:
        """Check what was collected."""
        if self._persons:
            there = self._sizes(self._persons)[0]
            for i in np.flatnonzero(~there).tolist():
                text = f'{self._persons[i].at}.image_id: there is no such image'
                self._findings.add('unknown-image', text)
        self._flush_boxes(
            self._boxes, 'box-outside', None, lambda row: f'{row[0].at}.bbox {short(row[1])}'
        )
        self._flush_boxes(
            self._views,
            'view-outside',
            'view-partly-outside',
            lambda row: f'{row[0].at}.tag_views[{row[2]}].bbox {short(row[1])}',
        )
        self._flush_points()
        for rows in (self._persons, self._boxes, self._views, self._points):
            rows.clear()  # type: ignore[attr-defined]

    def _sizes(self, rows: list[Who]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self._images.sizes(np.array([who.image for who in rows], dtype=np.int64))

    def _flush_boxes(
        self, rows: list, outside: str, partly: str | None, say: Callable[..., str]
    ) -> None:
        if not rows:
            return
        _, width, height = self._sizes([row[0] for row in rows])
        x, y, w, h = np.array([row[1] for row in rows], dtype=np.float64).T
        gone = (x + w <= 0) | (y + h <= 0) | (x >= width) | (y >= height)
        for i in np.flatnonzero(gone).tolist():
            text = f'{say(rows[i])} in an image of {width[i]:g}x{height[i]:g}'
            self._findings.add(outside, text)
        if partly:
            right, bottom = x + w > width + _SLACK, y + h > height + _SLACK
            over = (x < -_SLACK) | (y < -_SLACK) | right | bottom
            for i in np.flatnonzero(over & ~gone).tolist():
                text = f'{say(rows[i])} in an image of {width[i]:g}x{height[i]:g}'
                self._findings.add(partly, text)

    def _flush_points(self) -> None:
        if not self._points:
            return
        _, width, height = self._sizes([row[0] for row in self._points])
        # Persons of different keypoint sets have rows of different lengths.
        for number in {len(row[2]) for row in self._points}:
            rows = [i for i, row in enumerate(self._points) if len(row[2]) == number]
            flat = np.array([self._points[i][1] for i in rows], dtype=np.float64)
            x, y, v = np.moveaxis(flat.reshape(len(rows), number, 3), 2, 0)
            w, h = width[rows][:, None], height[rows][:, None]
            out = (x < -_SLACK) | (y < -_SLACK) | (x > w + _SLACK) | (y > h + _SLACK)
            gone = (v > 0) & out
            for i, k in np.argwhere(gone).tolist():
                who, _, names = self._points[rows[i]]
                text = (
                    f'{who.at}.keypoints: {short(names.names[k])} at ({x[i, k]:g}, {y[i, k]:g}) '
                    f'in an image of {w[i, 0]:g}x{h[i, 0]:g}'
                )
                self._findings.add('point-outside', text)
