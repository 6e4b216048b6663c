"""Layout of pictures."""

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.visualization.canvas import (
    add_heading,
    check_picture,
    enlarge,
    enlarge_points,
    make_grid,
    pad_to,
    save_picture,
)
from tests.refusal import refuses

RED = (255, 0, 0)


def _plain(height, width, color=RED):
    return np.full((height, width, 3), color, dtype=np.uint8)


class TestCheckPicture:
    """`check_picture`."""

    @pytest.mark.parametrize(
        'wrong', [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
    )
    def test_other_arrays_are_refused(self, wrong):
        """Grey, float, and empty."""
        with pytest.raises(ValueError, match=r'crop must be an RGB uint8 array'):
            check_picture(wrong, 'crop')


class TestEnlarge:
    """`enlarge` and `enlarge_points`."""

    def test_small_picture_reaches_the_least_side(self):
        """By a whole factor: 48 goes into 192 four times."""
        assert enlarge(_plain(64, 48), 192).shape == (256, 192, 3)
        assert enlarge(_plain(65, 50), 192).shape == (260, 200, 3)

    def test_large_picture_stays(self):
        """A copy of the same size."""
        image = _plain(256, 192)
        out = enlarge(image)
        assert out.shape == image.shape
        assert out is not image

    def test_points_follow_the_pixels(self):
        """The brightest pixel is where its enlarged coordinate says."""
        image = np.zeros((16, 12, 3), np.uint8)
        image[5, 9] = 255
        y, x = np.unravel_index(enlarge(image, 120)[..., 0].astype(int).argmax(), (160, 120))
        np.testing.assert_allclose(enlarge_points([[9, 5]], 10), [[94.5, 54.5]])
        assert abs(x - 94.5) <= 1
        assert abs(y - 54.5) <= 1


class TestAddHeading:
    """`add_heading`."""

    def test_strip_lies_above_the_picture(self):
        """The picture itself is untouched, and there is ink in the strip."""
        out = add_heading(_plain(30, 100), 'input')
        assert (out[-30:] == RED).all()
        assert (out[:-30] < 100).any()

    def test_long_text_is_cut_to_the_width(self):
        """No letter touches the right edge."""
        out = add_heading(_plain(4, 60), 'a very long heading indeed')
        assert out.shape[1] == 60
        assert (out[:-4, -3:] == 255).all()


class TestMakeGrid:
    """`make_grid`."""

    def test_places_pictures_in_rows(self):
        """Five pictures in rows of two: the last place is white."""
        colors = [(i, 0, 0) for i in range(5)]
        grid = make_grid([_plain(10, 8, c) for c in colors], columns=2, gap=2)
        assert grid.shape == (34, 18, 3)
        for i, color in enumerate(colors):
            y, x = 12 * (i // 2), 10 * (i % 2)
            assert (grid[y : y + 10, x : x + 8] == color).all()
        assert (grid[24:, 10:] == 255).all()

    def test_sizes_may_differ(self):
        """Cells are as large as the largest picture."""
        assert make_grid([_plain(10, 4), _plain(6, 8)], columns=2, gap=2).shape == (10, 18, 3)

    def test_no_pictures(self):
        """There is nothing to lay out."""
        with pytest.raises(ValueError, match='at least one'):
            make_grid([])

    def test_padding_is_white(self):
        """At the bottom and the right."""
        out = pad_to(_plain(2, 2), 3, 4)
        assert (out[:2, :2] == RED).all()
        assert (out[2] == 255).all()
        assert (out[:, 2:] == 255).all()


class TestSavePicture:
    """`save_picture`."""

    def test_file_holds_the_colours(self, tmp_path):
        """Red stays red, and the folder is made."""
        path = save_picture(_plain(4, 4), tmp_path / 'new' / 'a.png')
        assert cv2.imread(str(path))[0, 0].tolist() == [0, 0, 255]

    @pytest.mark.parametrize('name', ['a.nothing', 'file/a.png'])
    def test_name_that_cannot_be_written(self, tmp_path, name):
        """An unknown ending, and a file where a folder should be."""
        (tmp_path / 'file').write_text('')
        with refuses('not-writable'):
            save_picture(_plain(4, 4), tmp_path / name)
