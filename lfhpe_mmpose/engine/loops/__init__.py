"""Loops of the MMEngine runner.

To add one, write it in a file of its own, register it in ``mmpose.registry.LOOPS`` and import it
here.
"""

from .epoch_train_loop import ResumableEpochTrainLoop

__all__ = ['ResumableEpochTrainLoop']
