"""Tags from visibility flags, and tagged views with their tags.

Only :class:`~.withhold_locations.WithholdLocations` calls these functions: they
read coordinates, so their place is at the door and nowhere behind it.
"""

from collections.abc import Mapping

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import is_tag

from .located import person_hash

OCCLUDED_CHOICES = {'positive': 1.0, 'negative': 0.0, 'unknown': -1.0}


def tags_from_visibility(visibility: np.ndarray, occluded: str = 'positive') -> np.ndarray:
    """Turn COCO visibility flags into keypoint category labels (tags).

    Args:
        visibility (np.ndarray): Flags in shape (K,): 0 not annotated, 1
            annotated but occluded, 2 visible.
        occluded (str): The tag of flag 1: ``'positive'``, ``'negative'`` or
            ``'unknown'``. Defaults to ``'positive'``: who could place the
            keypoint would have ticked it (our choice).

    Returns:
        np.ndarray: Tags in shape (K,), float32: 1 can be seen, 0 cannot be
        seen, -1 unknown.
    """
    tags = np.zeros(visibility.shape, dtype=np.float32)
    tags[visibility >= 2] = 1
    tags[(visibility > 0) & (visibility < 2)] = OCCLUDED_CHOICES[occluded]
    return tags


def file_tags(value: object, num_keypoints: int, person: Mapping) -> np.ndarray:
    """Take the tags that an annotation file gives.

    Args:
        value (object): ``keypoint_tags`` of a person or of a view, one tag a keypoint.
        num_keypoints (int): K.
        person (Mapping): Data info or results, for the message.

    Returns:
        np.ndarray: Tags in shape (K,), float32.

    Raises:
        UserError: If they are given by name, which only ``TaggedCocoDataset`` can read,
            or malformed.
    """
    if isinstance(value, list) and len(value) == num_keypoints and all(map(is_tag, value)):
        return np.array(value, dtype=np.float32)
    who = f'{person.get("img_path", "a sample")}, annotation {person.get("id")}'
    raise UserError(
        f'{who}: keypoint_tags must be a list of {num_keypoints} tags (1, 0 or -1). Tags by '
        "keypoint name are read by the data set type 'TaggedCocoDataset' alone; check the file "
        'with tools/check_tags.py.'
    )


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
