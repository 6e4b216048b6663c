"""Photographs whose pixels say where they are, and plans of them."""

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.annotation.plan import Settings, make_plan, whole_images
from lfhpe_mmpose.annotation.plan.images import image_entries
from lfhpe_mmpose.files.image_folders import find_images

NAMES = ['head', 'tail']


@pytest.fixture
def photos(tmp_path):
    """Three images, one in a sub-folder; blue is x and green is y."""
    folder = tmp_path / 'photos'
    (folder / 'sub').mkdir(parents=True)
    image = np.zeros((80, 120, 3), np.uint8)
    image[..., 0] = np.arange(120)
    image[..., 1] = np.arange(80)[:, None]
    for name in ('a.png', 'b.png', 'sub/a.png'):
        cv2.imwrite(str(folder / name), image)
    return folder


def entries_of(photos, out=None):
    """Entries of the readable images."""
    return image_entries(photos, find_images(photos, out))[0]


def plan_photos(photos, out, settings=None, **options):
    """Plan three views of each photograph."""
    images = entries_of(photos, out)
    settings = settings or Settings(NAMES, views=3, image_size=32)
    return make_plan(photos, out, images, whole_images(images), settings, **options)
