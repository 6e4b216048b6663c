"""Curves of trainings from their logs."""

import json

import cv2
import pytest

from lfhpe_mmpose.cli import main
from lfhpe_mmpose.study.curves import draw_curves, read_scalars
from tests.refusal import refuses


@pytest.fixture
def run(tmp_path):
    """A work directory of a training that was resumed once; its last line is cut off."""

    def log(name, *entries, end=''):
        folder = tmp_path / 'run' / name / 'vis_data'
        folder.mkdir(parents=True)
        lines = ''.join(json.dumps(entry) + '\n' for entry in entries)
        (folder / 'scalars.json').write_text(lines + end)

    log(
        '20260101_000000', dict(loss=3.0, lr=0.1, iter=10, step=10),
        dict(loss=2.5, lr=0.1, iter=20, step=20),
    )  # fmt: skip
    log(
        '20260101_010000', dict(loss=2.0, lr=0.1, iter=20, step=20),
        {'pck@0.2/PCK': 0.5, 'step': 1, 'keypoint/swap_rate': float('nan')}, end='{"loss": 1.',
    )  # fmt: skip
    return tmp_path / 'run'


class TestCurves:
    """`lfhpe curves`."""

    def test_numbers(self, run):
        """The later log counts where both have a step; a metric stands at its training step."""
        points = read_scalars(run)
        assert points['loss'] == [(10, 3.0), (20, 2.0)]
        assert points['pck@0.2/PCK'] == [(20, 0.5)]
        assert 'keypoint/swap_rate' not in points

    def test_picture(self, run, tmp_path, capsys):
        """Two runs in one picture; the learning rate is left out."""
        out = tmp_path / 'curves.png'
        main(['curves', str(run), str(run), '--out', str(out)])
        assert capsys.readouterr().out.endswith('curves.png: loss, pck@0.2/PCK\n')
        assert cv2.imread(str(out)).std() > 5

    def test_no_log(self, tmp_path):
        """A folder without a training, and an ending that is no picture."""
        with refuses('no-log', tmp_path):
            draw_curves([str(tmp_path)], tmp_path / 'x.png')

    def test_format(self, run, tmp_path):
        """Endings that are no pictures."""
        with refuses('format', 'x.txt'):
            draw_curves([str(run)], tmp_path / 'x.txt')
