"""Tagged views: windows of a person, and the tags that its coordinates give in each."""

import numpy as np

from .located import person_hash


def draw_views(
    bbox: np.ndarray,
    num_views: int,
    seed: int,
    img_id,
    ann_id,
    view_scale: tuple[float, float] = (0.4, 1.0),
    padding: float = 1.1,
) -> np.ndarray:
    """Draw the view windows of a person: the whole person, then sub-crops.

    The windows depend on the box, the ids and the seed alone, never on a
    coordinate, and are the same each time (our choice).

    Args:
        bbox (np.ndarray): The person box (x1, y1, x2, y2) in pixels.
        num_views (int): Number of windows V, the whole person included.
        seed (int): Seed of the sub-crops.
        img_id (int | str): The image id.
        ann_id (int | str): The annotation id.
        view_scale (tuple[float, float]): Smallest and largest side of a
            sub-crop as a fraction of the side of the whole person's window.
            Defaults to (0.4, 1.0).
        padding (float): The whole person's window is the box enlarged by this
            factor about its centre. Defaults to 1.1: of the keypoints of two small
            COCO samples 2.5% and 4% lie outside it, and none of LSP-extended's.

    Returns:
        np.ndarray: Windows (x1, y1, x2, y2) in shape (V, 4), float32, pixels
        of the original image. Window 0 is the whole person.
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
    """Tell which keypoints can be seen in each view.

    Args:
        windows (np.ndarray): Windows (x1, y1, x2, y2) in shape (V, 4), pixels.
            Window 0 is the whole person.
        keypoints (np.ndarray): Coordinates in shape (K, 2), pixels.
        tags (np.ndarray): Tags of the whole person in shape (K,).

    Returns:
        np.ndarray: Tags in shape (V, K), float32. Row 0 equals ``tags``. In a
        sub-crop a keypoint has its tag where it lies inside, and 0 elsewhere.
    """
    x, y = keypoints[None, :, 0], keypoints[None, :, 1]
    x1, y1, x2, y2 = (windows[:, i : i + 1] for i in range(4))
    inside = (x >= x1) & (x < x2) & (y >= y1) & (y < y2)
    out = np.where(inside, tags[None], 0).astype(np.float32)
    out[0] = tags
    return out
