"""The memory layout of a model's convolutions."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Lay a model's weights out with the channels last.

    Convolutions then compute in that layout whatever their input's is. On a CPU, and on
    a GPU with mixed precision, that is faster; numbers change by rounding alone, shapes
    and checkpoints not at all.
    """

    def before_train(self, runner: Runner) -> None:
        """Change the layout, after the weights are drawn: random numbers follow the layout.

        Args:
            runner (Runner): The runner.
        """
        runner.model.to(memory_format=torch.channels_last)

    def before_test(self, runner: Runner) -> None:
        """Change the layout for a test.

        Args:
            runner (Runner): The runner.
        """
        self.before_train(runner)
