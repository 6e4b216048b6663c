"""The boxes, keypoints and sizes of a file in memory that do not fit its images.

The checks before a run call these functions; ``lfhpe check`` reads the file as a stream and uses
``Survey`` itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .fields import is_number
from .geometry import CERTAIN, Survey
from .labels import box_faults, keypoints_faults


class Misfit(NamedTuple):
    """Persons that do not fit their images in one way.

    Attributes:
        code: The kind, a fault code.
        certain: Whether training on the file would be wrong in any case.
        number: Number of boxes or points.
        total: Of how many.
        first: Place of the first one.
        guess: What the numbers look like, and what to do; '' without a guess.
    """

    code: str
    certain: bool
    number: int
    total: int
    first: str
    guess: str


def size_guess(sizes: Sequence[tuple[Any, Any]]) -> str:
    """What sizes look like that are not those of the image files, a sentence; '' if nothing.

    Args:
        sizes: Width and height of the tag file, and of the image file, of each image whose sizes
            differ.
    """
    if not sizes or not all(is_number(v) and v > 0 for given, _ in sizes for v in given):
        return ''
    given, real = (np.array(side, dtype=np.float64) for side in zip(*sizes, strict=True))
    if (given == real[:, ::-1]).all():
        return (
            'Width and height are exchanged, as if the EXIF orientation was left out: exchange '
            'them, and check that boxes and coordinates are those of the upright image.'
        )
    ratio = given / real
    middle = float(np.median(ratio))
    if (abs(ratio / middle - 1) < 0.02).all():
        return (
            f'The images were annotated at {middle:.3g} times their size: take the annotated '
            'images, or scale sizes, boxes and coordinates.'
        )
    return ''


def misfits(persons: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> list[Misfit]:
    """Find the boxes and points that do not fit, of persons in memory.

    Malformed entries are skipped; the rules of ``entries`` report them.

    Args:
        persons: Annotation and image of each person; crowds are left out by the caller.

    Returns:
        A misfit for each code that was found, the certain ones first.
    """
    survey = Survey()
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    rows: dict[int, list[tuple[str, list[float], Any, Any]]] = {}
    for annotation, image in persons:
        sides = (image.get('width'), image.get('height'))
        size = [float(v) if is_number(v) and v > 0 else np.nan for v in sides]
        box = annotation.get('bbox')
        box = [np.nan] * 4 if box is None or any(box_faults(box)) else box
        points = annotation.get('keypoints')
        number = len(points) // 3 if isinstance(points, list) else 0
        if not number or any(keypoints_faults(points, [''] * number)):
            points, number = [], 0
        place = f'annotation {annotation.get("id")!r}'
        rows.setdefault(number, []).append((place, size, box, points))

    def note(masks: dict[str, np.ndarray], places: list[str]) -> None:
        for code, mask in masks.items():
            found = np.flatnonzero(mask.reshape(len(mask), -1).any(1))
            counts[code] += int(mask.sum())
            if len(found):
                first.setdefault(code, places[found[0]])

    for number, group in rows.items():
        width, height = np.array([size for _, size, *_ in group], dtype=np.float64).T
        boxes = np.array([box for *_, box, _ in group], dtype=np.float64)
        given = np.flatnonzero(~np.isnan(boxes[:, 0]))
        places = [place for place, *_ in group]
        if len(given):
            masks = survey.boxes(boxes[given], width[given], height[given])
            note(masks, [places[i] for i in given])
        if number:
            points = np.array([p for *_, p in group], dtype=np.float64)
            note(
                survey.points(points.reshape(len(group), number, 3), boxes, width, height), places
            )
    if survey.corners():
        counts['box-corners'] = survey.total('box-corners')
        first['box-corners'] = places[0]
    out = [
        Misfit(code, code in CERTAIN, n, survey.total(code), first[code], survey.guess(code))
        for code, n in counts.items()
        if n
    ]
    return sorted(out, key=lambda misfit: not misfit.certain)
