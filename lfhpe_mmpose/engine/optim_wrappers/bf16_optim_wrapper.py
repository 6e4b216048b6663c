"""Mixed precision in bfloat16, on the CPU as well."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.optim import OptimWrapper
from mmpose.registry import OPTIM_WRAPPERS
from torch import nn


@OPTIM_WRAPPERS.register_module()
class Bf16OptimWrapper(OptimWrapper):
    """Run the forward pass in bfloat16; weights and gradients stay float32.

    MMEngine's ``AmpOptimWrapper`` refuses the CPU. Here the device is the model's, so one
    config serves both. bfloat16 has float32's range, so no loss is scaled. Processors with
    bfloat16 instructions (``avx512_bf16``, ``amx_bf16``) gain about a factor of two,
    others may lose.

    Args:
        kwargs: Arguments of :class:`mmengine.optim.OptimWrapper`.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Cast the operations of a forward pass.

        Args:
            model (nn.Module): The model.
        """
        device = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(device, dtype=torch.bfloat16):
            yield
