"""Tagged views: windows of a person, and the tags that its coordinates give in each."""

from collections.abc import Sequence

import numpy as np

from .located import person_hash

# Smallest and largest side of a sub-crop as a fraction of the side of the whole person's window.
VIEW_SCALE = (0.4, 1.0)
# Views of a person that `lfhpe plan` asks about: the whole person and three sub-crops.
ASKED_VIEWS = 4


def dataset_box(box: Sequence[float] | None, width: float, height: float) -> np.ndarray:
    """Clip a box as MMPose's data sets do: x1, y1, x2, y2, float32.

    Args:
        box: [x, y, width, height] in pixels. None is the whole image.
        width: Width of the image.
        height: Height of the image.
    """
    x, y, w, h = (0, 0, width, height) if box is None else box
    x1, x2 = (np.clip(v, 0, width - 1) for v in (x, x + w))
    y1, y2 = (np.clip(v, 0, height - 1) for v in (y, y + h))
    return np.array([x1, y1, x2, y2], dtype=np.float32)


def draw_views(
    bbox: np.ndarray,
    num_views: int,
    seed: int,
    img_id: int | str,
    ann_id: int | str,
    view_scale: tuple[float, float] = VIEW_SCALE,
    padding: float = 1.1,
) -> np.ndarray:
    """Draw the view windows of a person: the whole person, then sub-crops.

    The windows depend on box, ids and seed alone, never on a coordinate (our choice).

    Args:
        bbox: The person box (x1, y1, x2, y2) in pixels.
        num_views: Number of windows V, the whole person included.
        seed: Seed of the sub-crops.
        img_id: The image id.
        ann_id: The annotation id.
        view_scale: Smallest and largest side of a sub-crop as a fraction of the side of the whole
            person's window.
        padding: The whole person's window is the box enlarged by this factor about its centre.
            Defaults to 1.1: 2.5% and 4% of the keypoints of two small COCO samples lie outside
            it, and none of LSP-extended.

    Returns:
        np.ndarray: Windows (x1, y1, x2, y2) in shape (V, 4), float32, pixels of the original
        image. Window 0 is the whole person.
    """
    x1, y1, x2, y2 = (float(v) for v in np.asarray(bbox).reshape(4))
    w, h = padding * (x2 - x1), padding * (y2 - y1)
    x0, y0 = (x1 + x2 - w) / 2, (y1 + y2 - h) / 2
    windows = np.empty((num_views, 4), dtype=np.float32)
    windows[0] = x0, y0, x0 + w, y0 + h
    rng = np.random.default_rng(person_hash(seed, img_id, ann_id, 'views'))
    for v in range(1, num_views):
        sw, sh = rng.uniform(*view_scale, size=2) * (w, h)
        left, top = rng.uniform(size=2) * (w - sw, h - sh) + (x0, y0)
        windows[v] = left, top, left + sw, top + sh
    return windows


def view_tags(windows: np.ndarray, keypoints: np.ndarray, tags: np.ndarray) -> np.ndarray:
    """Tags of each view.

    Args:
        windows: Windows (x1, y1, x2, y2) in shape (V, 4), pixels; window 0 is the whole person.
        keypoints: Coordinates in shape (K, 2), pixels.
        tags: Tags of the whole person in shape (K,).

    Returns:
        np.ndarray: Tags in shape (V, K), float32. Row 0 equals ``tags``. In a sub-crop a keypoint
        has its tag if it lies inside, and is absent otherwise.
    """
    x, y = keypoints[None, :, 0], keypoints[None, :, 1]
    x1, y1, x2, y2 = (windows[:, i : i + 1] for i in range(4))
    inside = (x >= x1) & (x < x2) & (y >= y1) & (y < y2)
    out = np.where(inside, tags[None], 0).astype(np.float32)
    out[0] = tags
    return out


def window_box(window: np.ndarray) -> list[float]:
    """Write a float32 window x1, y1, x2, y2 as a box from which its corners are read exactly."""
    x1, y1, x2, y2 = (float(v) for v in window)
    return [x1, y1, x2 - x1, y2 - y1]
