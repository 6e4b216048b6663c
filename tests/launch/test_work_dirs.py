"""Work directories of earlier runs."""

import os

import pytest
from mmengine.config import Config

from lfhpe_mmpose.launch.work_dirs import keep_earlier_run
from tests.refusal import refuses


@pytest.fixture
def work_dir(tmp_path):
    """What a run leaves."""
    folder = tmp_path / 'run'
    (folder / '20260101_000000').mkdir(parents=True)
    (folder / '20260101_000000' / 'log.txt').write_text('log')
    for name in ('epoch_1.pth', 'epoch_2.pth', 'recipe.py'):
        (folder / name).write_text(name)
    (folder / 'last_checkpoint').write_text(str(folder / 'epoch_2.pth'))
    return folder


class TestKeepEarlierRun:
    """A new run in the folder of an earlier one."""

    def test_nothing_is_lost(self, work_dir):
        """Checkpoints, config and note lie in a folder of their own, logs stay."""
        target = keep_earlier_run(Config(dict(work_dir=str(work_dir))))
        kept = {p.name: p.read_text() for p in target.iterdir()}
        assert kept['epoch_1.pth'] == 'epoch_1.pth'
        assert set(kept) == {'epoch_1.pth', 'epoch_2.pth', 'recipe.py', 'last_checkpoint'}
        assert (work_dir / '20260101_000000' / 'log.txt').exists()
        assert not list(work_dir.glob('*.pth'))

    def test_new_folder(self, tmp_path):
        """There is nothing to do for a new folder, nor for one with a config alone."""
        assert keep_earlier_run(Config(dict(work_dir=str(tmp_path / 'new')))) is None
        (tmp_path / 'recipe.py').write_text('')
        assert keep_earlier_run(Config(dict(work_dir=str(tmp_path)))) is None
        assert (tmp_path / 'recipe.py').exists()

    def test_twice_in_a_second(self, work_dir):
        """Two runs of one moment do not write over one another."""
        cfg = Config(dict(work_dir=str(work_dir)))
        os.utime(work_dir / 'epoch_1.pth', (10, 10))
        os.utime(work_dir / 'epoch_2.pth', (10, 10))
        first = keep_earlier_run(cfg)
        (work_dir / 'epoch_1.pth').write_text('second')
        os.utime(work_dir / 'epoch_1.pth', (10, 10))
        second = keep_earlier_run(cfg)
        assert first != second
        assert (first / 'epoch_1.pth').read_text() == 'epoch_1.pth'
        assert (second / 'epoch_1.pth').read_text() == 'second'

    def test_start_from_own_folder(self, work_dir):
        """A run that starts from a file it would move is refused."""
        cfg = Config(dict(work_dir=str(work_dir), load_from=str(work_dir / 'epoch_2.pth')))
        with refuses('work-dir', 'epoch_2.pth'):
            keep_earlier_run(cfg)
        assert (work_dir / 'epoch_2.pth').exists()
