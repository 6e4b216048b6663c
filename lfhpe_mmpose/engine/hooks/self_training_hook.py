"""When a head starts to learn from its own peaks."""

from typing import Any

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmpose.registry import HOOKS


@HOOKS.register_module()
class SelfTrainingHook(Hook):
    """Set ``self_training`` of the head from an iteration on.

    Args:
        begin: First iteration with self-training, from 0; before it the tags alone train.
    """

    def __init__(self, begin: int) -> None:
        self.begin = begin

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        """Switch self-training on or off."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        model.head.self_training = runner.iter >= self.begin
