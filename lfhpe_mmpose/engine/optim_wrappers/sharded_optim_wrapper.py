"""Clipping gradients whose parameters are split over processes."""

import torch
from mmengine.dist import all_reduce
from mmengine.optim import OptimWrapper
from mmpose.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class ShardedOptimWrapper(OptimWrapper):
    """Clip by the norm of the whole gradient where each process holds a part of it.

    Under FSDP (``FULL_SHARD`` and ``SHARD_GRAD_OP``) MMEngine's wrapper clips the part of each
    process by the norm of that part, which changes the direction of the step. Here the squares
    of the parts are summed over all processes first.
    """

    def _clip_grad(self) -> None:
        if self.grad_name != 'grad_norm' or self.clip_grad_kwargs.get('norm_type', 2) != 2:
            # Values are clipped one by one, which needs no other process.
            super()._clip_grad()
            return
        params = [p for group in self.optimizer.param_groups for p in group['params']]
        # A process may hold nothing of a parameter.
        grads = [p.grad for p in params if p.grad is not None and p.grad.numel()]
        total = torch.zeros((), device=params[0].device)
        if grads:
            total = torch.stack([grad.float().square().sum() for grad in grads]).sum()
        all_reduce(total)
        norm = total.sqrt()
        scale = (self.clip_grad_kwargs['max_norm'] / (norm + 1e-6)).clamp(max=1)
        for grad in grads:
            grad.mul_(scale)
        self.message_hub.update_scalar('train/grad_norm', float(norm))
