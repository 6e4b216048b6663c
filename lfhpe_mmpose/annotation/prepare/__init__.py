"""Public data sets: from the files that their authors give away to tag files with keypoints.

``tools/prepare_dataset.py`` is the command line, docs/datasets.md the overview. A converter is a
function that takes a :class:`Job` and yields a :class:`Part` for each file it makes. To add a
data set whose files are COCO-style, add an entry in :mod:`.coco_style`; otherwise write a
converter in a file of its own. Then name it in :data:`DATASETS`.
"""

from .job import Job, OriginalPart, Part
from .prepare import DATASETS, prepare_dataset

__all__ = ['DATASETS', 'Job', 'OriginalPart', 'Part', 'prepare_dataset']
