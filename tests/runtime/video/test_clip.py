"""Drawn videos."""

import numpy as np
import pytest

from lfhpe_mmpose.runtime.video.clip import Clip
from lfhpe_mmpose.runtime.video.sources import open_source
from tests.refusal import refuses

pytest.importorskip('av', reason='PyAV is not installed')


class TestClip:
    """What is written can be read."""

    def test_odd_sides_and_another_size(self, tmp_path):
        """H.264 needs even sides; a later frame of another size is resized."""
        with Clip(tmp_path / 'a.mp4', 25) as out:
            for i, shape in enumerate([(41, 61, 3), (82, 122, 3), (41, 61, 3)]):
                out.write(np.full(shape, 40 * (i + 1), np.uint8), i / 25)
        frames = list(open_source(str(tmp_path / 'a.mp4')))
        assert [frame.pixels.shape for frame in frames] == [(42, 62, 3)] * 3
        assert [round(float(frame.pixels.mean()) / 40) for frame in frames] == [1, 2, 3]

    def test_times_that_do_not_rise(self, tmp_path):
        """Each frame is kept."""
        with Clip(tmp_path / 'a.mp4', 25) as out:
            for time in (0, 0.04, 0.04, 0.02, 0.16):
                out.write(np.zeros((20, 20, 3), np.uint8), time)
        assert len(list(open_source(str(tmp_path / 'a.mp4')))) == 5

    def test_name_comes_last(self, tmp_path):
        """After an error what is there can be looked at; without a frame there is no file."""
        with pytest.raises(ZeroDivisionError), Clip(tmp_path / 'a.mp4', 25) as out:
            out.write(np.zeros((20, 20, 3), np.uint8), 0)
            assert not (tmp_path / 'a.mp4').exists()
            raise ZeroDivisionError
        assert len(list(open_source(str(tmp_path / 'a.mp4')))) == 1
        with Clip(tmp_path / 'b.mp4', 25):
            pass
        assert [path.name for path in tmp_path.iterdir()] == ['a.mp4']

    def test_other_ending(self, tmp_path):
        """Refused before any work."""
        with refuses('clip', 'a.gif'):
            Clip(tmp_path / 'a.gif', 25)
