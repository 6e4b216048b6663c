"""The window of a crop: enough for the worst case of the augmentation, and no more than needed."""

import cv2
import numpy as np
import pytest
from mmpose.structures.bbox import get_warp_matrix

from lfhpe_mmpose.datasets.crop_cache import CropPlan
from lfhpe_mmpose.errors import UserError

from .data import dataset_cfg

PLAN = CropPlan((48, 64), padding=1.25, shift=0.1, scale=(0.5, 1.5), rotation=50)


def corners(plan, center, scale, rng):
    """Where the input's corners lie in the image, for one draw at the bounds."""
    shift = rng.choice([-1, 1], 2) * plan.shift * scale
    zoom, turn = rng.choice(plan.scale), rng.uniform(-1, 1) * plan.rotation
    if rng.random() < 0.3:
        turn = rng.choice([-1, 1]) * plan.rotation
    matrix = get_warp_matrix(
        center + shift, plan._fixed(scale * zoom), turn, output_size=plan.input_size, inv=True
    )
    w, h = plan.input_size
    points = np.array([[[0, 0], [w, 0], [w, h], [0, h]]], dtype=np.float64)
    return cv2.transform(points, matrix)[0]


class TestCropPlan:
    """`CropPlan`."""

    @pytest.mark.parametrize('scale', [(60, 80), (20, 90), (90, 20)])
    def test_covers_the_worst_case(self, scale):
        """No draw of the augmentation leaves the window, and one comes close to its edge."""
        rng = np.random.default_rng(0)
        center, scale = np.array([501.3, 498.8]), np.array(scale, dtype=np.float64)
        x, y, w, h = PLAN.window(center, scale, (1000, 1000))
        points = np.concatenate([corners(PLAN, center, scale, rng) for _ in range(600)])
        low, high = points.min(0), points.max(0)
        assert low[0] >= x and low[1] >= y and high[0] <= x + w and high[1] <= y + h
        slack = 5 + 0.05 * max(w, h)
        assert low[0] - x < slack and y + h - high[1] < slack

    def test_stays_in_the_image(self):
        """A window ends where the image does, and has at least a pixel."""
        for center in ([0, 0], [99, 59], [-500, 900]):
            x, y, w, h = PLAN.window(np.array(center), np.array([60, 80]), (100, 60))
            assert 0 <= x < x + w <= 100 and 0 <= y < y + h <= 60

    def test_scaled_down_never_up(self):
        """The nearest zoom still has `oversample` crop pixels for an input pixel."""
        small, large = np.array([60.0, 80]), np.array([600.0, 800])
        assert PLAN.size(small, (0, 0, 100, 90)) == (100, 90)
        width, height = PLAN.size(large, (0, 0, 1000, 900))
        assert (width, height) == (320, 288)  # 2 * 48 for 600 * 0.5 pixels
        assert width / 1000 * 600 * PLAN.scale[0] / 48 >= PLAN.oversample

    def test_reads_the_pipeline(self, tmp_path):
        """Arguments that a config leaves out are MMPose's; no move, no margin for one."""
        pipeline = dataset_cfg(tmp_path).pipeline
        plan = CropPlan.from_steps(pipeline, 'pipeline')
        assert plan == PLAN
        still = [s for s in pipeline if s.type != 'RandomBBoxTransform']
        assert CropPlan.from_steps(still, 'pipeline') == CropPlan((48, 64))
        with pytest.raises(UserError, match=r'train\.pipeline has no GetBBoxCenterScale'):
            CropPlan.from_steps(pipeline[:2], 'train.pipeline')
        for wrong in (dict(margin=0), dict(oversample=0.5)):
            with pytest.raises(UserError, match=next(iter(wrong))):
                CropPlan.from_steps(pipeline, 'pipeline', **wrong)
