"""The script that prepares public data sets."""

import pytest

from lfhpe_mmpose.annotation.prepare import DATASETS
from lfhpe_mmpose.tags import load_tag_file
from tests.annotation.prepare.samples import write_source

from .conftest import run
from .loading import load_tool


class TestPrepareDataset:
    """`tools/prepare_dataset.py`."""

    def test_prepares(self, tmp_path):
        """Every option goes through; the way on is told."""
        source = write_source('mpii', tmp_path / 'source')
        (tmp_path / 'val.txt').write_text('015601864.jpg\n')
        options = ['--images', 'copy', '--missing', 'skip', '--val-list', 'val.txt']
        options += ['--persons', 'single', '--source', source, '--out', 'mpii']
        done = run('prepare_dataset.py', 'mpii', *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        val = load_tag_file(tmp_path / 'mpii' / 'annotations' / 'mpii_val.json')
        assert [a['id'] for a in val.annotations] == [102]
        assert f'Now: export LFHPE_MPII={(tmp_path / "mpii").resolve()}' in done.stdout
        assert '1 copied, 0 existed' in done.stdout
        assert not (tmp_path / 'mpii' / 'images').is_symlink()

    def test_mistake(self, tmp_path):
        """A message and status 2, no stack."""
        (tmp_path / 'empty').mkdir()
        done = run('prepare_dataset.py', 'lsp', '--source', 'empty', '--out', 'lsp', cwd=tmp_path)
        assert done.returncode == 2
        assert 'joints.mat' in done.stderr
        assert 'Traceback' not in done.stderr

    def test_names(self):
        """The script offers what the package can read, without importing it for the help."""
        pytest.importorskip('mmpose')
        assert sorted(load_tool('prepare_dataset').NAMES) == sorted(DATASETS)
