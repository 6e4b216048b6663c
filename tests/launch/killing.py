"""Trainings that are killed at random moments, and compared with one that was not."""

import copy
import os
import random
import signal
import time
import traceback
from pathlib import Path

import mmengine
import numpy as np
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmpose.registry import HOOKS

from lfhpe_mmpose.launch.train_test import train
from tests.launch.arguments import arguments

ARGS = ('--resume', '--skip-checks')


@HOOKS.register_module(force=True)
class NoisyInputs(Hook):
    """Stands for dropout: draws from all three sources in each iteration."""

    priority = 'VERY_LOW'

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        """Add noise to the inputs."""
        scale = random.random() + np.random.rand()
        inputs = data_batch['inputs']
        data_batch['inputs'] = [(x + scale * torch.randn(x.shape)).to(x.dtype) for x in inputs]


def write_config(cfg: Config, folder: Path, **changes) -> Path:
    """The tiny config with noise, validation and a checkpoint of every iteration."""
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
    cfg.custom_hooks = [dict(type='NoisyInputs')]
    cfg.merge_from_dict(changes)
    folder.mkdir(parents=True)
    cfg.dump(folder / 'config.py')
    return folder / 'config.py'


def progress(config: Path) -> int:
    """Iterations or epochs at the newest checkpoint, 0 without one."""
    names = [path.stem for path in (config.parent / 'run').glob('[ei]*_*.pth')]
    return max((int(name.rpartition('_')[2]) for name in names), default=0)


def train_until(config: Path, target: int | None = None, delay: float = 0.0) -> bool:
    """Train in a process of its own; whether it came to the end.

    It is killed some seconds after it has written the checkpoint ``target``.
    """
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
            train(arguments('train', str(config), *ARGS))
            status = 0
        except BaseException:
            (config.parent / 'error').write_text(traceback.format_exc())
        finally:
            os._exit(status)
    deadline = None
    while deadline is None or time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0, (config.parent / 'error').read_text()
            return True
        if target is not None and deadline is None and progress(config) >= target:
            deadline = time.monotonic() + delay
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
    assert train_until(config)
    took = time.monotonic() - start
    expected, total = last_state(config), progress(config)
    moments = random.Random(seed)
    hits = 0
    for trial in range(10 * kills):
        config = write_config(cfg, folder / f'killed_{trial}', **changes)
        for _ in range(min(3, kills - hits)):
            if progress(config) == total:
                break
            # Anywhere between two checkpoints, or while one is written.
            target = moments.randint(progress(config), total - 1)
            if train_until(config, target, moments.uniform(0, took / total)):
                break
            hits += 1
        train_until(config)
        assert_same(expected, last_state(config))
        leftover = [p.name for p in (config.parent / 'run').iterdir() if '.part' in p.name]
        assert leftover == []
        if hits >= kills:
            break
    assert hits >= kills
    return hits


# Changes to the config: samplers, workers, accumulation, checkpoints by iteration or epoch.
VARIANTS: dict[str, dict] = {
    'default': {},
    'located-share-accumulated': {
        'train_dataloader.sampler': dict(type='LocatedShareSampler', share=0.4),
        'optim_wrapper.accumulative_counts': 2,
        'train_dataloader.drop_last': True,
    },
    'workers-epochs': {
        'train_dataloader.num_workers': 2,
        'train_dataloader.persistent_workers': True,
        'default_hooks.checkpoint': dict(
            _delete_=True, type='CheckpointHook', interval=1, max_keep_ckpts=1
        ),
    },
}
