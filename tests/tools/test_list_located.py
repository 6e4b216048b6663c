"""Tests of the list of located persons."""

import subprocess
import sys

from lfhpe_mmpose.tags.located import is_located
from tests.conftest import ROOT


class TestListLocated:
    """The list agrees with the door."""

    def test_list(self, people, tmp_path):
        """Each line is a located person, and no other person is located."""
        out = tmp_path / 'located.csv'
        prefix = 'train_dataloader.dataset'
        command = [sys.executable, str(ROOT / 'tools' / 'list_located.py')]
        command += ['lfhpe_synthetic-96x96_loc0', '--out', str(out), '--cfg-options']
        command += [f'{prefix}.data_root={people}', f'{prefix}.pipeline.0.fraction=0.25']
        command += [f'val_dataloader.dataset.data_root={people}']
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        lines = out.read_text().splitlines()
        assert lines[0] == 'image_id,annotation_id'
        listed = {tuple(map(int, line.split(','))) for line in lines[1:]}
        everybody = {(i, i) for i in range(1, 49)}
        assert listed == {p for p in everybody if is_located(*p, 0.25)}
        assert f'{len(listed)} of 48' in done.stdout
