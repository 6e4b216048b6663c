"""Colouring of class activation maps and heatmaps, one colour per keypoint."""

import cv2
import numpy as np

from .canvas import check_picture


def keypoint_palette(num_keypoints: int) -> np.ndarray:
    """One colour per keypoint, RGB uint8 (K, 3).

    Hues are spread evenly; neighbours in the list also differ in brightness, so that the two
    sides of a pair can be distinguished (our choice).
    """
    index = np.arange(num_keypoints)
    hsv = np.stack(
        [index * 180 / num_keypoints, 255 - 90 * (index % 2), np.full(num_keypoints, 255)], axis=-1
    )
    return cv2.cvtColor(hsv[None].astype(np.uint8), cv2.COLOR_HSV2RGB)[0]


def stretch_maps(maps: np.ndarray, min_range: float = 1e-3) -> np.ndarray:
    """Stretch each map (K, h, w) to [0, 1], so that weak peaks are visible.

    A map whose range is below ``min_range`` is constant and becomes 0.
    """
    maps = np.nan_to_num(np.asarray(maps, dtype=np.float32))
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    return np.where(span < min_range, 0, (maps - low) / np.maximum(span, min_range))


def _salience(maps: np.ndarray, full: float = 0.25) -> np.ndarray:
    """Factors (K, 1, 1) in [0, 1] that fade maps with a range below ``full`` of the largest."""
    maps = np.nan_to_num(np.asarray(maps, dtype=np.float32))
    span = np.ptp(maps, axis=(1, 2))[:, None, None]
    return np.minimum(span / max(full * float(span.max()), 1e-12), 1)


def overlay_maps(
    image: np.ndarray,
    maps: np.ndarray,
    colors: np.ndarray | None = None,
    gamma: float = 3.0,
    strength: float = 0.85,
) -> np.ndarray:
    """Lay the maps of all keypoints over a dimmed grey image.

    Maps are stretched one by one; those that hardly vary are faded. Each pixel takes the colour
    of the strongest keypoint there, with its strength as the opacity.

    Args:
        image (np.ndarray): RGB uint8 (H, W, 3).
        maps (np.ndarray): (K, h, w), stretched over the whole image.
        colors (np.ndarray, optional): RGB (K, 3). Defaults to ``keypoint_palette``.
        gamma (float): Exponent on the stretched maps; larger values show less around the peak
            (our choice).
        strength (float): Opacity at the peak, in [0, 1].

    Returns:
        np.ndarray: RGB uint8 (H, W, 3).
    """
    height, width = check_picture(image).shape[:2]
    maps = np.asarray(maps)
    if maps.ndim != 3 or 0 in maps.shape:
        raise ValueError(f'maps must have the shape (K, h, w), got {maps.shape}.')
    colors = keypoint_palette(len(maps)) if colors is None else np.asarray(colors)
    if colors.shape != (len(maps), 3):
        raise ValueError(f'colors must have the shape ({len(maps)}, 3), got {colors.shape}.')
    # Stretching alone would show the noise of a missing keypoint in full colour.
    maps = stretch_maps(maps) * _salience(maps)
    best = np.stack([cv2.resize(m, (width, height), interpolation=cv2.INTER_LINEAR) for m in maps])
    winner = best.argmax(axis=0)
    opacity = (strength * best.max(axis=0) ** gamma)[..., None]
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None] * 0.6
    out = grey * (1 - opacity) + colors[winner].astype(np.float32) * opacity
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)
