"""A model whose weights, gradients and optimizer state are split over processes."""

from typing import Any

from mmengine._strategy import FSDPStrategy
from mmengine.optim import BaseOptimWrapper
from mmengine.registry import STRATEGIES
from torch import nn
from torch.distributed.fsdp import FullyShardedDataParallel

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.machine import has_accelerator


@STRATEGIES.register_module()
class ShardedStrategy(FSDPStrategy):
    """MMEngine's ``FSDPStrategy`` with the results of an unsharded run.

    - Gradients are clipped by the norm of all parts together (``ShardedOptimWrapper``).
    - The optimizer's state is loaded on resuming. MMEngine 0.10.7 passes it in the argument order
      of PyTorch before 2.0, which ends in a ``TypeError``.
    - It runs without a GPU, for trials.

    Args:
        model_wrapper: Arguments of ``MMFullyShardedDataParallel``. An ``auto_wrap_policy`` may
            split the backbone and the neck, but not the head, whose methods are called beside
            its ``forward``.
        state_dict_cfg: ``'full'``, one checkpoint as any other run writes it, or ``'local'``, a
            folder with a part for each process.
        kwargs: Further arguments of ``mmengine._strategy.FSDPStrategy``.

    Raises:
        UserError: 'option' if the optimizer wrapper clips gradients in its own way.
    """

    def __init__(
        self,
        *,
        model_wrapper: dict[str, Any] | None = None,
        state_dict_cfg: str | dict[str, Any] = 'full',
        **kwargs: Any,
    ) -> None:
        model_wrapper = dict(model_wrapper or dict(type='MMFullyShardedDataParallel'))
        if not has_accelerator():
            # MMEngine would ask for the GPU with the number of the process.
            model_wrapper.setdefault('device_id', 'cpu')
            if state_dict_cfg == 'full':
                # Moved to the CPU where it is already, the state crashes PyTorch 2.13.
                options = dict(rank0_only=True, offload_to_cpu=False)
                state_dict_cfg = dict(
                    state_dict_type='FULL_STATE_DICT',
                    state_dict_config=dict(type='FullStateDictConfig', **options),
                    optim_state_dict_config=dict(type='FullOptimStateDictConfig', **options),
                )
        super().__init__(model_wrapper=model_wrapper, state_dict_cfg=state_dict_cfg, **kwargs)

    def build_optim_wrapper(
        self, optim_wrapper: BaseOptimWrapper | dict[str, Any], model: nn.Module | None = None
    ) -> BaseOptimWrapper:
        """Build the optimizer wrapper that clips by the whole norm."""
        if isinstance(optim_wrapper, dict) and optim_wrapper.get('clip_grad'):
            kind = optim_wrapper.get('type', 'OptimWrapper')
            if kind not in ('OptimWrapper', 'ShardedOptimWrapper'):
                raise UserError(
                    'option',
                    f'optim_wrapper.type = {kind!r}',
                    'With ShardedStrategy it clips the part of a gradient that a process holds by '
                    'the norm of that part alone.',
                    "Set it to 'OptimWrapper', or optim_wrapper.clip_grad=None. For mixed "
                    'precision set strategy.model_wrapper.mixed_precision.param_dtype=bfloat16.',
                )
            optim_wrapper = optim_wrapper.copy()
            optim_wrapper['type'] = 'ShardedOptimWrapper'
        return super().build_optim_wrapper(optim_wrapper, model)

    def load_optim_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load the part of the optimizer's state that belongs to this process."""
        part = FullyShardedDataParallel.optim_state_dict_to_load(
            model=self.model, optim=self.optim_wrapper.optimizer, optim_state_dict=state_dict
        )
        self.optim_wrapper.load_state_dict(part)
