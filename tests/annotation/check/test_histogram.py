"""Tests of the picture of the tags."""

import pytest
from matplotlib.figure import Figure
from PIL import Image

from lfhpe_mmpose.annotation.check import draw_tags
from tests.refusal import refuses


def counts(number: int, **first):
    """A keypoint set."""
    keypoints = {f'point {i}': dict(seen=5, absent=3, unknown=2) for i in range(number)}
    return dict(keypoints={**first, **keypoints})


class TestHistogram:
    """Bars for any keypoints."""

    @pytest.mark.parametrize('number', [1, 2, 17, 133])
    def test_size(self, tmp_path, number):
        """The picture grows with the number, so that each name can be read."""
        draw_tags([counts(number)], tmp_path / 'h.png', 'file.json')
        with Image.open(tmp_path / 'h.png') as image:
            assert abs(image.height / 110 - (1.2 + 0.21 * number)) < 0.05
            assert image.width == 990
        assert [p.name for p in tmp_path.iterdir()] == ['h.png']

    def test_bars(self, tmp_path, monkeypatch):
        """Lengths, numbers, and the red name of what was never absent."""
        drawn = []
        save = Figure.savefig
        monkeypatch.setattr(
            Figure, 'savefig', lambda self, *a, **k: (drawn.append(self), save(self, *a, **k))
        )
        odd = {'$x_{$ ohr': dict(seen=7, absent=0, unknown=1)}
        draw_tags([counts(2, **odd), counts(1)], tmp_path / 'h.png')
        first, second = drawn[0].axes
        bars = [[patch.get_width() for patch in c.patches] for c in first.containers]
        assert bars == [[7, 5, 5], [0, 3, 3], [1, 2, 2]]
        assert [t.get_text() for t in first.texts] == ['7 / 0 / 1', '5 / 3 / 2', '5 / 3 / 2']
        labels = first.get_yticklabels()
        assert [t.get_text() for t in labels] == ['$x_{$ ohr', 'point 0', 'point 1']
        assert [t.get_color() == '#CC0000' for t in labels] == [True, False, False]
        assert len(second.containers[0].patches) == 1

    def test_names(self, tmp_path):
        """Any name can be drawn, a long one is cut."""
        names = {
            n: dict(seen=0, absent=0, unknown=0) for n in ('\ud800', '\n', '左', 'x' * 300, '$')
        }
        draw_tags([dict(keypoints=names)], tmp_path / 'h.png')

    def test_unwritable(self, tmp_path):
        """A folder that cannot be made, and an ending that cannot be drawn."""
        (tmp_path / 'file').touch()
        with refuses('not-writable', place='h.png'):
            draw_tags([counts(2)], tmp_path / 'file' / 'h.png')
        with refuses('option', place='h.txt'):
            draw_tags([counts(2)], tmp_path / 'h.txt')
        assert [p.name for p in tmp_path.iterdir()] == ['file']
