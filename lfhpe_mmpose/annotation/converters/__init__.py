"""Tags from and for other programs: one module for each format, listed in ``FORMATS``.

Every format reads in the same three steps: parse the source, put its persons into a
``TagFileBuilder`` (answers about a plan into ``put_back``), and
summarise. To add a format, write a module with two functions and add a line to ``FORMATS``::

    def read(path, names=None, plan=None, words=DEFAULT_WORDS, conflicts='error') -> TagFile
    def write(tags, path) -> None

``names`` are the keypoints, by default those that the file names. ``plan`` is the annotation plan
whose pictures were answered. ``words`` gives answers their meaning. ``conflicts`` ('error' or
'unknown') decides about two different answers to one question. Further arguments are options of
one format, named in ``OWN_OPTIONS``. A mistake in the file raises a
``UserError`` that names the file, the entry and the remedy.
"""

from .answers import DEFAULT_WORDS, AnswerWords, answer
from .convert import FORMATS, export_labels, import_tags
from .plan_answers import put_back

__all__ = [
    'DEFAULT_WORDS',
    'FORMATS',
    'AnswerWords',
    'answer',
    'export_labels',
    'import_tags',
    'put_back',
]
