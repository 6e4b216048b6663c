"""Extensions of the MMEngine runner: hooks."""

from . import hooks

__all__ = ['hooks']
