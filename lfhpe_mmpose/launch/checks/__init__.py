"""Checks before a run: bad input is refused within seconds, before training starts.

:func:`check_before_run` looks at what a config names (annotation files, images,
pipelines, weights, devices) before MMEngine's runner exists, so that nothing of
an earlier run is touched by a run that cannot succeed. Each file here holds the
checks of one subject as functions that return the problems found. To add a
check, write such a function in the file of its subject and call it in ``run``.
"""

from .before_run import check_before_run
from .report import PreflightError, problem

__all__ = ['PreflightError', 'check_before_run', 'problem']
