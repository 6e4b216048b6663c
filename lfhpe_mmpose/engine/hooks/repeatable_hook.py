"""Random numbers that depend on the iteration alone, so that a resumed run repeats exactly."""

import os
import random
from typing import Any

import numpy as np
import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from lfhpe_mmpose.errors import UserError

_KEY = 'repeatable'


@HOOKS.register_module()
class RepeatableHook(Hook):
    """Make a resumed training bit-identical to one that was never stopped.

    - Before each iteration the random numbers of Python, NumPy and torch are seeded from the
      run's seed, the iteration and the process. What loading or validation drew does not matter.
    - A checkpoint records the position in its epoch, the number of threads, on which rounding
      depends, and gradients that wait for the next step (``accumulative_counts``).

    The data are ``SeededSampler``'s part, the position is
    ``ResumableEpochTrainLoop``'s.

    Raises:
        UserError: 'resume' if a checkpoint in the middle of an epoch is resumed with another
            number of batches in an epoch.
    """

    # Before the other hooks of an iteration, and before PlainCheckpointHook.
    priority = 'VERY_HIGH'

    def __init__(self) -> None:
        self._gradients: dict[str, torch.Tensor] = {}

    def before_train(self, runner: Runner) -> None:
        """Restore waiting gradients, once the checkpoint is loaded."""
        for name, parameter in _parameters(runner).items():
            if name in self._gradients:
                parameter.grad = self._gradients[name].to(parameter.device)
        self._gradients = {}

    def before_train_epoch(self, runner: Runner) -> None:
        """Seed what a sampler may draw at the start of an epoch."""
        seed_everything(runner.seed, runner.epoch, get_rank(), 1)

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        """Seed the iteration."""
        seed_everything(runner.seed, runner.iter, get_rank(), 0)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Record the position and what else the weights do not hold."""
        length = len(runner.train_dataloader)
        meta = checkpoint['meta']
        waiting = getattr(runner.optim_wrapper, '_accumulative_counts', 1) > 1
        checkpoint[_KEY] = dict(
            batch=meta['iter'] - meta['epoch'] * length,
            epoch_length=length,
            threads=torch.get_num_threads(),
            gradients={
                name: parameter.grad.detach().cpu().clone()
                for name, parameter in _parameters(runner).items()
                if waiting and parameter.grad is not None
            },
        )

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Take the record of the checkpoint that is resumed."""
        record = checkpoint.get(_KEY)
        if not runner._resume or record is None:
            return
        if not os.environ.get('OMP_NUM_THREADS'):
            torch.set_num_threads(record['threads'])
        self._gradients = record['gradients']
        loop = runner.train_loop
        if not hasattr(loop, 'resumed_batch') or not record['batch']:
            return
        length = len(runner.train_dataloader)
        if record['epoch_length'] != length:
            raise UserError(
                'resume',
                str(runner._load_from),
                f'It was written at batch {record["batch"]} of {record["epoch_length"]} of an '
                f'epoch, which now has {length} batches.',
                'Resume with the same data, batch size and number of processes, or from a '
                'checkpoint at the end of an epoch.',
            )
        loop.resumed_batch = record['batch']


def seed_everything(*words: int | None) -> None:
    """Seed Python, NumPy and torch by a hash of some numbers."""
    entropy = [(word or 0) % 2**32 for word in words]
    first, second, third = np.random.SeedSequence(entropy).generate_state(3)
    random.seed(int(first))
    np.random.seed(int(second))
    torch.manual_seed(int(third))


def _parameters(runner: Runner) -> dict[str, torch.nn.Parameter]:
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    return dict(model.named_parameters())
