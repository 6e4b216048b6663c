"""The checker of tag files: it reads a file as a stream and reports its faults.

``check_file.py`` runs the checks. ``categories.py``, ``image_entries.py`` and ``persons.py`` read
the lists, ``geometry.py`` compares boxes and points with the images, ``tally.py`` counts what the
tags can teach; ``image_files.py`` and ``leakage.py`` look beyond the file. To add a check, add its
code to ``lfhpe_mmpose/fault_codes.md`` and call ``findings.add`` where the value is read.
"""

from .check_file import CheckOptions, check_outputs, check_tag_file
from .findings import Finding, Findings
from .histogram import draw_tags
from .report import Report

__all__ = [
    'CheckOptions',
    'Finding',
    'Findings',
    'Report',
    'check_outputs',
    'check_tag_file',
    'draw_tags',
]
