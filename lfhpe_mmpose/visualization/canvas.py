"""Layout of pictures: enlarging small crops, headings, grids, saving."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_bytes

MIN_SIDE = 192  # smaller skeletons and maps are hard to see
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_STRIP = 22  # height of a heading in pixels
_INK = (30, 30, 30)


def check_picture(image: np.ndarray, name: str = 'image') -> np.ndarray:
    """Return a picture, RGB uint8 (H, W, 3), or raise a ValueError that calls it ``name``."""
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise ValueError(
            f'{name} must be an RGB uint8 array (H, W, 3), '
            f'got {image.dtype} with shape {image.shape}.'
        )
    return image


def enlarge_factor(shape: Sequence[int], min_side: int = MIN_SIDE) -> int:
    """The whole number by which a picture is enlarged, so that no side is below a minimum."""
    return max(1, -(-min_side // min(shape[:2])))


def enlarge(image: np.ndarray, min_side: int = MIN_SIDE) -> np.ndarray:
    """Enlarge a picture by a whole factor, so that no side is below a minimum."""
    factor = enlarge_factor(check_picture(image).shape, min_side)
    if factor == 1:
        return image.copy()
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def enlarge_points(points: np.ndarray, factor: float) -> np.ndarray:
    """Move points (..., 2) into the picture enlarged by ``factor``.

    A coordinate is the centre of a pixel: (0, 0) moves to the centre of its enlarged pixel.
    """
    return (np.asarray(points, dtype=np.float32) + 0.5) * factor - 0.5


def put_text(
    image: np.ndarray,
    text: str,
    origin: tuple[int, int],
    color: Sequence[int] = _INK,
    size: float = 0.45,
) -> None:
    """Write a line of text into a picture, in place.

    ``origin`` is the left end of the base line (x, y) in pixels. Characters outside ASCII become
    ``?``. A ``size`` of 0.45 is 10 pixels high.
    """
    text = text.encode('ascii', 'replace').decode()  # OpenCV's font is ASCII
    cv2.putText(image, text, origin, _FONT, size, tuple(map(int, color)), 1, cv2.LINE_AA)


def text_width(text: str, size: float = 0.45) -> int:
    """Width of a line of text in pixels."""
    return cv2.getTextSize(text, _FONT, size, 1)[0][0]


def add_heading(image: np.ndarray, text: str) -> np.ndarray:
    """Put a white strip with a heading on top of a picture, shrunk or cut to its width."""
    strip = np.full((_STRIP, check_picture(image).shape[1], 3), 255, dtype=np.uint8)
    room = image.shape[1] - 8
    size = next((s for s in (0.45, 0.4, 0.35) if text_width(text, s) <= room), 0.35)
    while text and text_width(text, size) > room:
        text = text[:-1]
    put_text(strip, text, (4, 15), size=size)
    return np.concatenate([strip, image], axis=0)


def pad_to(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Pad a picture with white at the bottom and the right."""
    out = np.full((height, width, 3), 255, dtype=np.uint8)
    out[: image.shape[0], : image.shape[1]] = image
    return out


def make_grid(images: Sequence[np.ndarray], columns: int = 4, gap: int = 6) -> np.ndarray:
    """Lay pictures of any sizes out in rows, on white, with ``gap`` pixels between them."""
    if not images:
        raise ValueError('make_grid needs at least one picture.')
    height = max(check_picture(image).shape[0] for image in images)
    width = max(image.shape[1] for image in images)
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    grid = np.full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, dtype=np.uint8
    )
    for i, image in enumerate(images):
        y, x = (i // columns) * (height + gap), (i % columns) * (width + gap)
        grid[y : y + image.shape[0], x : x + image.shape[1]] = image
    return grid


def save_picture(image: np.ndarray, path: str | Path) -> Path:
    """Write a picture to a file, whose suffix chooses the format, and make its folder.

    Raises:
        UserError: If the file cannot be written.
    """
    path = Path(path)
    try:
        picture = np.ascontiguousarray(check_picture(image)[..., ::-1])
        good, encoded = cv2.imencode(path.suffix, picture)
    except cv2.error:  # an unknown suffix
        good = False
    if not good:
        fault = f'Pictures of the format {path.suffix!r} cannot be written.'
        raise UserError('not-writable', str(path), fault, 'Give a name in .png or .jpg.')
    write_bytes(path, encoded.tobytes())
    return path
