"""Tests of losses that are fetched when they are logged."""

import json

import pytest
import torch
from mmengine.hooks import Hook
from mmpose.registry import HOOKS
from torch.utils._python_dispatch import TorchDispatchMode

from lfhpe_mmpose.engine.hooks import DeferredLogHook

from .training import history, train

DEFERRED = {'default_hooks.runtime_info': dict(type='DeferredLogHook')}


class _CountFetches(TorchDispatchMode):
    """Counts the numbers fetched from tensors, AdamW's own step counters (on the CPU) aside."""

    def __init__(self, optimizer):
        super().__init__()
        self.optimizer = optimizer
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func is torch.ops.aten._local_scalar_dense.default:
            steps = [id(state['step']) for state in self.optimizer.state.values()]
            self.count += id(args[0]) not in steps
        if func in (torch.ops.aten.nonzero.default, torch.ops.aten.masked_select.default):
            self.count += 1
        return func(*args, **(kwargs or {}))


@HOOKS.register_module(force=True)
class _WatchFetches(Hook):
    """Counts fetches from the end of one iteration to the end of the next."""

    priority = 'LOWEST'

    def before_train(self, runner):
        self.mode = _CountFetches(runner.optim_wrapper.optimizer)
        self.mode.__enter__()
        runner.fetches = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if batch_idx == 0:  # what the loader fetched when it started
            self.mode.count = 0

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        runner.fetches.append(self.mode.count)
        self.mode.count = 0

    def after_train(self, runner):
        self.mode.__exit__(None, None, None)


class TestDeferredLogHook:
    """The hook in real trainings."""

    @pytest.mark.parametrize('interval', [4, 10])
    def test_the_log_is_the_same(self, tiny_cfg, tmp_path, interval):
        """History and log lines equal those of MMEngine's hook, grad_norm included."""
        options = {'default_hooks.logger.interval': interval}
        expected = train(tiny_cfg, tmp_path / 'a', **options)
        runner = train(tiny_cfg, tmp_path / 'b', **options, **DEFERRED)
        assert history(runner) == history(expected)
        assert len(history(runner)['train/grad_norm']) == 6
        lines = []
        for folder in ('a', 'b'):
            path = next((tmp_path / folder).glob('*/vis_data/scalars.json'))
            records = [json.loads(line) for line in path.read_text().splitlines()]
            lines.append([{k: v for k, v in r.items() if 'time' not in k} for r in records])
        assert lines[0] and lines[0] == lines[1]

    def test_nothing_is_fetched_between_lines(self, tiny_cfg, tmp_path):
        """A training step with its hooks asks the device for no number."""
        options = {'custom_hooks': [dict(type='_WatchFetches')]}
        runner = train(
            tiny_cfg, tmp_path / 'a', **options, **{'default_hooks.logger.interval': 3}, **DEFERRED
        )
        first, second, third, *_ = runner.fetches
        assert first == second == 0
        # One line of the log: one piece. (tolist of a CPU tensor is no dispatched call.)
        assert third <= 1
        runner = train(tiny_cfg, tmp_path / 'b', **options)
        assert min(runner.fetches) >= 6, 'MMEngine fetches each loss, so the watch sees them'

    def test_a_checkpoint_has_the_whole_history(self, tiny_cfg, tmp_path):
        """Saved between two lines of the log, it holds every iteration up to there."""
        checkpoint = dict(_delete_=True, type='CheckpointHook', by_epoch=False, interval=5)
        options = {
            'default_hooks.logger.interval': 4,
            'default_hooks.checkpoint': checkpoint,
            'custom_hooks': [dict(type='PlainCheckpointHook')],
        }
        train(tiny_cfg, tmp_path / 'a', **options, **DEFERRED)
        saved = torch.load(tmp_path / 'a' / 'iter_5.pth', weights_only=True)
        log = saved['message_hub']['log_scalars']['train/loss']['history_buffer']['log']
        assert len(log) == 5

    def test_bad_interval(self):
        """An interval below 1 is refused."""
        with pytest.raises(ValueError, match='interval'):
            DeferredLogHook(interval=0)
