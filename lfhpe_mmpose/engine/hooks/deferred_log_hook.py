"""Losses are copied from the device when they are logged, not in every iteration."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from mmengine.hooks import LoggerHook, RuntimeInfoHook
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch import Tensor

from lfhpe_mmpose.errors import UserError


@HOOKS.register_module()
class DeferredLogHook(RuntimeInfoHook):
    """MMEngine's ``RuntimeInfoHook`` without waiting for the device in each iteration.

    That hook turns every loss into a number at once, and ``OptimWrapper`` the norm of the
    gradients, so the host waits for the end of a step before it prepares the next one. Here they
    stay tensors until the next line of the log, the end of the epoch or a checkpoint, and are
    then copied together. History and log are the same.

    It replaces the other in a config:
    ``default_hooks = dict(runtime_info=dict(type='DeferredLogHook'))``.

    Args:
        interval: Iterations between two copies. Defaults to None, the interval of the run's
            ``LoggerHook``.
    """

    priority = 'VERY_HIGH'

    def __init__(self, interval: int | None = None) -> None:
        if interval is not None and interval < 1:
            fault = f'It is {interval}, which is below 1.'
            raise UserError('option', 'DeferredLogHook.interval', fault, 'Correct it.')
        super().__init__()
        self.interval = interval
        self._every = interval or 1
        self._waiting: list[tuple[str, Tensor]] = []

    def before_train(self, runner: Runner) -> None:
        """Find the interval of the log, and take over the norm of the gradients."""
        super().before_train(runner)
        if self.interval is None:
            intervals = [h.interval for h in runner.hooks if isinstance(h, LoggerHook)]
            self._every = math.gcd(*intervals) or 1
        for wrapper in _wrappers(runner.optim_wrapper):
            if getattr(wrapper, 'clip_grad_kwargs', None):
                wrapper.clip_func = self._keep_norm(wrapper.clip_func, wrapper.grad_name)

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep the losses; write them if a line of the log is due."""
        for name, value in (outputs or {}).items():
            if isinstance(value, Tensor):
                # A copy: a compiled step may use the memory again.
                self._waiting.append((f'train/{name}', value.detach().clone()))
            else:
                runner.message_hub.update_scalar(f'train/{name}', value)
        last = self.end_of_epoch(runner.train_dataloader, batch_idx)
        if last or self.every_n_inner_iters(batch_idx, self._every):
            self._write(runner)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Complete the history in the checkpoint up to its iteration."""
        if self._waiting:
            self._write(runner)
            checkpoint['message_hub'] = runner.message_hub.state_dict()

    def after_train(self, runner: Runner) -> None:
        """Write the rest of a run that ends between two lines of the log."""
        self._write(runner)
        super().after_train(runner)

    def _write(self, runner: Runner) -> None:
        if not self._waiting:
            return
        names, values = zip(*self._waiting)
        self._waiting.clear()
        numbers = torch.stack([value.float().mean() for value in values]).tolist()
        for name, number in zip(names, numbers):
            runner.message_hub.update_scalar(name, number)

    def _keep_norm(self, clip: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Clip, and keep the norm from the wrapper, which would wait for it."""

        def clip_and_keep(*args: Any, **kwargs: Any) -> None:
            norm = clip(*args, **kwargs)
            if norm is not None:
                self._waiting.append((f'train/{name}', norm.detach().clone()))

        return clip_and_keep


def _wrappers(wrapper: OptimWrapper | OptimWrapperDict) -> Iterator[OptimWrapper]:
    if isinstance(wrapper, OptimWrapperDict):
        yield from wrapper.values()
    else:
        yield wrapper
