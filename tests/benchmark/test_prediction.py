"""Memory and speed of prediction, by ``lfhpe measure-predict``."""

import json
import mmap

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.benchmark import prediction
from tests.cli.calling import status_of
from tests.tiny_model import make_tiny_model


@pytest.fixture(scope='module')
def argv(tmp_path_factory):
    """A small model and three images."""
    folder = tmp_path_factory.mktemp('measure')
    tiny = make_tiny_model(folder, 14)
    (folder / 'photos').mkdir()
    for i in range(3):
        cv2.imwrite(str(folder / 'photos' / f'{i}.png'), np.full((80, 60, 3), 40 * i, np.uint8))
    return [tiny.config, str(folder / 'photos'), '--weights', str(tiny.weights), '--device', 'cpu']


def measure(*words) -> int:
    """Call the command; its status."""
    return status_of('measure-predict', *words)


class TestMeasurePredict:
    """`lfhpe measure-predict`."""

    def test_memory(self, argv, tmp_path, monkeypatch, capsys):
        """Readings after every so many images, the first tenth left out of the figures."""
        values = iter([50.0, 10.0, 11.0, 15.0, 14.0])
        monkeypatch.setattr(prediction, 'resident', lambda: next(values))
        options = ['--count', '20', '--every', '4', '--call', '2', '--out', f'{tmp_path}/o.json']
        assert measure('memory', *argv, *options, '--batch-sizes', '8') == 0
        figures = json.loads((tmp_path / 'o.json').read_text())
        assert figures['readings'] == [[4, 50], [8, 10], [12, 11], [16, 15], [20, 14]]
        assert (figures['images'], figures['persons']) == (20, 20)
        assert [figures[k] for k in ('first_mib', 'last_mib', 'max_mib')] == [50, 14, 50]
        assert json.loads(capsys.readouterr().out) == figures

    def test_too_few_images(self, argv, capsys):
        """A slope needs some readings."""
        assert measure('memory', *argv, '--count', '600') == 2
        assert '--count 600: ' in capsys.readouterr().err

    def test_speed(self, argv, tmp_path):
        """All ways find the same persons; the second is what the ratios refer to."""
        options = ['--count', '4', '--rounds', '2', '--batch-sizes', '1', '3']
        assert (
            status_of(
                *['measure-predict', 'speed', *argv, *options, '--out', f'{tmp_path}/o.json']
            )
            == 0
        )
        figures = json.loads((tmp_path / 'o.json').read_text())
        assert list(figures)[2:] == ['PosePredictor, batch 1', 'PosePredictor, batch 3']
        assert [way['persons'] for way in figures.values()] == [4] * 4
        assert figures['infer_persons, an image a call']['ratio'] == [1, 1, 1]
        assert all(way['images_per_second'] > 0 for way in figures.values())

    def test_resident_is_that_of_the_process(self):
        """64 MiB are seen, which the system gives anew and not from what was freed before."""
        before = prediction.resident()
        with mmap.mmap(-1, 64 * 2**20) as area:
            area[::4096] = bytes(len(area) // 4096)
            assert 60 < prediction.resident() - before < 70
