"""Keypoint sets in MMPose's ``dataset_info`` form, one file a set.

To add a set, write ``<name>.py`` with a ``dataset_info`` dict and point a data set class's
``METAINFO`` at it with ``metainfo_path``.
"""

from pathlib import Path


def metainfo_path(name: str) -> str:
    """Absolute path of a packaged metainfo file, such as ``'lspet.py'``."""
    return str(Path(__file__).resolve().with_name(name))
