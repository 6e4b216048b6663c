"""Whether boxes and keypoints fit their images, and a guess at the cause where they do not.

``Survey`` takes the persons of a file in batches. For each batch it returns which boxes and
points do not fit; at the end it guesses, from the counts over the file, in which form the numbers
were written. ``misfits.py`` does both for persons in memory.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

# Pixels. Numbers are rounded, and some count from the middle of the first pixel.
SLACK = 1
# The window of the whole person is its box enlarged by this factor, see ``draw_views``.
WINDOW = 1.1
# A box may extend beyond its image by this share of its side, a keypoint beyond its box.
BOX_SHARE, POINT_SHARE = 0.05, 0.25
# A box with a shorter side, in pixels, shows nothing.
TINY = 2
# Smallest number of persons, and share of them, for a guess.
_FEW, _MOST = 5, 0.9

# What numbers may be that do not fit, as the end of "They look like ...".
FRACTIONS = 'fractions of the image: multiply x by its width and y by its height'
OF_BOX = 'fractions of the box: multiply by its sides and add its x and y'
CORNERS = 'corners x1, y1, x2, y2: subtract x1 from x2 and y1 from y2'
SWAPPED = 'numbers of an image whose width and height are exchanged: exchange them'
SCALED = 'numbers of an image of another size: give the size of the annotated image'
# Forms of points that fit no box, and how they become pixels (points, boxes, sizes).
POINT_FORMS: dict[str, Callable[..., Any]] = {
    'percentages of the image: multiply x by its width / 100 and y by its height / 100': (
        lambda points, boxes, sizes: points * sizes / 100
    ),
    'offsets from the corner of the box: add its x and y': (
        lambda points, boxes, sizes: points + boxes[..., :2]
    ),
    'y, x in place of x, y: exchange them': lambda points, boxes, sizes: points[..., ::-1],
}


# Training on such numbers is wrong in any case; the other codes are warnings.
CERTAIN = ('box-fraction', 'box-corners', 'point-fraction')


class Survey:
    """Compare boxes and points with their images, a batch at a time."""

    def __init__(self) -> None:
        self._boxes: Counter[str] = Counter()
        self._points: Counter[str] = Counter()

    def boxes(
        self, boxes: np.ndarray, width: np.ndarray, height: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Find boxes that do not fit.

        Args:
            boxes: (N, 4) x, y, width, height.
            width: (N,) width of their images, NaN if not known.
            height: (N,) height of their images.

        Returns:
            Code to a mask (N,): 'box-outside', 'box-partly-outside', 'box-fraction', 'box-tiny'.
        """
        x, y, w, h = boxes.T
        fraction = (boxes >= 0).all(1) & (boxes <= 1).all(1) & (width > 8) & (height > 8)
        gone = (x + w <= 0) | (y + h <= 0) | (x >= width) | (y >= height)
        over = _extends(boxes, width, height) & ~gone
        tiny = (np.minimum(w, h) < TINY) & ~fraction
        count = self._boxes
        count['all'] += len(boxes)
        out = gone | over
        count['out'] += int(out.sum())
        corners = (x >= -SLACK) & (y >= -SLACK) & (w > x) & (h > y)
        corners &= (w <= width + SLACK) & (h <= height + SLACK)
        count[CORNERS] += int(corners.sum())
        count[SWAPPED] += int((~_extends(boxes[out], height[out], width[out])).sum())
        count[SCALED] += int(((x + w > 1.5 * width) | (y + h > 1.5 * height)).sum())
        return {
            'box-outside': gone,
            'box-partly-outside': over,
            'box-fraction': fraction,
            'box-tiny': tiny,
        }

    def points(
        self, points: np.ndarray, boxes: np.ndarray, width: np.ndarray, height: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Find located keypoints that do not fit.

        Args:
            points: (N, K, 3) x, y, visibility.
            boxes: (N, 4) boxes of the persons, NaN without one.
            width: (N,) width of their images, NaN if not known.
            height: (N,) height of their images.

        Returns:
            Code to a mask (N, K): 'point-outside', 'point-zero', 'point-outside-box',
            'point-fraction' (all points of a person).
        """
        xy, located = points[..., :2], points[..., 2] > 0
        w, h = width[:, None], height[:, None]
        x, y = xy[..., 0], xy[..., 1]
        zero = located & (x == 0) & (y == 0)
        small = ~located | ((xy >= 0) & (xy <= 1)).all(-1)
        many = (located & ~zero).sum(1) >= min(3, points.shape[1])
        fraction = small.all(1) & many & (width > 8) & (height > 8)
        fraction = located & fraction[:, None]
        out = located & ((x < -SLACK) | (y < -SLACK) | (x > w + SLACK) | (y > h + SLACK))
        # A box of two pixels or less is wrong itself.
        boxed = (np.minimum(boxes[:, 2], boxes[:, 3]) >= TINY)[:, None]
        placed = located & ~zero & ~fraction & boxed
        far = placed & ~_within(xy, boxes)
        count = self._points
        count['all'] += int(placed.sum())
        count['far'] += int(far.sum())
        count['zero'] += int(zero.sum())
        count['located'] += int(located.sum())
        lost = (far | ~placed).all(1) & placed.any(1)
        count['lost'] += int(lost.sum())
        count['persons'] += int(placed.any(1).sum())
        sizes = np.stack([width, height], -1)[:, None]
        for form, turn in POINT_FORMS.items():
            turned = turn(xy[lost], boxes[lost][:, None], sizes[lost])
            fits = _within(turned, boxes[lost]) | ~placed[lost]
            count[form] += int(fits.all(1).sum())
        unit = fraction.any(1) & boxed[:, 0]
        count['fraction'] += int(unit.sum())
        fits = _within(xy[unit] * sizes[unit], boxes[unit]) | ~located[unit]
        count[FRACTIONS] += int(fits.all(1).sum())
        return {
            'point-outside': out,
            'point-zero': zero,
            'point-outside-box': far,
            'point-fraction': fraction,
        }

    def corners(self) -> bool:
        """Whether the boxes are certainly corners, and not x, y, width, height."""
        count = self._boxes
        enough = count['all'] >= _FEW and 2 * count['out'] >= count['all']
        return enough and count[CORNERS] >= 0.99 * count['all']

    def guess(self, code: str) -> str:
        """What the numbers of a code look like, a sentence; '' without a guess."""
        boxes, points = self._boxes, self._points
        form = ''
        if code == 'box-fraction':
            form = f'{FRACTIONS}; the same for width and height'
        elif code == 'box-corners':
            form = CORNERS
        elif code in ('box-outside', 'box-partly-outside'):
            enough = max(_FEW, 0.1 * boxes['all'])
            if boxes['out'] >= enough and boxes[CORNERS] >= 0.99 * boxes['all']:
                form = CORNERS
            elif boxes['out'] >= enough and boxes[SWAPPED] >= _MOST * boxes['out']:
                form = SWAPPED
            elif boxes[SCALED] >= enough:
                form = SCALED
        elif code == 'point-fraction':
            form = FRACTIONS if points[FRACTIONS] >= _MOST * points['fraction'] else OF_BOX
        elif code == 'point-zero':
            form = 'keypoints that were not annotated: set their visibility to 0'
        elif code == 'point-outside-box' and points['lost'] >= max(_FEW, 0.1 * points['persons']):
            forms = [f for f in POINT_FORMS if points[f] >= _MOST * points['lost']]
            form = max(forms, key=points.__getitem__, default='')
        return f'They look like {form}.' if form else ''

    def total(self, code: str) -> int:
        """Number of boxes, or of located points, that were compared."""
        return self._boxes['all'] if code.startswith('box') else self._points['located']


def person_windows(boxes: np.ndarray, width: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Window (N, 4) of each whole person, x, y, width, height; without a box, of the image."""
    image = np.stack([0 * width, 0 * height, width, height], 1)
    boxes = np.where(np.isnan(boxes), image, boxes)
    grown = WINDOW * boxes[:, 2:]
    return np.concatenate([boxes[:, :2] - (grown - boxes[:, 2:]) / 2, grown], 1)


def beyond(boxes: np.ndarray, windows: np.ndarray, slack: float = SLACK) -> np.ndarray:
    """Whether each box (N, 4) extends beyond its window (N, 4) by more than ``slack`` pixels."""
    low = boxes[:, :2] < windows[:, :2] - slack
    high = boxes[:, :2] + boxes[:, 2:] > windows[:, :2] + windows[:, 2:] + slack
    out: np.ndarray = (low | high).any(1)
    return out


def _extends(boxes: np.ndarray, width: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Whether each box extends beyond its image by more than rounding and a small share."""
    x, y, w, h = boxes.T
    dx, dy = (np.maximum(SLACK, BOX_SHARE * side) for side in (w, h))
    out: np.ndarray = (x < -dx) | (y < -dy) | (x + w > width + dx) | (y + h > height + dy)
    return out


def _within(points: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Whether points (N, K, 2) lie in or near the boxes (N, 4) of their persons: (N, K)."""
    low, side = boxes[:, None, :2], boxes[:, None, 2:]
    margin = np.maximum(SLACK, POINT_SHARE * side.max(-1, keepdims=True, initial=0))
    out: np.ndarray = ((points >= low - margin) & (points <= low + side + margin)).all(-1)
    return out
