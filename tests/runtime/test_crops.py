"""Crops without MMPose are MMPose's crops."""

import numpy as np
import pytest
from mmengine.dataset import Compose

import lfhpe_mmpose.datasets  # noqa: F401 (registers)
from lfhpe_mmpose.runtime.crops import cut_out, placement, to_image


@pytest.mark.parametrize('size', [(128, 128), (192, 256)])
@pytest.mark.parametrize('box', [[10, 12, 50, 90], [-30, -5, 130, 20], [33.3, 4.7, 41.2, 9.1]])
def test_same_pixels_and_places(size, box):
    """Inside the image, beyond its edge, and far enlarged; and back."""
    image = np.random.default_rng(0).integers(0, 255, (100, 120, 3), np.uint8)
    steps = Compose(
        [
            dict(type='mmpose.GetBBoxCenterScale'),
            dict(type='mmpose.TopdownAffine', input_size=size),
        ]
    )
    right = steps(dict(img=image, bbox=np.array([box], np.float32)))
    centre, scale = placement(box, size)
    np.testing.assert_allclose(centre, right['bbox_center'][0], atol=1e-4)
    np.testing.assert_allclose(scale, right['bbox_scale'][0], atol=1e-4)
    found = cut_out(image, centre, scale, size)
    assert found.dtype == np.float32 and found.shape == (3, size[1], size[0])
    assert np.abs(found - right['img'][:, :, ::-1].transpose(2, 0, 1)).max() <= 1
    corners = to_image(np.array([[0, 0], size]), centre, scale, size)
    np.testing.assert_allclose(corners, [centre - scale / 2, centre + scale / 2], atol=1e-3)
