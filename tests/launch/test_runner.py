"""Tests of the runner that a config gets."""

import pytest
from mmengine.optim import OptimWrapper
from torch import nn
from torch.optim import SGD

from lfhpe_mmpose.launch import runner as module
from lfhpe_mmpose.launch.runner import AccumulationRunner, WholeFlexibleRunner, build_runner


class TestRunner:
    """Which runner it is."""

    def test_kind(self, tiny_cfg, monkeypatch):
        """A strategy asks for the flexible one; a config may name any."""
        for kind in (AccumulationRunner, WholeFlexibleRunner):
            monkeypatch.setattr(kind, 'from_cfg', classmethod(lambda cls, cfg: cls))
        assert build_runner(tiny_cfg) is AccumulationRunner
        tiny_cfg.strategy = dict(type='ShardedStrategy')
        assert build_runner(tiny_cfg) is WholeFlexibleRunner
        tiny_cfg.runner_type = 'Runner'
        monkeypatch.setattr(module.RUNNERS, 'build', lambda cfg: cfg.runner_type)
        assert build_runner(tiny_cfg) == 'Runner'


class TestScaledRate:
    """The learning rate of a step that takes several batches."""

    @pytest.mark.parametrize(('counts', 'ratio'), [(1, 0.25), (2, 0.5), (4, 1.0)])
    def test_accumulated(self, tiny_cfg, counts, ratio):
        """Batches of 8 and a rate for 32: as many batches as a step takes count."""
        tiny_cfg.auto_scale_lr = dict(base_batch_size=32, enable=True)
        tiny_cfg.experiment_name = f'rate-{counts}-{tiny_cfg.work_dir}'
        runner = build_runner(tiny_cfg)
        optimizer = SGD(nn.Linear(1, 1).parameters(), lr=0.4)
        wrapper = OptimWrapper(optimizer, accumulative_counts=counts)
        runner.scale_lr(wrapper, runner.auto_scale_lr)
        assert optimizer.param_groups[0]['lr'] == pytest.approx(0.4 * ratio)
        assert runner.auto_scale_lr['base_batch_size'] == 32
        runner.scale_lr(wrapper, dict(base_batch_size=32, enable=False))
        runner.scale_lr(wrapper, None)
        assert optimizer.param_groups[0]['lr'] == pytest.approx(0.4 * ratio)
