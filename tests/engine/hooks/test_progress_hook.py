"""Progress while the log is silent."""

import logging
import threading
import time
from types import SimpleNamespace

import pytest
from mmengine.hooks import Hook
from mmengine.runner import Runner

from lfhpe_mmpose.engine.hooks import ProgressHook
from lfhpe_mmpose.launch.train_test import reporting


class Pause(Hook):
    """Makes each step of a stage longer."""

    def __init__(self, stage: str, seconds: float) -> None:
        self.stage, self.seconds = stage, seconds

    def _before_iter(self, runner, batch_idx, data_batch=None, mode='train'):
        if mode == self.stage:
            time.sleep(self.seconds)


@pytest.fixture
def lines(tiny_cfg):
    """Run a tiny training, and give what the hook wrote."""

    def run(seconds: float, *hooks: Hook, validate: bool = False) -> list[str]:
        tiny_cfg.train_dataloader.dataset.indices = 24
        tiny_cfg.log_level = 'INFO'
        tiny_cfg.experiment_name = f'progress-{tiny_cfg.work_dir}'
        tiny_cfg.default_hooks.logger.interval = 50
        if not validate:
            tiny_cfg.val_cfg = tiny_cfg.val_dataloader = tiny_cfg.val_evaluator = None
        runner = Runner.from_cfg(tiny_cfg)
        seen: list[str] = []
        handler = logging.Handler()
        handler.emit = lambda record: seen.append(record.getMessage())
        runner.logger.addHandler(handler)
        hook = ProgressHook(seconds)
        for one in (hook, *hooks):
            runner.register_hook(one)
        runner.train()
        assert hook._listener not in runner.logger.handlers
        return [line for line in seen if ' steps, ' in line]

    return run


class TestProgressHook:
    """When it writes, and what."""

    def test_first_step(self, lines):
        """One line after the first step, and none while the log is silent for a short time."""
        (line,) = lines(60)
        assert line.startswith('Training: 1 of 3 steps, ')
        assert line.endswith(' left') and ' s a step, 0:00:' in line

    def test_silence(self, lines):
        """A line in the middle of a long step, before the first one too."""
        found = lines(0.4, Pause('train', 1.0))
        assert found[0].startswith('Training: 0 of 3 steps, the next one takes ')
        assert sum(line.startswith('Training: 2 of 3 steps') for line in found) >= 2

    def test_a_log_that_speaks(self):
        """Another line of the log starts the silence anew."""
        logger = logging.Logger('progress')
        hook = ProgressHook(60)
        hook.before_run(SimpleNamespace(rank=0, logger=logger))
        hook._last -= 59
        logger.info('a line')
        assert time.monotonic() - hook._last < 30
        hook.close()
        assert logger.handlers == []

    def test_validation(self, lines):
        """Validation reports its own steps."""
        found = lines(0.3, Pause('val', 0.7), validate=True)
        assert any(line.startswith('Validation: 1 of 2 steps, ') for line in found)

    def test_error(self, tiny_cfg):
        """A run that ends by an error leaves no thread."""
        tiny_cfg.experiment_name = f'progress-{tiny_cfg.work_dir}'
        tiny_cfg.val_cfg = tiny_cfg.val_dataloader = tiny_cfg.val_evaluator = None
        runner = Runner.from_cfg(tiny_cfg)

        class Fail(Hook):
            def before_train(self, runner):
                assert 'progress' in threads()
                raise ZeroDivisionError

        def threads() -> set[str]:
            return {thread.name for thread in threading.enumerate()}

        runner.register_hook(Fail())
        with pytest.raises(ZeroDivisionError), reporting(runner):
            runner.train()
        for _ in range(100):
            if 'progress' not in threads():
                break
            time.sleep(0.02)
        assert 'progress' not in threads()
