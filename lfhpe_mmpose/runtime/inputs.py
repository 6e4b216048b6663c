"""What a user gives to inference: images, boxes, and their checks."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.image_folders import find_images
from lfhpe_mmpose.files.images import darkness, read_image

from .results import ImagePoses

Image: TypeAlias = str | Path | np.ndarray
# An image alone, or with the boxes of its persons.
Item: TypeAlias = Image | tuple[Image, Any]


def items_of(images: Image | Iterable[Item]) -> Iterable[Item]:
    """The images of a call: one, those of a folder, or an iterable as it is.

    Raises:
        UserError: If the folder does not exist or contains no images.
    """
    if isinstance(images, np.ndarray):
        return [images]
    if isinstance(images, str | Path):
        if not Path(images).is_dir():
            return [images]
        return [os.path.join(images, name) for name in find_images(images)]
    return images


def open_item(index: int, item: Item) -> tuple[ImagePoses, np.ndarray | None, np.ndarray | None]:
    """Read an image of a call, and check it and its boxes.

    Returns:
        The result so far, with ``error`` if the image cannot be used; BGR pixels uint8 (H, W, 3),
        None then; boxes (N, 4) float32, None if none were given.
    """
    image, boxes = item if isinstance(item, tuple) else (item, None)
    name = None if isinstance(image, np.ndarray) else str(image)
    result = ImagePoses(index, name)
    try:
        pixels = image if isinstance(image, np.ndarray) else read_image(image)
        check_image(pixels, name or f'image {index}')
        given = None if boxes is None else check_boxes(boxes, name or f'image {index}')
    except UserError as error:
        result.error = str(error)
        return result, None, None
    if name is not None:
        result.warning = darkness(name, pixels)
    height, width = pixels.shape[:2]
    result.size = (width, height)
    return result, pixels, given


def whole_image(pixels: np.ndarray) -> np.ndarray:
    """The box (1, 4) of a person who fills an image."""
    height, width = pixels.shape[:2]
    return np.array([[0, 0, width, height]], dtype=np.float32)


def check_image(image: np.ndarray, name: str) -> None:
    """Refuse an array that is not BGR uint8 (H, W, 3).

    Raises:
        UserError: 'image-array'.
    """
    if image.ndim != 3 or image.shape[2] != 3 or not image.size or image.dtype != np.uint8:
        fault = f'An image must be BGR uint8 (H, W, 3), got {image.dtype} {image.shape}.'
        raise UserError('image-array', name, fault)


def check_boxes(bboxes: np.ndarray | Sequence[Any], name: str) -> np.ndarray:
    """Convert person boxes to an array.

    Args:
        bboxes: (N, 4) as (x1, y1, x2, y2) in pixels; N may be 0.
        name: The image, for the message.

    Returns:
        np.ndarray: (N, 4) float32.

    Raises:
        UserError: 'box' if the shape is wrong, or a box is not finite or is empty.
    """
    boxes = np.asarray(bboxes, dtype=np.float32)
    if boxes.size == 0:
        return boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        fault = f'Boxes need the shape (N, 4) with x1, y1, x2, y2, got {boxes.shape}.'
        raise UserError('box', name, fault)
    wrong = ~np.isfinite(boxes).all(1) | (boxes[:, 2:] <= boxes[:, :2]).any(1)
    if wrong.any():
        first = int(wrong.argmax())
        raise UserError(
            'box',
            f'{name}: bboxes[{first}]',
            f'The box {boxes[first].tolist()} is invalid.',
            'It must be finite, with x1 < x2 and y1 < y2.',
        )
    return boxes
