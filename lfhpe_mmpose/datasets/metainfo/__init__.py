"""Keypoint sets in MMPose's ``dataset_info`` form, one file a set.

To add a set, write ``<name>.py`` with a ``dataset_info`` dict and point a data set class's
``METAINFO`` at it with :func:`metainfo_path`.
"""

from pathlib import Path


def metainfo_path(name: str) -> str:
    """Absolute path of a packaged metainfo file.

    Args:
        name (str): File name, such as ``'lspet.py'``.

    Returns:
        str: Path for ``dict(from_file=...)``.

    Raises:
        ValueError: If there is no such file.
    """
    path = Path(__file__).resolve().parent / name
    if not path.is_file():
        known = sorted(p.name for p in path.parent.glob('*.py') if p.name != '__init__.py')
        raise ValueError(f'there is no packaged metainfo file {name!r}; there are {known}')
    return str(path)
