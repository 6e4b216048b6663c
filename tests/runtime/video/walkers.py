"""A video of two people who walk past each other, made of photographs of COCO."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np


def _people(coco: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pixels and masks of persons, the tallest first."""
    content = json.loads((coco / 'annotations' / 'person_keypoints_train2017.json').read_text())
    names = {image['id']: image['file_name'] for image in content['images']}
    found = []
    for entry in content['annotations']:
        seen = np.array(entry['keypoints']).reshape(-1, 3)[:, 2]
        x, y, w, h = entry['bbox']
        if entry['iscrowd'] or (seen[[5, 6, 11, 12, 13, 14, 15, 16]] < 1).any() or h < 1.8 * w:
            continue
        image = cv2.imread(str(coco / 'train2017' / names[entry['image_id']]))
        mask = np.zeros(image.shape[:2], dtype=np.uint8)
        for polygon in entry['segmentation']:
            cv2.fillPoly(mask, [np.array(polygon).reshape(-1, 2).round().astype(int)], 255)
        box = slice(int(y), int(y + h) + 1), slice(int(x), int(x + w) + 1)
        found.append((h, entry['id'], image[box], mask[box]))
    return [(pixels, mask) for _, _, pixels, mask in sorted(found, key=lambda f: (-f[0], f[1]))]


def _fitted(pixels: np.ndarray, mask: np.ndarray, height: int) -> tuple[np.ndarray, np.ndarray]:
    size = (max(1, round(pixels.shape[1] * height / pixels.shape[0])), height)
    soft = cv2.GaussianBlur(cv2.resize(mask, size), (0, 0), 1) / 255.0
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), soft[..., None]


def walk(coco: Path, frames: int, size: tuple[int, int] = (480, 320)) -> Iterator[np.ndarray]:
    """Draw the frames.

    Args:
        coco: Folder of the COCO sample.
        frames: How many.
        size: Width and height.

    Yields:
        np.ndarray: BGR uint8 (H, W, 3). The first person walks from the left to the right, the
        second one, who is nearer, from the right to the left; they meet in the middle.
    """
    width, height = size
    people = _people(coco)[:2]
    ground = np.zeros((height, width, 3), dtype=np.uint8)
    ground[:] = np.linspace(200, 120, height)[:, None, None]
    noise = np.random.default_rng(0).normal(0, 6, ground.shape)
    ground = np.clip(cv2.GaussianBlur(ground + noise, (0, 0), 1.5), 0, 255).astype(np.uint8)
    tall = [_fitted(*person, round(share * height)) for person, share in zip(people, (0.7, 0.8))]
    for number in range(frames):
        picture = ground.copy()
        way = 0.12 + 0.76 * number / max(frames - 1, 1)
        for i, (pixels, mask) in enumerate(tall):
            h, w = pixels.shape[:2]
            sway = round(3 * np.sin(number / 4 + i))
            left = round((way if i == 0 else 1 - way) * width - w / 2)
            top = height - h - 6 + sway
            x0, x1 = max(left, 0), min(left + w, width)
            part = slice(x0 - left, x1 - left)
            place = picture[top : top + h, x0:x1]
            place[:] = mask[:, part] * pixels[:, part] + (1 - mask[:, part]) * place
        yield picture
