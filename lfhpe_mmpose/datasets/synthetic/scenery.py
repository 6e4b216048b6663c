"""Surroundings of the people: backgrounds, occluders, camera noise.

The noise comes from a fixed bank, so that pictures depend on their seed alone. To add an
occluder or a distractor, write a function that paints it and call it from
``draw_background`` or ``draw_occluder``.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, sin
from random import Random

import cv2
import numpy as np

from .poses import pick
from .shapes import SHIFT, polygon
from .wardrobe import Colour, sample_cloth, scale

#: Number of occluders in the part map.
OCCLUDER = 255

_BANK = 512
_UNIT = np.stack((np.cos(np.arange(14) * pi / 7), np.sin(np.arange(14) * pi / 7)), axis=1)


@lru_cache(maxsize=1)
def _noise_bank() -> tuple[np.ndarray, np.ndarray]:
    """Noise at several scales, and fine camera noise, both uint8 (512, 512, 3)."""
    rng = np.random.Generator(np.random.PCG64(20220513))
    total = np.zeros((_BANK, _BANK, 3), np.float32)
    for cells, weight in ((6, 1.0), (20, 0.7), (60, 0.5), (180, 0.35), (_BANK, 0.25)):
        grid = rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8).astype(np.float32)
        # Mostly grey: in pictures colour varies less than brightness.
        grid = 0.35 * grid + 0.65 * grid[..., :1]
        total += weight * (
            cv2.resize(grid, (_BANK, _BANK), interpolation=cv2.INTER_LINEAR) - 127.5
        )
    total *= 50.0 / total.std()
    fine = rng.integers(-24, 25, (_BANK, _BANK, 3)).astype(np.float32) + 128
    return np.clip(total + 128, 0, 255).astype(np.uint8), fine.astype(np.uint8)


def _window(bank: np.ndarray, rng: Random, height: int, width: int) -> np.ndarray:
    """A window of the bank at a random place; the bank is enlarged for larger windows."""
    if height > _BANK or width > _BANK:
        bank = cv2.resize(bank, (max(width, _BANK), max(height, _BANK)))
    y = int(rng.random() * (bank.shape[0] - height + 1))
    x = int(rng.random() * (bank.shape[1] - width + 1))
    return bank[y : y + height, x : x + width]


def _stick(image: np.ndarray, rng: Random, colour: Colour) -> None:
    """A tapered stick about the size of a limb."""
    height, width = image.shape[:2]
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    length, angle = rng.uniform(0.12, 0.4) * height, rng.uniform(0, 2 * pi)
    r = rng.uniform(0.012, 0.04) * height
    end = (x + length * cos(angle), y + length * sin(angle))
    ring = np.concatenate((_UNIT * r + (x, y), _UNIT * (r * rng.uniform(0.5, 1)) + end))
    hull = cv2.convexHull(ring.astype(np.float32))[:, 0]
    cv2.fillConvexPoly(image, polygon(hull), colour, cv2.LINE_AA, SHIFT)


def _ball(image: np.ndarray, rng: Random, colour: Colour) -> None:
    height, width = image.shape[:2]
    centre = (rng.uniform(0, width), rng.uniform(0, height))
    axes = np.array((rng.uniform(0.03, 0.1), rng.uniform(0.03, 0.1))) * height
    cv2.fillConvexPoly(image, polygon(_UNIT * axes + centre), colour, cv2.LINE_AA, SHIFT)


def _quad(image: np.ndarray, rng: Random, colour: Colour) -> None:
    height, width = image.shape[:2]
    centre = np.array((rng.uniform(0, width), rng.uniform(0, height)))
    a, b, angle = rng.uniform(0.05, 0.3), rng.uniform(0.05, 0.3), rng.uniform(0, pi)
    across, up = np.array((cos(angle), sin(angle))) * a, np.array((-sin(angle), cos(angle))) * b
    corners = centre + height * np.array((across + up, across - up, -across - up, up - across))
    cv2.fillConvexPoly(image, polygon(corners), colour, cv2.LINE_AA, SHIFT)


def draw_background(rng: Random, height: int, width: int) -> np.ndarray:
    """Paint a background, uint8 (H, W, 3): colour gradient, noise, and clutter.

    Sticks and balls in the clutter look a little like limbs and heads.
    """
    corners = np.array([[sample_cloth(rng) for _ in range(2)] for _ in range(2)], np.float32)
    image = cv2.resize(corners.astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    for _ in range(int(rng.uniform(0, 5))):
        _quad(image, rng, sample_cloth(rng))
    amount = rng.uniform(0.15, 0.85)
    noise = _window(_noise_bank()[0], rng, height, width)
    image = cv2.addWeighted(image, 1.0, noise, amount, -128 * amount)
    for _ in range(int(rng.uniform(0, 7))):
        painter = pick(rng, ((0.5, _stick), (0.3, _ball), (0.2, _quad)))
        painter(image, rng, sample_cloth(rng))
    return image


def _leaf(rng: Random, x: float, y: float, size: float) -> np.ndarray:
    angle, length = rng.uniform(0, 2 * pi), size * rng.uniform(0.5, 0.9)
    ring = _UNIT * (length, 0.4 * length)
    turn = np.array(((cos(angle), sin(angle)), (-sin(angle), cos(angle))))
    return ring @ turn + (x + rng.gauss(0, 0.35) * size, y + rng.gauss(0, 0.35) * size)


def draw_occluder(
    image: np.ndarray, parts: np.ndarray, rng: Random, x: float, y: float, size: float
) -> None:
    """Paint a box, a bar or some leaves over picture and part map, in place.

    ``x`` and ``y`` are the centre, ``size`` half the extent, in pixels.
    """
    colour = sample_cloth(rng)
    kind = pick(rng, ((0.4, 'box'), (0.3, 'bar'), (0.3, 'leaves')))
    if kind == 'leaves':
        outlines = [_leaf(rng, x, y, size) for _ in range(5)]
    else:
        angle = rng.gauss(0, 0.25) if kind == 'box' else rng.uniform(0, pi)
        long = size * rng.uniform(0.7, 1.2) if kind == 'box' else size * 6
        thin = size * rng.uniform(0.6, 1.1) if kind == 'box' else size * rng.uniform(0.3, 0.5)
        a = np.array((cos(angle), sin(angle))) * long
        b = np.array((-sin(angle), cos(angle))) * thin
        outlines = [np.array((x, y)) + np.array((a + b, a - b, -a - b, b - a))]
    for i, outline in enumerate(outlines):
        points = polygon(outline)
        fill = scale(colour, 1.0 - 0.07 * i)
        cv2.fillConvexPoly(image, points, fill, cv2.LINE_AA, SHIFT)
        cv2.polylines(image, [points], True, scale(fill, 0.6), 1, cv2.LINE_AA, SHIFT)
        cv2.fillConvexPoly(parts, points, OCCLUDER, cv2.LINE_8, SHIFT)


def develop(image: np.ndarray, rng: Random) -> np.ndarray:
    """Simulate a camera: contrast, brightness, texture, fine noise, sometimes blur."""
    height, width = image.shape[:2]
    coarse, fine = _noise_bank()
    amount, contrast = rng.uniform(0.04, 0.16), rng.uniform(0.75, 1.1)
    offset = 128 * (1 - contrast) + rng.uniform(-22, 22) - 128 * amount
    window = _window(coarse, rng, height, width)
    image = cv2.addWeighted(image, contrast, window, amount, offset)
    amount = rng.uniform(0.1, 0.6)
    image = cv2.addWeighted(image, 1.0, _window(fine, rng, height, width), amount, -128 * amount)
    if rng.random() < 0.2:
        image = cv2.blur(image, (2, 2))
    return image
