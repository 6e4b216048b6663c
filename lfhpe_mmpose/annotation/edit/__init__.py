"""Everyday work on tag files: split, withhold, merge, subset, statistics.

One file a task, each a pure function from tag files in memory to tag files in memory;
``persons.py`` reads what they share and ``write.py`` writes several files together. To add a
task, add a file here and ``tools/<task>_tags.py``, its command line.
"""

from .merge import CONFLICT_CHOICES, Merged, merge_tag_files
from .split import file_lists, split_by_fraction, split_by_lists
from .statistics import statistics_table, tag_statistics
from .subset import subset_tag_file
from .withhold import count_located, locate_fraction
from .write import read_list, write_together

__all__ = [
    'CONFLICT_CHOICES',
    'Merged',
    'count_located',
    'file_lists',
    'locate_fraction',
    'merge_tag_files',
    'read_list',
    'split_by_fraction',
    'split_by_lists',
    'statistics_table',
    'subset_tag_file',
    'tag_statistics',
    'write_together',
]
