"""Extensions of the MMEngine runner: hooks and optimizer wrappers."""

from . import hooks, optim_wrappers

__all__ = ['hooks', 'optim_wrappers']
