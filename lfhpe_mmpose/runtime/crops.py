"""From an image and a box to the input of a network, and back.

The same geometry as MMPose's ``GetBBoxCenterScale`` and ``TopdownAffine``: the box is enlarged,
extended to the input's aspect ratio and resampled bilinearly, with black beyond the image.
"""

import cv2
import numpy as np

# Enlargement of a box, MMPose's default.
PADDING = 1.25


def placement(
    box: np.ndarray, size: tuple[int, int], padding: float = PADDING
) -> tuple[np.ndarray, np.ndarray]:
    """The part of the image that a crop shows.

    Args:
        box: x1, y1, x2, y2 in pixels.
        size: Width and height of the crop.
        padding: Enlargement of the box.

    Returns:
        Its centre (2,) and its width and height (2,), float32, in pixels of the image.
    """
    x1, y1, x2, y2 = np.asarray(box, dtype=np.float32)
    centre = np.array([(x1 + x2) * 0.5, (y1 + y2) * 0.5], dtype=np.float32)
    width, height = (x2 - x1) * np.float32(padding), (y2 - y1) * np.float32(padding)
    aspect = size[0] / size[1]
    if width > height * aspect:
        height = width / aspect
    else:
        width = height * aspect
    return centre, np.array([width, height], dtype=np.float32)


def cut_out(
    image: np.ndarray, centre: np.ndarray, scale: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """Cut out a crop.

    Args:
        image: BGR uint8 (H, W, 3).
        centre, scale: From ``placement``.
        size: Width and height of the crop.

    Returns:
        RGB float32 (3, height, width), 0 to 255.
    """
    width, height = size
    ratio = width / float(scale[0])
    matrix = np.array(
        [
            [ratio, 0, width / 2 - ratio * float(centre[0])],
            [0, ratio, height / 2 - ratio * float(centre[1])],
        ]
    )
    crop = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return np.ascontiguousarray(crop[:, :, ::-1].transpose(2, 0, 1), dtype=np.float32)


def to_image(
    points: np.ndarray, centre: np.ndarray, scale: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """Points of a crop (K, 2) in pixels of the image."""
    return np.asarray(points / np.array(size) * scale + centre - 0.5 * scale)
