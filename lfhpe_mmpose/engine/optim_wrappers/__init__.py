"""Optimizer wrappers: how a step is taken.

To add one, write it in a file of its own, register it in
``mmpose.registry.OPTIM_WRAPPERS`` and import it here.
"""

from .bf16_optim_wrapper import Bf16OptimWrapper, cpu_has_bfloat16
from .sharded_optim_wrapper import ShardedOptimWrapper

__all__ = ['Bf16OptimWrapper', 'ShardedOptimWrapper', 'cpu_has_bfloat16']
