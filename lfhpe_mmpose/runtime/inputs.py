"""Checks of what a user gives to inference: an image array, boxes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError


def check_image(image: np.ndarray, name: str) -> None:
    """Refuse an array that is not BGR (H, W, 3).

    Raises:
        UserError: 'image-array'.
    """
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise UserError(
            'image-array', name, f'An image must be BGR (H, W, 3), got the shape {image.shape}.'
        )


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
