"""Studies: recipes x location fractions x views x seeds, run one by one into a table.

``plan`` reads a study file and lists its runs, ``execute`` trains what is not done yet
through ``lfhpe train``, ``tables`` and ``plots`` show the results. To add a column,
see ``tables.COLUMNS``; a plot is a function in ``plots``.
"""

from .execute import done_runs, run_study
from .plan import StudyPlan, StudyRun, read_plan
from .plots import write_plots
from .tables import COLUMNS, collect_rows, read_rows, write_tables

__all__ = [
    'COLUMNS',
    'StudyPlan',
    'StudyRun',
    'collect_rows',
    'done_runs',
    'read_plan',
    'read_rows',
    'run_study',
    'write_plots',
    'write_tables',
]
