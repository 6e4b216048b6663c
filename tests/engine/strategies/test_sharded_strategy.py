"""Tests of FSDP's strategy; its runs are in ``tests/test_many_processes.py``."""

import pytest
from mmengine._strategy import FSDPStrategy
from mmengine.registry import STRATEGIES

from lfhpe_mmpose.engine.strategies import sharded_strategy
from tests.refusal import refuses


def build(**changes):
    """The strategy, as a config names it."""
    return STRATEGIES.build(dict(type='ShardedStrategy', **changes))


class TestShardedStrategy:
    """What it asks of MMEngine."""

    def test_device(self, monkeypatch):
        """On the CPU the state stays where it is, on a GPU MMEngine's choices stand."""
        monkeypatch.setattr(sharded_strategy, 'has_accelerator', lambda: False)
        strategy = build(model_wrapper=dict(type='MMFullyShardedDataParallel'))
        assert strategy.model_wrapper['device_id'] == 'cpu'
        assert strategy._is_full_state_dict() and not strategy.state_dict_config.offload_to_cpu
        monkeypatch.setattr(sharded_strategy, 'has_accelerator', lambda: True)
        strategy = build()
        assert 'device_id' not in strategy.model_wrapper
        assert strategy._is_full_state_dict() and strategy.state_dict_config.offload_to_cpu
        assert not build(state_dict_cfg='local')._is_full_state_dict()

    @pytest.mark.parametrize(
        ('cfg', 'kind'),
        [
            (dict(clip_grad=dict(max_norm=5)), 'ShardedOptimWrapper'),
            (dict(type='OptimWrapper', clip_grad=dict(max_norm=5)), 'ShardedOptimWrapper'),
            (dict(type='AmpOptimWrapper'), 'AmpOptimWrapper'),
            (dict(type='OptimWrapper'), 'OptimWrapper'),
        ],
    )
    def test_optim_wrapper(self, monkeypatch, cfg, kind):
        """Only a wrapper that clips is another one."""
        monkeypatch.setattr(FSDPStrategy, 'build_optim_wrapper', lambda self, cfg, model: cfg)
        before = dict(cfg)
        assert build().build_optim_wrapper(cfg)['type'] == kind
        assert cfg == before

    def test_clips_on_its_own(self):
        """A wrapper that would clip wrongly is refused, with both remedies."""
        cfg = dict(type='Bf16OptimWrapper', clip_grad=dict(max_norm=5))
        with refuses('option', 'optim_wrapper.type'):
            build().build_optim_wrapper(cfg)
