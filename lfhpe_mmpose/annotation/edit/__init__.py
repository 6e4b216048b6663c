"""Everyday work on tag files: split, withhold, merge, subset, statistics.

One file a task, each a pure function from tag files in memory to tag files in memory;
``commands.py`` reads and writes the files. To add a task, add a file here and a function to
``commands.py``, which ``lfhpe_mmpose/cli/`` calls.
"""

from .commands import (
    LocatedParts,
    count_file,
    merge_files,
    read_list,
    split_file,
    subset_file,
    write_outputs,
)
from .merge import Merged, merge_tag_files
from .merge_persons import CONFLICT_CHOICES
from .split import file_lists, split_by_fraction, split_by_lists
from .statistics import statistics_table, tag_statistics
from .subset import Conditions, subset_tag_file
from .withhold import count_located, locate_fraction

__all__ = [
    'CONFLICT_CHOICES',
    'Conditions',
    'LocatedParts',
    'Merged',
    'count_file',
    'count_located',
    'file_lists',
    'locate_fraction',
    'merge_files',
    'merge_tag_files',
    'read_list',
    'split_by_fraction',
    'split_by_lists',
    'split_file',
    'statistics_table',
    'subset_file',
    'subset_tag_file',
    'tag_statistics',
    'write_outputs',
]
