"""Cutting the pictures of a plan out of their images."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import read_image
from lfhpe_mmpose.files.writing import write_bytes, writing

from .pictures import Picture

_QUALITY = 92
# Brightness around an outline, and its colour (BGR).
_DIMMED, _OUTLINE = 0.45, (0, 230, 255)


def cut(
    pictures: Iterable[Picture], folder: str | os.PathLike[str]
) -> Iterator[tuple[Picture, np.ndarray]]:
    """Yield each picture with its BGR uint8 crop (h, w, 3).

    An image is decoded once if its pictures follow one another.

    Raises:
        UserError: If an image cannot be read.
    """
    name, image = None, np.empty(0)
    for picture in pictures:
        if picture.image != name:
            image = read_image(os.path.join(folder, picture.image))
            name = picture.image
        x1, y1, x2, y2 = picture.crop
        crop = image[y1:y2, x1:x2]
        yield picture, crop if picture.outline is None else _outlined(crop, picture)


def _outlined(crop: np.ndarray, picture: Picture) -> np.ndarray:
    """Dim a crop outside of the picture's outline, and draw the outline."""
    left, top = picture.crop[:2]
    x1, y1, x2, y2 = np.array(picture.outline) - (left, top, left, top)
    out = np.asarray((crop * _DIMMED).astype(np.uint8))
    out[y1:y2, x1:x2] = crop[y1:y2, x1:x2]
    width = max(1, round(max(crop.shape[:2]) / 200))
    # Around the window, so that none of its pixels is hidden.
    begin, end = (int(x1) - width, int(y1) - width), (int(x2) + width - 1, int(y2) + width - 1)
    cv2.rectangle(out, begin, end, _OUTLINE, width)
    out[y1:y2, x1:x2] = crop[y1:y2, x1:x2]
    return out


def readable(
    pictures: Iterable[Picture],
    folder: str | os.PathLike[str],
    remarks: list[str],
    progress: bool,
    what: str,
) -> Iterator[tuple[Picture, np.ndarray]]:
    """Cut pictures image by image; a remark replaces the pictures of an unreadable image."""
    by_image: dict[str, list[Picture]] = {}
    for picture in sorted(pictures, key=lambda p: (p.image, str(p.annotation), p.view)):
        by_image.setdefault(picture.image, []).append(picture)
    total = sum(map(len, by_image.values()))
    with tqdm(total=total, desc=what, unit='picture', disable=not progress) as bar:
        for group in by_image.values():
            try:
                crops = list(cut(group, folder))
            except UserError as error:
                remarks.append(f'left out: {error}')
                crops = []
            yield from crops
            bar.update(len(group))


def cut_all(
    pictures: Sequence[Picture],
    folder: str | os.PathLike[str],
    out: Path,
    size: int,
    remarks: list[str],
    progress: bool,
) -> tuple[set[str], int]:
    """Write the missing pictures; return the files that exist now, and how many existed."""
    with writing(out):
        (out / 'views').mkdir(parents=True, exist_ok=True)
    there = {p.file for p in pictures if (out / p.file).exists()}
    kept = len(there)
    missing = [p for p in pictures if p.file not in there]
    for picture, crop in readable(missing, folder, remarks, progress, 'cutting'):
        save_picture(crop, out / picture.file, size)
        there.add(picture.file)
    return there, kept


def save_picture(crop: np.ndarray, path: Path, size: int) -> None:
    """Write a crop (h, w, 3) as JPEG, its longer side ``size`` pixels."""
    scale = size / max(crop.shape[:2])
    shape = [max(1, round(scale * n)) for n in crop.shape[1::-1]]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = cv2.resize(crop, shape, interpolation=method)
    _, data = cv2.imencode('.jpg', picture, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    write_bytes(path, data.tobytes())
