"""Checks before a run: invalid input is refused within seconds, before anything is written.

``check_before_run`` looks at what a config names: annotation files, images, pipelines,
weights, devices. Each file here holds the checks of one subject as functions that return the
problems found. To add a check, write such a function and call it in ``check_before_run``.
"""

from .before_run import check_before_run
from .report import PreflightError, problem

__all__ = ['PreflightError', 'check_before_run', 'problem']
