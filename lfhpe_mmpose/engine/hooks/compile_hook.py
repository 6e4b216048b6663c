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
    """Compile a pose estimator's ``forward(..., mode='loss')``, in place.

    That is backbone, neck, head and losses in one graph, and autograd's half of it; our
    modules do not break it. Weights, names and ``state_dict`` stay as they are. Other modes
    stay as they are too: flip tests and decoding have little to gain. So do batches of
    another size than the first, such as the last of an epoch, which would have to be
    compiled again.

    Args:
        model (nn.Module): A pose estimator, without a wrapper.
        options (Any): Of ``torch.compile``, for example ``mode='max-autotune'``.
    """
    plain: Callable = model.forward
    compiled = torch.compile(plain, **options)
    first: list[torch.Size] = []

    def forward(inputs: Tensor, data_samples=None, mode: str = 'tensor') -> Any:
        if mode != 'loss':
            return plain(inputs, data_samples, mode=mode)
        if not first:
            first.append(inputs.shape)
        chosen = compiled if inputs.shape == first[0] else plain
        return chosen(inputs, data_samples, mode=mode)

    # The instance's own attribute: the class, and other models of it, stay as they are.
    model.forward = forward  # type: ignore[method-assign]


@HOOKS.register_module()
class CompileHook(Hook):
    """Compile the model's forward pass with ``torch.compile`` before training.

    MMEngine's own ``compile`` entry compiles ``train_step`` as a whole, with its counters and
    its logging, which breaks the graph and compiles again as numbers change. Here the part
    that computes is compiled, and nothing else (see :func:`compile_loss`). The first
    iteration takes a minute or so longer.

    Args:
        options (Any): Of ``torch.compile``: ``mode``, ``backend``, ``fullgraph``, ...
    """

    priority = 'LOW'

    def __init__(self, **options: Any) -> None:
        self.options = options

    def before_train(self, runner: Runner) -> None:
        """Compile.

        Args:
            runner (Runner): The runner.
        """
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        compile_loss(model, **self.options)
        runner.logger.info('CompileHook: the first iteration compiles the model; be patient.')
