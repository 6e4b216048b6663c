"""Mixed precision in bfloat16, on the CPU as well."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.logging import print_log
from mmengine.optim import OptimWrapper
from mmpose.registry import OPTIM_WRAPPERS
from torch import nn


@OPTIM_WRAPPERS.register_module()
class Bf16OptimWrapper(OptimWrapper):
    """Run the forward pass in bfloat16; weights and gradients stay float32.

    MMEngine's ``AmpOptimWrapper`` refuses the CPU. Here the device is the model's, so one
    config serves both. bfloat16 has float32's range, so no loss is scaled. A processor with
    bfloat16 instructions (``avx512_bf16``, ``amx_bf16``) gains about a factor of two; one
    without loses a factor of thirteen (2 against 28 images/s, AMD EPYC with AVX2), so there
    the forward pass stays float32.

    Args:
        always (bool): Cast on a processor without bfloat16 instructions as well.
            Defaults to False.
        kwargs: Arguments of :class:`mmengine.optim.OptimWrapper`.
    """

    def __init__(self, *args, always: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.always = always
        self._told = False

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Cast the operations of a forward pass.

        Args:
            model (nn.Module): The model.
        """
        device = next(model.parameters()).device.type
        cast = self.always or device != 'cpu' or cpu_has_bfloat16()
        if not cast and not self._told:
            self._told = True
            print_log('No bfloat16 instructions here: the run is in float32.', 'current')
        autocast = torch.autocast(device, dtype=torch.bfloat16, enabled=cast)
        with super().optim_context(model), autocast:
            yield


def cpu_has_bfloat16() -> bool:
    """Tell whether the processor has bfloat16 instructions.

    Returns:
        bool: False as well where this version of torch does not tell.
    """
    capabilities: dict = getattr(torch.cpu, 'get_capabilities', dict)()
    return any('bf16' in name and bool(there) for name, there in capabilities.items())
