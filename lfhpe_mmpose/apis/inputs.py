"""Checks of what a user hands to inference: a device, an image, a folder, boxes.

To check another kind of input, write a function here that returns it in the form
that MMPose takes, or raises :class:`UserError` naming it and the remedy.
"""

from collections.abc import Sequence

import numpy as np
import torch

from lfhpe_mmpose.errors import UserError


def resolve_device(device: str | None) -> str:
    """Check a device name, or choose a device.

    Args:
        device (str, optional): E.g. ``'cpu'`` or ``'cuda:0'``. None takes the
            first GPU if torch sees one, else the CPU.

    Returns:
        str: The device.

    Raises:
        UserError: If the name is none, or asks for a GPU that is not there.
    """
    if device is None:
        return 'cuda:0' if torch.cuda.is_available() else 'cpu'
    try:
        parsed = torch.device(device)
    except RuntimeError as error:
        raise UserError(f"device={device!r} is no device. Write 'cpu' or 'cuda:0'.") from error
    if parsed.type == 'cuda' and (parsed.index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise UserError(
            f'device={device!r}: torch {torch.__version__} sees {count or "no"} '
            f"GPU{'s' if count > 1 else ''}. Use device='cpu', or install a CUDA build of torch "
            'and check the driver with nvidia-smi.'
        )
    return device


def check_image(image: np.ndarray, name: str) -> None:
    """Refuse an array that is no colour image.

    Args:
        image (np.ndarray): BGR uint8 (H, W, 3).
        name (str): The image, for the error message.

    Raises:
        UserError: If the shape is another, or it has no pixel.
    """
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise UserError(f'{name}: an image must be BGR (H, W, 3), got {image.shape}.')


def check_boxes(bboxes: np.ndarray | Sequence, name: str) -> np.ndarray:
    """Turn persons' boxes into an array, or say what is wrong with them.

    Args:
        bboxes (np.ndarray | Sequence): (N, 4) as (x1, y1, x2, y2) in pixels; N may
            be 0.
        name (str): The image, for the error message.

    Returns:
        np.ndarray: (N, 4) float32.

    Raises:
        UserError: If the shape is another, or a box is not finite or is empty.
    """
    boxes = np.asarray(bboxes, dtype=np.float32)
    if boxes.size == 0:
        return boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise UserError(
            f'{name}: bboxes must have the shape (N, 4) with x1, y1, x2, y2, got {boxes.shape}.'
        )
    wrong = (
        ~np.isfinite(boxes).all(1) | (boxes[:, 2] <= boxes[:, 0]) | (boxes[:, 3] <= boxes[:, 1])
    )
    if wrong.any():
        first = int(wrong.argmax())
        raise UserError(
            f'{name}: bboxes[{first}] = {boxes[first].tolist()} is no box. '
            'It must be finite, with x1 < x2 and y1 < y2.'
        )
    return boxes
