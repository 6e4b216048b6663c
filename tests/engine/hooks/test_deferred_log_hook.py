"""Tests of losses that are fetched when they are logged."""

import json

import pytest
import torch
from mmengine.hooks import Hook
from mmpose.registry import HOOKS

from lfhpe_mmpose.engine.hooks import DeferredLogHook
from tests.refusal import refuses

from .training import history, train

PLAIN = {'default_hooks.runtime_info': dict(type='RuntimeInfoHook')}
DEFERRED = {'default_hooks.runtime_info': dict(type='DeferredLogHook')}


@HOOKS.register_module(force=True)
class _WatchFetches(Hook):
    """Counts the numbers fetched from tensors, from the start of a step to the end of its hooks.

    AdamW's own step counters, which are on the CPU whatever the device is, do not count.
    """

    priority = 'LOWEST'
    methods = ('item', '__float__', '__int__', '__bool__', 'tolist', 'cpu', 'numpy', 'nonzero')

    def before_train(self, runner):
        self.count, self.depth, self.kept = 0, 0, {}
        optimizer = runner.optim_wrapper.optimizer
        for name in self.methods:
            self.kept[name] = getattr(torch.Tensor, name)
            setattr(torch.Tensor, name, self.counting(self.kept[name], optimizer))
        runner.fetches = []

    def counting(self, method, optimizer):
        def fetch(tensor, *args, **kwargs):
            step = any(tensor is state.get('step') for state in optimizer.state.values())
            # One fetch may call another.
            self.count += not step and not self.depth
            self.depth += 1
            try:
                return method(tensor, *args, **kwargs)
            finally:
                self.depth -= 1

        return fetch

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.count = 0

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        runner.fetches.append(self.count)

    def after_train(self, runner):
        for name, method in self.kept.items():
            setattr(torch.Tensor, name, method)


class TestDeferredLogHook:
    """The hook in real trainings."""

    @pytest.mark.parametrize('interval', [4, 10])
    def test_the_log_is_the_same(self, tiny_cfg, tmp_path, interval):
        """History and log lines equal those of MMEngine's hook, grad_norm included."""
        options = {'default_hooks.logger.interval': interval}
        expected = train(tiny_cfg, tmp_path / 'a', **options, **PLAIN)
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
        assert third == 1, 'a line of the log comes over in one piece'
        runner = train(tiny_cfg, tmp_path / 'b', **options, **PLAIN)
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
        with refuses('option', 'DeferredLogHook.interval'):
            DeferredLogHook(interval=0)
