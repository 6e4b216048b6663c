"""torch.compile for training."""

from collections.abc import Callable
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch import Tensor, nn


def compile_loss(model: nn.Module, **options: Any) -> None:
    """Compile ``forward(..., mode='loss')`` of a pose estimator without a wrapper, in place.

    Backbone, neck, head and losses become one graph. Weights, names, ``state_dict`` and other
    modes are unchanged. Batches of another size than the first, such as the last of an epoch,
    run uncompiled.

    Args:
        model: The model.
        options: Of ``torch.compile``, e.g. ``mode='max-autotune'``.
    """
    plain: Callable[..., Any] = model.forward
    compiled = torch.compile(plain, **options)
    first: list[torch.Size] = []

    def forward(inputs: Tensor, data_samples: Any = None, mode: str = 'tensor') -> Any:
        if mode != 'loss':
            return plain(inputs, data_samples, mode=mode)
        if not first:
            first.append(inputs.shape)
        chosen = compiled if inputs.shape == first[0] else plain
        return chosen(inputs, data_samples, mode=mode)

    # The instance's own attribute: the class, and other models of it, stay as they are.
    model.forward = forward


@HOOKS.register_module()
class CompileHook(Hook):
    """Compile the model's forward pass with ``torch.compile`` before training.

    MMEngine's ``compile`` entry compiles ``train_step`` with its counters and its logging, which
    break the graph. This hook compiles the computation alone (``compile_loss``). The first
    iteration takes about a minute longer.

    Args:
        options: Of ``torch.compile``: ``mode``, ``backend``, ``fullgraph``, ...
    """

    priority = 'LOW'

    def __init__(self, **options: Any) -> None:
        self.options = options

    def before_train(self, runner: Runner) -> None:
        """Compile the model."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        compile_loss(model, **self.options)
        runner.logger.info(
            'CompileHook: the first iteration compiles the model, which takes a while.'
        )
