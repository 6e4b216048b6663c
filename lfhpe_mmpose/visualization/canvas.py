"""Layout of pictures: enlarging small crops, headings, grids, saving.

Every picture is an RGB uint8 array (H, W, 3). To add a layout, write a function
that takes and returns such arrays.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import mmcv
import numpy as np

from lfhpe_mmpose.errors import UserError

MIN_SIDE = 192  # below this, skeletons and maps cannot be told apart by eye
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_STRIP = 22  # height of a heading in pixels
_INK = (30, 30, 30)


def check_picture(image: np.ndarray, name: str = 'image') -> np.ndarray:
    """Check that an array is a picture.

    Args:
        image (np.ndarray): Should be RGB uint8 in shape (H, W, 3).
        name (str): How the error message calls it. Defaults to ``'image'``.

    Returns:
        np.ndarray: The same array.

    Raises:
        ValueError: If the shape or the type is another.
    """
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise ValueError(
            f'{name} must be an RGB uint8 array (H, W, 3), '
            f'got {image.dtype} with shape {image.shape}.'
        )
    return image


def enlarge_factor(shape: Sequence[int], min_side: int = MIN_SIDE) -> int:
    """Return the whole number by which a small picture is enlarged.

    Args:
        shape (Sequence[int]): (H, W, ...) in pixels.
        min_side (int): The least width and height wanted. Defaults to 192.

    Returns:
        int: 1 or more, so that the shorter side reaches ``min_side``.
    """
    return max(1, -(-min_side // min(shape[:2])))


def enlarge(image: np.ndarray, min_side: int = MIN_SIDE) -> np.ndarray:
    """Enlarge a picture by a whole factor until no side is below a minimum.

    Args:
        image (np.ndarray): RGB uint8 (H, W, 3).
        min_side (int): The least width and height in pixels. Defaults to 192.

    Returns:
        np.ndarray: RGB uint8 (f*H, f*W, 3).
    """
    factor = enlarge_factor(check_picture(image).shape, min_side)
    if factor == 1:
        return image.copy()
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def enlarge_points(points: np.ndarray, factor: float) -> np.ndarray:
    """Move points into the enlarged picture.

    A coordinate names the centre of a pixel, so (0, 0) moves to the centre of
    its enlarged pixel, (f - 1) / 2.

    Args:
        points (np.ndarray): (..., 2) pixels of the small picture.
        factor (float): The factor f.

    Returns:
        np.ndarray: (..., 2) pixels of the enlarged picture.
    """
    return (np.asarray(points, dtype=np.float32) + 0.5) * factor - 0.5


def put_text(
    image: np.ndarray, text: str, origin: tuple[int, int], color=_INK, size: float = 0.45
) -> None:
    """Write a line of text into a picture, in place.

    Args:
        image (np.ndarray): RGB uint8 (H, W, 3).
        text (str): The line; characters outside ASCII become ``?``.
        origin (tuple[int, int]): Left end of the base line (x, y) in pixels.
        color (tuple[int, int, int]): RGB. Defaults to nearly black.
        size (float): Font scale. Defaults to 0.45, 10 pixels high.
    """
    text = text.encode('ascii', 'replace').decode()  # OpenCV's font has no more
    cv2.putText(image, text, origin, _FONT, size, tuple(map(int, color)), 1, cv2.LINE_AA)


def text_width(text: str, size: float = 0.45) -> int:
    """Return the width of a line of text in pixels."""
    return cv2.getTextSize(text, _FONT, size, 1)[0][0]


def add_heading(image: np.ndarray, text: str) -> np.ndarray:
    """Put a white strip with a heading on top of a picture.

    The text is shrunk, and cut at last, to the picture's width.

    Args:
        image (np.ndarray): RGB uint8 (H, W, 3).
        text (str): The heading.

    Returns:
        np.ndarray: RGB uint8 (H + 22, W, 3).
    """
    strip = np.full((_STRIP, check_picture(image).shape[1], 3), 255, dtype=np.uint8)
    room = image.shape[1] - 8
    size = next((s for s in (0.45, 0.4, 0.35) if text_width(text, s) <= room), 0.35)
    while text and text_width(text, size) > room:
        text = text[:-1]
    put_text(strip, text, (4, 15), size=size)
    return np.concatenate([strip, image], axis=0)


def pad_to(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Pad a picture with white at the bottom and the right.

    Args:
        image (np.ndarray): RGB uint8 (H, W, 3).
        height (int): The height wanted, at least H.
        width (int): The width wanted, at least W.

    Returns:
        np.ndarray: RGB uint8 (height, width, 3).
    """
    out = np.full((height, width, 3), 255, dtype=np.uint8)
    out[: image.shape[0], : image.shape[1]] = image
    return out


def make_grid(images: Sequence[np.ndarray], columns: int = 4, gap: int = 6) -> np.ndarray:
    """Lay pictures out in rows, on white.

    Args:
        images (Sequence[np.ndarray]): RGB uint8 (H_i, W_i, 3); sizes may differ.
        columns (int): Pictures in a row. Defaults to 4.
        gap (int): White pixels between pictures. Defaults to 6.

    Returns:
        np.ndarray: RGB uint8 (H, W, 3).

    Raises:
        ValueError: If there are no pictures.
    """
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
    """Write a picture to a file, its folder made where needed.

    Args:
        image (np.ndarray): RGB uint8 (H, W, 3).
        path (str | Path): File name; the ending chooses the format.

    Returns:
        Path: The path written.

    Raises:
        UserError: If the file cannot be written.
    """
    path = Path(path)
    try:
        written = mmcv.imwrite(check_picture(image)[..., ::-1], str(path))
    except (OSError, cv2.error) as error:
        raise UserError(
            f'{path}: the picture cannot be written ({error}). '
            'Give a folder you may write to and a name that ends in .png or .jpg.'
        ) from error
    if not written:
        raise UserError(f'{path}: the picture cannot be written. Give another folder or name.')
    return path
