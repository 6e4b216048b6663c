"""Boxes, views and points against the size of their image, thousands at a time."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.fields import is_id, other_type
from lfhpe_mmpose.tags.geometry import Survey, beyond, person_windows

from .categories import Names
from .findings import Findings
from .image_entries import Images

_BATCH = 4096
_NO_BOX = [float('nan')] * 4


class Who(NamedTuple):
    """An annotation: its index, its id, and the id of its image."""

    row: int
    ident: object
    image: object

    def name(self) -> str:
        """``'annotations[<i>] (id <id>)'``."""
        return f'annotations[{self.row}] (id {short(self.ident)})'


class Geometry:
    """Collect boxes and points of annotations, and check them when enough have come."""

    def __init__(self, images: Images, findings: Findings) -> None:
        self._images = images
        self._findings = findings
        self._survey = Survey()
        self._persons: list[Who] = []
        self._boxes: dict[int, list[float]] = {}
        self._views: list[tuple[int, list[float], int]] = []
        self._points: list[tuple[int, list[float], Names]] = []

    def add_person(self, who: Who) -> bool:
        """Look for the image of a person; boxes and points that follow are of that person.

        Returns whether they can be checked.
        """
        if len(self._persons) >= _BATCH or len(self._views) >= 4 * _BATCH:
            self.flush()
        if is_id(who.image):
            self._persons.append(who)
        return is_id(who.image)

    def add_box(self, box: list[float]) -> None:
        """Check the box [x, y, width, height] of the person."""
        self._boxes[len(self._persons) - 1] = box

    def add_view(self, box: list[float], number: int) -> None:
        """Check the box of the view with an index."""
        self._views.append((len(self._persons) - 1, box, number))

    def add_points(self, keypoints: list[float], names: Names) -> None:
        """Check the 3 K numbers of ``keypoints``."""
        self._points.append((len(self._persons) - 1, keypoints, names))

    def finish(self) -> None:
        """Check the rest, and say what the numbers that do not fit look like."""
        self.flush()
        survey = self._survey
        if survey.corners():
            text = f'{survey.total("box-corners")} boxes are corners'
            self._findings.add('box-corners', 'annotations', text)
        for code in self._findings.codes():
            self._findings.explain(code, survey.guess(code))

    def flush(self) -> None:
        """Check what was collected."""
        if not self._persons:
            return
        there, width, height = self._images.sizes([who.image for who in self._persons])
        for i in np.flatnonzero(~there).tolist():
            place, image = f'{self._persons[i].name()}.image_id', self._persons[i].image
            other = other_type(image)
            known = other is not None and self._images.sizes([other])[0].any()
            guess = f'Did you mean {other!r}?' if known else ''
            text = f'no image has the id {short(image)}'
            self._findings.add('unknown-image', place, text, remedy=guess)
        rows = range(len(self._persons))
        boxes = np.array([self._boxes.get(i, _NO_BOX) for i in rows], dtype=np.float64)
        self._check_boxes(boxes, width, height)
        self._check_views(boxes, width, height)
        # Persons of different keypoint sets have rows of different lengths.
        for number in {len(names) for *_, names in self._points}:
            group = [p for p in self._points if len(p[2]) == number]
            self._check_points(group, boxes, width, height)
        self._persons, self._boxes, self._views, self._points = [], {}, [], []

    def _check_boxes(self, boxes: np.ndarray, width: np.ndarray, height: np.ndarray) -> None:
        rows = np.array(list(self._boxes), dtype=np.int64)

        def say(i: int) -> tuple[str, str]:
            who, box = self._persons[rows[i]], self._boxes[int(rows[i])]
            return f'{who.name()}.bbox', f'{short(box)} {_image(width, height, rows[i])}'

        self._report(self._survey.boxes(boxes[rows], width[rows], height[rows]), say)

    def _check_views(self, persons: np.ndarray, width: np.ndarray, height: np.ndarray) -> None:
        if not self._views:
            return
        rows = np.array([row for row, *_ in self._views], dtype=np.int64)
        boxes = np.array([box for _, box, _ in self._views], dtype=np.float64)

        def say(i: int) -> tuple[str, str]:
            row, box, number = self._views[i]
            place = f'{self._persons[row].name()}.tag_views[{number}].bbox'
            return place, f'{short(box)} {_image(width, height, row)}'

        w, h = width[rows], height[rows]
        image = np.stack([0 * w, 0 * h, w, h], 1).astype(np.float64)
        gone = beyond(boxes, image, slack=0) & ~_overlap(boxes, image)
        # Planned views lie in the window of the person, which may extend beyond the image.
        windows = person_windows(persons[rows], w, h)
        over = beyond(boxes, image) & beyond(boxes, windows) & ~gone
        self._report({'view-outside': gone, 'view-partly-outside': over}, say)

    def _check_points(
        self,
        group: list[tuple[int, list[float], Names]],
        boxes: np.ndarray,
        width: np.ndarray,
        height: np.ndarray,
    ) -> None:
        rows = np.array([row for row, *_ in group], dtype=np.int64)
        points = np.array([p for _, p, _ in group], dtype=np.float64)
        points = points.reshape(len(group), -1, 3)
        number = points.shape[1]

        def say(i: int) -> tuple[str, str]:
            row, k = divmod(i, number)
            person, _, names = group[row]
            x, y = points[row, k, :2]
            text = f'{short(names[k])} is at ({x:g}, {y:g}) {_image(width, height, person)}'
            return f'{self._persons[person].name()}.keypoints', text

        masks = self._survey.points(points, boxes[rows], width[rows], height[rows])
        self._report({code: mask.reshape(-1) for code, mask in masks.items()}, say)

    def _report(self, masks: dict[str, np.ndarray], say: Callable[[int], tuple[str, str]]) -> None:
        for code, mask in masks.items():
            for i in np.flatnonzero(mask).tolist():
                self._findings.add(code, *say(i))


def _overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether each box (N, 4) shares an area with another (N, 4); NaN does."""
    low = np.maximum(boxes[:, :2], others[:, :2])
    high = np.minimum(boxes[:, :2] + boxes[:, 2:], others[:, :2] + others[:, 2:])
    out: np.ndarray = ~(high <= low).any(1)
    return out


def _image(width: np.ndarray, height: np.ndarray, i: int) -> str:
    return f'in an image of {width[i]:g}x{height[i]:g}'
