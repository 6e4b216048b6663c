"""Colouring of maps."""

import numpy as np
import pytest

from lfhpe_mmpose.visualization.maps import keypoint_palette, overlay_maps, stretch_maps

GREY = np.full((32, 24, 3), 100, dtype=np.uint8)


class TestKeypointPalette:
    """`keypoint_palette`."""

    @pytest.mark.parametrize('num_keypoints', [1, 2, 14, 17, 133])
    def test_colours_differ(self, num_keypoints):
        """One colour a keypoint."""
        palette = keypoint_palette(num_keypoints)
        assert palette.shape == (num_keypoints, 3)
        assert palette.dtype == np.uint8
        assert len(np.unique(palette, axis=0)) == num_keypoints


class TestStretchMaps:
    """`stretch_maps`."""

    def test_each_map_gets_the_whole_range(self):
        """By hand: 0.2 to 0.4 becomes 0 to 1."""
        out = stretch_maps(np.array([[[0.2, 0.3, 0.4]], [[5, 5, 9]]]))
        np.testing.assert_allclose(out, [[[0, 0.5, 1]], [[0, 0, 1]]], atol=1e-6)

    def test_constant_map_has_no_peak(self):
        """A collapsed map is zero, not one everywhere."""
        assert not stretch_maps(np.full((1, 4, 4), 0.7)).any()


class TestOverlayMaps:
    """`overlay_maps`."""

    def test_peak_has_its_keypoints_colour(self):
        """Two peaks in two places, two colours; elsewhere only dimmed grey."""
        maps = np.zeros((2, 8, 6))
        maps[0, 1, 1] = maps[1, 6, 4] = 1
        out = overlay_maps(GREY, maps, np.array([[255, 0, 0], [0, 0, 255]]), gamma=1, strength=1)
        assert out.shape == GREY.shape
        assert out[6, 6, 0] > 150 > 60 > out[6, 6, 2]
        assert out[26, 18, 2] > 150 > 60 > out[26, 18, 0]
        assert out[16, 1].tolist() == [60, 60, 60]

    def test_noise_of_an_absent_keypoint_is_faded(self):
        """A map that varies by a hundredth of the others' range has hardly any colour."""
        maps = np.zeros((2, 8, 6))
        maps[0, 1, 1] = 1
        maps[1, 6, 4] = 0.01
        out = overlay_maps(GREY, maps, np.array([[255, 0, 0], [0, 0, 255]]))
        assert out[26, 18].tolist() == [60, 60, 60]

    def test_constant_maps_leave_the_image(self):
        """Nothing to see, nothing drawn, no warning of a division."""
        with np.errstate(all='raise'):
            out = overlay_maps(GREY, np.full((3, 4, 4), 0.5))
        assert (out == 60).all()

    @pytest.mark.parametrize('shape', [(8, 6), (0, 8, 6)])
    def test_maps_of_another_shape(self, shape):
        """Named with the shape that is wanted."""
        with pytest.raises(ValueError, match=r'\(K, h, w\)'):
            overlay_maps(GREY, np.zeros(shape))

    def test_colours_of_another_number(self):
        """One colour a map."""
        with pytest.raises(ValueError, match=r'\(2, 3\)'):
            overlay_maps(GREY, np.zeros((2, 4, 4)), np.zeros((3, 3)))
