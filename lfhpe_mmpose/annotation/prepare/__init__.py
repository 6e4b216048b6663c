"""Public data sets, converted from their authors' files to COCO-style files for the configs.

``prepare_dataset`` does all of it, see docs/datasets.md. A converter is a function that takes a
``Job`` and yields a ``Part`` for each annotation file. To add a data set with
COCO-style files, add an entry in ``coco_style``; otherwise write a converter in its own file.
Then list it in ``DATASETS``.
"""

from .job import Job, OriginalPart, Part
from .prepare import DATASETS, prepare_dataset

__all__ = ['DATASETS', 'Job', 'OriginalPart', 'Part', 'prepare_dataset']
