"""Where the pixels of a cached crop lie in its image; the rest is in test_load_cached_crop."""

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.datasets.crop_cache import CropEntry
from lfhpe_mmpose.datasets.transforms.cached_topdown_affine import _crop_to_image


@pytest.mark.parametrize('flip', [None, 'horizontal', 'vertical', 'diagonal'])
def test_places_of_a_scaled_crop(flip):
    """Each pixel shows the place that it is mapped to: colours are the coordinates here."""
    width, height, window, size = 100, 60, (10, 12, 80, 40), (40, 10)
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    image = np.dstack([x, y]).astype(np.float32)
    code = {'horizontal': 1, 'vertical': 0, 'diagonal': -1}.get(flip)
    left, top, w, h = window
    crop = cv2.resize(image[top : top + h, left : left + w], size, interpolation=cv2.INTER_AREA)
    if flip:
        crop = cv2.flip(crop, code)
        # In the flipped image the colours are to be its own coordinates again.
        if code != 0:
            crop[..., 0] = width - 1 - crop[..., 0]
        if code != 1:
            crop[..., 1] = height - 1 - crop[..., 1]
    entry = CropEntry(1, 1, (0.0,) * 4, window, size, (width, height), 0, '', 'raw')
    to_image = _crop_to_image(entry, flip)
    for i, j in ((0, 0), (39, 9), (7, 3)):
        assert np.allclose(to_image @ [i, j, 1], [*crop[j, i], 1], atol=1e-3)
