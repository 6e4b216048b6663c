"""What other annotation programs write, read as tag files and written from them.

A format is a module here with two functions, and a line in :data:`FORMATS`::

    def read(path, names=None, plan=None, words=DEFAULT_WORDS, conflicts='error') -> TagFile
    def write(tags, path) -> None

``names`` are the keypoints (default: those the file names), ``plan`` is the tag file of an
annotation plan whose pictures the answers are about, ``words`` say which answers mean what, and
``conflicts`` what becomes of two answers to one question. A mistake in the file raises a
:class:`~lfhpe_mmpose.errors.UserError` that names the file, the place in it and the remedy.
Options of one format are further arguments, listed in ``tools/import_tags.py``.
``answers`` reads one answer, ``plan_answers`` puts answers about a plan's pictures back to the
persons and views, ``builder`` makes a tag file person by person.
"""

from types import ModuleType

from lfhpe_mmpose.errors import UserError

from . import coco, cvat, label_studio, table
from .answers import DEFAULT_WORDS, AnswerWords, answer
from .builder import nearest
from .plan_answers import put_back

FORMATS: dict[str, ModuleType] = {
    'label-studio': label_studio,
    'cvat': cvat,
    'coco': coco,
    'table': table,
}

__all__ = ['DEFAULT_WORDS', 'FORMATS', 'AnswerWords', 'answer', 'check_format', 'put_back']


def check_format(name: str) -> ModuleType:
    """Find a format.

    Args:
        name (str): Its name.

    Returns:
        ModuleType: Its module.

    Raises:
        UserError: If there is none of this name.
    """
    if name not in FORMATS:
        raise UserError(
            f'{name!r} is no format.{nearest(name.replace("_", "-"), FORMATS)} Give one of '
            f'{", ".join(FORMATS)}.'
        )
    return FORMATS[name]
