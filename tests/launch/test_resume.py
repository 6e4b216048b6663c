"""A training that was killed continues as if it had never been stopped."""

import copy
import errno
import os
import random
import signal
import time
import traceback
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import mmengine
import pytest
import torch
from mmengine.config import Config
from mmengine.fileio import LocalBackend

from lfhpe_mmpose.engine.hooks import RepeatableHook
from lfhpe_mmpose.launch.train_test import train
from lfhpe_mmpose.launch.work_dirs import latest_checkpoint, own_work_dir
from tests.refusal import refuses

ARGS = dict(
    work_dir=None,
    resume='auto',
    amp=False,
    no_validate=False,
    auto_scale_lr=False,
    show=False,
    show_dir=None,
    interval=1,
    wait_time=1,
    cfg_options=None,
    launcher='none',
    skip_checks=True,
)


def write_config(cfg: Config, folder: Path, **changes) -> Path:
    """The tiny config with dropout, validation and a checkpoint of every iteration."""
    cfg = copy.deepcopy(cfg)
    cfg.work_dir = str(folder / 'run')
    cfg.experiment_name = cfg.visualizer.name = str(folder).replace('/', '-')
    cfg.train_dataloader.dataset.indices = 24
    cfg.train_dataloader.dataset.pipeline[0].update(fraction=0.3, views=2)
    cfg.val_dataloader.dataset.indices = 8
    cfg.train_cfg = dict(by_epoch=True, max_epochs=3, val_interval=1)
    cfg.default_hooks.checkpoint = dict(
        type='CheckpointHook', by_epoch=False, interval=1, max_keep_ckpts=1, save_last=True
    )
    cfg.merge_from_dict(changes)
    folder.mkdir(parents=True)
    cfg.dump(folder / 'config.py')
    return folder / 'config.py'


def train_until(config: Path, seconds: float) -> bool:
    """Train in a process of its own, killed after some seconds; whether it came to the end."""
    child = os.fork()
    if not child:
        status = 1
        try:
            for descriptor in (1, 2):
                os.dup2(os.open(config.parent / 'log', os.O_WRONLY | os.O_CREAT | os.O_APPEND),
                        descriptor)  # fmt: skip
            torch.set_num_threads(1)
            # Half of a tiny run is MMEngine formatting its config.
            mmengine.config.config.FormatCode = lambda text, **_: (text, True)
            train(Namespace(config=str(config), **ARGS))
            status = 0
        except BaseException:
            (config.parent / 'error').write_text(traceback.format_exc())
        finally:
            os._exit(status)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0, (config.parent / 'error').read_text()
            return True
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def last_state(config: Path) -> dict:
    """The last checkpoint: weights, optimizer, schedule, history of the losses."""
    work_dir = config.parent / 'run'
    paths = list(work_dir.glob('iter_*.pth')) or list(work_dir.glob('epoch_*.pth'))
    (path,) = paths
    checkpoint = torch.load(path, weights_only=True)
    history = checkpoint['message_hub']['log_scalars']['train/loss']['history_buffer']
    keys = ('state_dict', 'optimizer', 'param_schedulers')
    return {**{key: checkpoint[key] for key in keys}, 'losses': history['log'], 'path': path.name}


def assert_same(one, other, at: str = '') -> None:
    """Compare nested states to the last bit."""
    assert type(one) is type(other), at
    if isinstance(one, dict):
        assert one.keys() == other.keys(), at
        for key in one:
            assert_same(one[key], other[key], f'{at}.{key}')
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), at
        for i, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, f'{at}[{i}]')
    elif isinstance(one, torch.Tensor):
        assert torch.equal(one, other), at
    else:
        assert one == other, at


def survive(cfg: Config, folder: Path, kills: int, seed: int = 0, **changes) -> int:
    """Train without and with kills, compare, and count the kills that hit a training.

    Args:
        cfg: A tiny config.
        folder: For the two runs.
        kills: Kills to reach; trainings are repeated until then.
        seed: Of the moments of the kills.
        changes: To the config.
    """
    config = write_config(cfg, folder / 'whole', **changes)
    start = time.monotonic()
    assert train_until(config, 300)
    took = time.monotonic() - start
    expected = last_state(config)
    moments = random.Random(seed)
    hits = 0
    for trial in range(10 * kills):
        config = write_config(cfg, folder / f'killed_{trial}', **changes)
        # Nearly each attempt is killed; the work of one iteration at least survives in most.
        while not train_until(config, moments.uniform(0.2, 1.1) * took):
            hits += 1
        assert_same(expected, last_state(config))
        leftover = [p.name for p in (config.parent / 'run').iterdir() if '.part' in p.name]
        assert leftover == []
        if hits >= kills:
            break
    assert hits >= kills
    return hits


@pytest.mark.skipif(torch.cuda.is_available(), reason='CUDA does not survive a fork')
class TestKilled:
    """`kill -9` at random moments; `tests/faults` repeats it many times."""

    @pytest.mark.parametrize(
        'changes',
        [
            pytest.param({}, id='default'),
            pytest.param(
                {
                    'train_dataloader.sampler': dict(type='LocatedShareSampler', share=0.4),
                    'optim_wrapper.accumulative_counts': 2,
                    'train_dataloader.drop_last': True,
                },
                id='located-share-accumulated',
            ),
            pytest.param(
                {
                    'train_dataloader.num_workers': 2,
                    'train_dataloader.persistent_workers': True,
                    'default_hooks.checkpoint': dict(
                        _delete_=True, type='CheckpointHook', interval=1, max_keep_ckpts=1
                    ),
                },
                id='workers-epochs',
            ),
        ],
    )
    def test_same_result(self, tiny_cfg, tmp_path, changes):
        """Weights, optimizer, schedule and losses are bit-identical."""
        survive(tiny_cfg, tmp_path, 1, **changes)


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

    def test_torn(self, work_dir, capsys):
        """The newest whole one is taken, and the torn one is named."""
        assert latest_checkpoint(str(work_dir)) == str(work_dir / 'iter_2.pth')
        assert 'iter_3.pth' in capsys.readouterr().out
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
            train(Namespace(config=str(config), **ARGS))
        files = [p.name for p in (tmp_path / 'a' / 'run').glob('**/*') if 'iter_' in p.name]
        assert files == ['iter_2.pth']
        torch.load(tmp_path / 'a' / 'run' / 'iter_2.pth', weights_only=True)
