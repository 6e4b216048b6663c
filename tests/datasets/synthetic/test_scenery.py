"""Backgrounds, occluders and the camera."""

from random import Random

import numpy as np
import pytest

from lfhpe_mmpose.datasets.synthetic.scenery import (
    OCCLUDER,
    develop,
    draw_background,
    draw_occluder,
)


class TestBackground:
    """Textured backgrounds."""

    def test_texture_at_several_scales(self):
        """Neighbouring pixels differ, and so do averages over large blocks."""
        image = draw_background(Random(3), 128, 128).astype(float).mean(axis=-1)
        blocks = image.reshape(4, 32, 4, 32).mean(axis=(1, 3))
        assert np.abs(np.diff(image, axis=1)).mean() > 1
        assert blocks.std() > 5

    @pytest.mark.parametrize('height, width', [(48, 64), (700, 600)])
    def test_any_size(self, height, width):
        """Pictures smaller and larger than the bank of noise get their background."""
        image = develop(draw_background(Random(1), height, width), Random(2))
        assert image.shape == (height, width, 3) and image.dtype == np.uint8


class TestOccluder:
    """Things before a person."""

    def test_covers_picture_and_part_map_alike(self):
        """Over 20 seeds, changed pixels are marked and marked ones lie at the place asked for."""
        for seed in range(20):
            image, parts = np.full((100, 100, 3), 7, np.uint8), np.zeros((100, 100), np.uint8)
            draw_occluder(image, parts, Random(seed), 50.0, 50.0, 12.0)
            marked = parts == OCCLUDER
            assert marked[20:80, 20:80].any()
            assert (image != 7).any(axis=-1)[marked].mean() > 0.99


class TestDevelop:
    """The camera."""

    def test_changes_brightness_and_adds_noise(self):
        """A flat grey picture is flat no more, and near what it was."""
        image = develop(np.full((64, 64, 3), 128, np.uint8), Random(0)).astype(float)
        assert image.std() > 1
        assert abs(image.mean() - 128) < 45
