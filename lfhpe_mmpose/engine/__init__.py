"""Extensions of the MMEngine runner: hooks, optimizer wrappers and strategies."""

from . import hooks, optim_wrappers, strategies

__all__ = ['hooks', 'optim_wrappers', 'strategies']
