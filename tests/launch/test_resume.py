"""A training that was killed continues as if it had never been stopped."""

import errno
from types import SimpleNamespace

import pytest
import torch
from mmengine.fileio import LocalBackend

from lfhpe_mmpose.engine.hooks import RepeatableHook
from lfhpe_mmpose.launch import work_dirs
from lfhpe_mmpose.launch.train_test import train
from lfhpe_mmpose.launch.work_dirs import latest_checkpoint, own_work_dir
from tests.launch.arguments import arguments
from tests.launch.killing import ARGS, VARIANTS, survive, write_config
from tests.refusal import refuses


@pytest.mark.slow
@pytest.mark.skipif(torch.cuda.is_available(), reason='CUDA does not survive a fork')
@pytest.mark.parametrize('variant', VARIANTS)
def test_killed(tiny_cfg, tmp_path, variant):
    """After `kill -9` weights, optimizer, schedule and losses are bit-identical.

    `tests/faults/trainings.py` repeats it many times.
    """
    survive(tiny_cfg, tmp_path, 1, **VARIANTS[variant])


class TestLatest:
    """Which checkpoint `--resume` takes."""

    @pytest.fixture
    def work_dir(self, tmp_path):
        """Two whole checkpoints, a torn one, weights of another kind, and the note."""
        for number in (1, 2):
            content = dict(
                state_dict={'a': torch.rand(1000)}, optimizer={}, message_hub={},
                meta=dict(iter=number),
            )  # fmt: skip
            torch.save(content, tmp_path / f'iter_{number}.pth')
        whole = (tmp_path / 'iter_2.pth').read_bytes()
        (tmp_path / 'iter_3.pth').write_bytes(whole[:-500])
        torch.save({'a': torch.ones(1)}, tmp_path / 'weights.pth')
        (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'iter_3.pth'))
        return tmp_path

    def test_torn(self, work_dir, monkeypatch):
        """The newest whole one is taken, and the torn one is named."""
        said = []
        monkeypatch.setattr(work_dirs, 'print_log', lambda text, *_, **__: said.append(text))
        assert latest_checkpoint(str(work_dir)) == str(work_dir / 'iter_2.pth')
        assert 'iter_3.pth' in said[0]
        # A weight with a changed bit, which torch.load does not notice.
        content = bytearray(whole := (work_dir / 'iter_2.pth').read_bytes())
        weight = torch.load(work_dir / 'iter_2.pth')['state_dict']['a'].numpy().tobytes()
        content[whole.index(weight)] ^= 1
        (work_dir / 'iter_2.pth').write_bytes(content)
        torch.load(work_dir / 'iter_2.pth')
        assert latest_checkpoint(str(work_dir)) == str(work_dir / 'iter_1.pth')
        (work_dir / 'iter_2.pth').write_bytes(b'')
        assert latest_checkpoint(str(work_dir)) == str(work_dir / 'iter_1.pth')
        (work_dir / 'iter_1.pth').unlink()
        with refuses('unreadable-checkpoint', work_dir):
            latest_checkpoint(str(work_dir))

    @pytest.mark.parametrize('note', [b'', b'\xff\xfe', b'gone.pth', None])
    def test_note(self, work_dir, note):
        """The note may be empty, damaged, wrong or missing."""
        path = work_dir / 'last_checkpoint'
        path.unlink() if note is None else path.write_bytes(note)
        assert latest_checkpoint(str(work_dir)) == str(work_dir / 'iter_2.pth')

    def test_elsewhere(self, work_dir, tmp_path_factory):
        """Checkpoints may be in another folder (out_dir), which the note names."""
        other = tmp_path_factory.mktemp('run')
        (other / 'last_checkpoint').write_text(str(work_dir / 'iter_2.pth'))
        assert latest_checkpoint(str(other)) == str(work_dir / 'iter_2.pth')

    def test_none(self, tmp_path):
        """Without a checkpoint there is nothing to resume."""
        assert latest_checkpoint(str(tmp_path)) is None


class TestRefused:
    """What cannot be continued exactly."""

    def test_other_epoch(self, tiny_cfg, tmp_path):
        """A checkpoint in the middle of an epoch, and another number of batches."""
        hook = RepeatableHook()
        loop = SimpleNamespace(resumed_batch=0)
        runner = SimpleNamespace(
            _resume=True, _load_from='iter_2.pth', train_loop=loop, train_dataloader=range(5)
        )
        record = dict(batch=2, epoch_length=4, threads=1, gradients={})
        with refuses('resume', 'iter_2.pth'):
            hook.after_load_checkpoint(runner, dict(repeatable=record))
        runner.train_dataloader = range(4)
        hook.after_load_checkpoint(runner, dict(repeatable=record))
        assert loop.resumed_batch == 2

    def test_two_trainings(self, tmp_path):
        """A second training in the same folder is refused; it names the first."""
        (tmp_path / '.iter_1.abc.part.pth').write_bytes(b'half')
        with own_work_dir(str(tmp_path)):
            assert not list(tmp_path.glob('*.pth'))
            with refuses('locked', tmp_path), own_work_dir(str(tmp_path)):
                pass


class TestWholeCheckpoints:
    """Old checkpoints are deleted after the new one is whole."""

    def test_full_disk(self, tiny_cfg, tmp_path, monkeypatch):
        """A checkpoint that cannot be written leaves the last one, and no torn file."""
        config = write_config(tiny_cfg, tmp_path / 'a', **{'train_cfg.val_interval': 9})
        put = LocalBackend.put

        def full(self, content, path):
            if 'iter_3' in str(path):
                put(self, content[:1000], path)
                raise OSError(errno.ENOSPC, 'No space left on device')
            put(self, content, path)

        monkeypatch.setattr(LocalBackend, 'put', full)
        with refuses('disk-full', 'iter_3.pth'):
            train(arguments('train', str(config), *ARGS))
        files = [p.name for p in (tmp_path / 'a' / 'run').glob('**/*') if 'iter_' in p.name]
        assert files == ['iter_2.pth']
        torch.load(tmp_path / 'a' / 'run' / 'iter_2.pth', weights_only=True)

    def test_killed_before_deleting(self, tiny_cfg, tmp_path, monkeypatch):
        """The old checkpoint is deleted by the next run."""
        config = write_config(tiny_cfg, tmp_path / 'a', **{'train_cfg.val_interval': 9})
        run = tmp_path / 'a' / 'run'

        def stop(self, path):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(LocalBackend, 'remove', stop)
            train(arguments('train', str(config), *ARGS))
        assert {p.name for p in run.glob('*.pth')} == {'iter_1.pth', 'iter_2.pth'}
        train(arguments('train', str(config), *ARGS))
        assert {p.name for p in run.glob('*.pth')} == {'iter_9.pth'}
