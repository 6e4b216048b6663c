"""Progress on the console where the log is silent."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS

_NAMES = {'train': 'Training', 'val': 'Validation', 'test': 'Test'}


@HOOKS.register_module()
class ProgressHook(Hook):
    """Report steps and time left after the first step and whenever the log was silent.

    MMEngine writes a line every 50 steps, which may be half an hour apart on a processor.
    A thread of its own reports, so that a line comes in the middle of a long step too.

    Args:
        seconds: Longest silence. Defaults to 30.
        write: Takes each line. Defaults to the run's logger.
    """

    priority = 'VERY_LOW'

    def __init__(self, seconds: float = 30.0, write: Callable[[str], None] | None = None) -> None:
        self.seconds = seconds
        self.write = write
        self._stage = ''
        self._done = self._total = 0
        self._training = False
        self._times = {stage: deque[float](maxlen=20) for stage in _NAMES}
        self._mark = self._last = time.monotonic()
        self._logger: logging.Logger | None = None
        self._listener = _Listener(self)
        self._stop = threading.Event()

    def before_run(self, runner: Runner) -> None:
        """Start to listen to the log."""
        if runner.rank != 0 or self._logger is not None:
            return
        self._logger = runner.logger
        self._logger.addHandler(self._listener)
        self.heard()
        threading.Thread(target=self._watch, name='progress', daemon=True).start()

    def after_run(self, runner: Runner) -> None:
        """Stop."""
        self.close()

    def close(self) -> None:
        """Stop the thread; for runs that end by an error."""
        self._stop.set()
        if self._logger is not None:
            self._logger.removeHandler(self._listener)

    def heard(self) -> None:
        """Note that the log has just written a line."""
        self._last = time.monotonic()

    def _before_epoch(self, runner: Runner, mode: str = 'train') -> None:
        self._stage = mode
        self._mark = time.monotonic()
        if mode == 'train':
            self._training = True
            self._done, self._total = runner.iter, runner.max_iters
        else:
            loop = runner.val_loop if mode == 'val' else runner.test_loop
            self._done, self._total = 0, len(loop.dataloader)

    def _after_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Any = None,
        mode: str = 'train',
    ) -> None:
        times = self._times[mode]
        now = time.monotonic()
        times.append(now - self._mark)
        self._mark = now
        self._done = runner.iter + 1 if mode == 'train' else batch_idx + 1
        if len(times) == 1 and mode != 'val':
            self._report()

    def _after_epoch(self, runner: Runner, mode: str = 'train') -> None:
        # A validation may lie between two steps of an epoch.
        if mode == 'val' and self._training:
            self._before_epoch(runner)

    def _watch(self) -> None:
        while not self._stop.wait(max(self._last + self.seconds - time.monotonic(), 0.01)):
            if time.monotonic() - self._last >= self.seconds:
                self._report()

    def _report(self) -> None:
        self.heard()
        if self._logger is not None and self._stage:
            (self.write or self._logger.info)(self._text())

    def _text(self) -> str:
        text = f'{_NAMES[self._stage]}: {self._done} of {self._total} steps'
        times = list(self._times[self._stage])
        if not times:
            return f'{text}, the next one takes {time.monotonic() - self._mark:.0f} s so far'
        # The first step of a run is slower than the others.
        times = times[1:] or times
        pace = sum(times) / len(times)
        left = timedelta(seconds=round(pace * (self._total - self._done)))
        return f'{text}, {pace:.3g} s a step, {left} left'


class _Listener(logging.Handler):
    """Tells the hook about each line of the log."""

    def __init__(self, hook: ProgressHook) -> None:
        super().__init__()
        self._hook = hook

    def emit(self, record: logging.LogRecord) -> None:
        self._hook.heard()
