"""One picture with its people: place, size, truncation, occlusion, visibility, boxes."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError

from .body import Body, pose_body, sample_build
from .figure import draw_figure
from .keypoints import KEYPOINT_NAMES, keypoint_points, keypoint_visibility
from .poses import pick, sample_pose
from .scenery import OCCLUDER, develop, draw_background, draw_occluder
from .shapes import View
from .wardrobe import sample_outfit

#: Part numbers of person ``i`` in the map of a picture are ``PERSON_STRIDE * i + part``.
PERSON_STRIDE = 32

#: The part map is uint8, and 255 is an occluder.
MAX_PERSONS = 7


def _place(rng: Random, body: Body, height: int, width: int, slot: int, slots: int) -> View:
    """Choose size and place: inside the picture, or cut off by one border."""
    flat = body.joints[:, :2] * (1.0, -1.0)
    low, high = flat.min(axis=0) - 0.04, flat.max(axis=0) + 0.04
    extent = high - low
    room = np.array((width / slots * (1.25 if slots > 1 else 1.0), height))
    fit = float((room / extent).min())
    size = fit * rng.uniform(0.68, 0.98)
    free = room - extent * size
    corner = np.array((rng.random(), rng.random())) * free
    corner[0] += slot * (width - room[0]) / max(slots - 1, 1)
    if rng.random() < 0.45:
        # Move the body over one border and closer to the camera.
        axis, end = pick(rng, ((0.34, (1, 1)), (0.26, (1, 0)), (0.2, (0, 0)), (0.2, (0, 1))))
        size *= rng.uniform(1.0, 1.45)
        free = room - extent * size
        cut = rng.uniform(0.12, 0.55) * extent[axis] * size
        corner = np.array((rng.random(), rng.random())) * free
        corner[0] += slot * (width - room[0]) / max(slots - 1, 1)
        limit = (width, height)[axis]
        corner[axis] = limit - extent[axis] * size + cut if end else -cut
    centre = corner - low * size
    return View((float(centre[0]), float(centre[1])), size)


def _annotator_box(rng: Random, mask: np.ndarray) -> list[float] | None:
    """Box around a silhouette, unevenly padded as by hand, within the picture; None if empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    pads = [rng.uniform(0.02, 0.2) for _ in range(4)]
    if not len(rows):
        return None
    height, width = mask.shape
    x0, x1, y0, y1 = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    span = 0.5 * ((x1 - x0) + (y1 - y0))
    left, top = max(0.0, x0 - pads[0] * span), max(0.0, y0 - pads[1] * span)
    right, bottom = min(width, x1 + pads[2] * span), min(height, y1 + pads[3] * span)
    return [round(float(v), 1) for v in (left, top, right - left, bottom - top)]


def draw_person_image(
    seed: int,
    index: int,
    *,
    keypoints: str = 'lsp',
    image_size: int | tuple[int, int] = 176,
    persons: int = 1,
    back_views: float = 0.06,
    return_parts: bool = False,
) -> tuple[Any, ...]:
    """Draw one picture with people, a pure function of its arguments.

    Args:
        seed (int): Seed of the whole set.
        index (int): Number of the picture in the set.
        keypoints (str): ``'lsp'`` (14) or ``'coco'`` (17); does not change the picture.
        image_size (int | tuple[int, int]): Side, or (width, height), in pixels.
        persons (int): Number of people, 1 to 7.
        back_views (float): Share of people seen from behind.
        return_parts (bool): Also return the part map.

    Returns:
        tuple: ``image`` (uint8 (H, W, 3), BGR) and ``annotations`` (list[dict], COCO style
        without ids; ``area`` is that of the visible silhouette); with ``return_parts`` also the
        part map (uint8 (H, W): person i's part p is 32 * i + p, 255 an occluder). A keypoint's v
        is 2 if visible, 1 if occluded, 0 (with x = y = 0) outside the picture. People outside
        the picture have no annotation.

    Raises:
        UserError: If an argument is invalid.
    """
    width, height = check_arguments(keypoints, image_size, persons, back_views)
    rng = Random(f'{seed}/{index}')
    image = draw_background(rng, height, width)
    parts = np.zeros((height, width), np.uint8)
    cast = []
    for i in range(persons):
        body = pose_body(sample_build(rng), sample_pose(rng, back_views))
        outfit = sample_outfit(rng)
        view = _place(rng, body, height, width, i, persons)
        own = np.zeros((height, width), np.uint8)
        draw_figure(image, own, body, outfit, view, rng)
        silhouette = own != 0
        box = _annotator_box(rng, silhouette)
        if i:
            parts[silhouette] = own[silhouette] + PERSON_STRIDE * i
        else:
            parts = own
        cast.append((body, view, box))
    for body, view, _ in cast:
        if rng.random() < 0.32:
            for _ in range(1 + int(rng.random() < 0.35)):
                row = int(rng.random() * len(body.joints))
                x, y = view.project(body.joints[row])
                size = rng.uniform(0.05, 0.13) * view.size
                draw_occluder(image, parts, rng, float(x), float(y), size)
    image = develop(image, rng)
    annotations = []
    for i, (body, view, box) in enumerate(cast):
        if box is None:
            continue
        annotations.append(_annotate(keypoints, body, view, box, parts, i))
    return (image, annotations, parts) if return_parts else (image, annotations)


def _annotate(
    keypoints: str, body: Body, view: View, box: list[float], parts: np.ndarray, person: int
) -> dict[str, Any]:
    # Rounded first: the flag belongs to the annotated pixel.
    flat = np.round(view.project(keypoint_points(keypoints, body)), 1)
    offset = PERSON_STRIDE * person
    visible = keypoint_visibility(keypoints, body, flat, parts, offset)
    flat = np.where(visible[:, None] > 0, flat, 0.0)
    seen = (parts > offset) & (parts < offset + PERSON_STRIDE) & (parts != OCCLUDER)
    values: list[float] = []
    for (x, y), v in zip(flat.tolist(), visible.tolist()):
        values += [x, y, v]
    return dict(
        bbox=box,
        area=float(max(1, int(np.count_nonzero(seen)))),
        iscrowd=0,
        num_keypoints=int(np.count_nonzero(visible)),
        keypoints=values,
    )


def check_arguments(
    keypoints: str, image_size: int | tuple[int, int], persons: int, back_views: float
) -> tuple[int, int]:
    """Check the arguments of ``draw_person_image``; return width and height in pixels.

    Raises:
        UserError: If an argument is invalid.
    """
    size = tuple(image_size) if isinstance(image_size, list | tuple) else (image_size,) * 2
    refuse_unless(keypoints in KEYPOINT_NAMES, 'keypoints', keypoints, 'lsp or coco')
    good = len(size) == 2 and all(isinstance(s, int) and 48 <= s <= 1024 for s in size)
    refuse_unless(good, 'image_size', image_size, 'one or two whole numbers from 48 to 1024')
    width, height = size
    good = isinstance(persons, int) and 1 <= persons <= MAX_PERSONS
    refuse_unless(good, 'persons', persons, f'from 1 to {MAX_PERSONS}')
    refuse_unless(0 <= back_views <= 1, 'back_views', back_views, 'from 0 to 1')
    return width, height


def refuse_unless(good: bool, name: str, value: object, allowed: str) -> None:
    """Raise a ``UserError`` with the code 'argument' if an argument is invalid."""
    if not good:
        raise UserError('argument', name, f'It must be {allowed}, got {value!r}.')
