"""Extensions of the MMEngine runner: hooks, loops, optimizer wrappers and strategies."""

from . import hooks, loops, optim_wrappers, strategies

__all__ = ['hooks', 'loops', 'optim_wrappers', 'strategies']
