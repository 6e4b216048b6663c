"""The checker of tag files: reads one as a stream, and tells what is wrong with it.

``run.py`` puts it together. First ``scan.py`` finds the lists in the bytes, then
``categories.py``, ``image_entries.py`` and ``persons.py`` look at each entry, ``geometry.py`` at
boxes and points, and ``tally.py`` at what the tags can teach; ``image_files.py`` and
``leakage.py`` look beyond the file.
To add a check, name its kind in ``kinds.py`` (with the remedy) and in docs/check-tags.md, and
call ``findings.add`` where the value is read.
"""

from .findings import Findings
from .histogram import draw_tags
from .kinds import KINDS, Kind
from .report import Report
from .check_file import CheckOptions, check_tag_file

__all__ = [
    'KINDS',
    'CheckOptions',
    'Findings',
    'Kind',
    'Report',
    'check_tag_file',
    'draw_tags',
]
