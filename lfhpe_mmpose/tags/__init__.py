"""Tag files: which keypoints can be seen, said by people, without coordinates.

The format (docs/tag-format.md), and what people do with such files: check, plan, import, export,
edit. ``tools/*_tags.py`` are their command lines. To accept another annotation program, add a
file under ``converters/`` (its docstring says how).
"""

from .tag_file import (
    SCHEMA,
    TAG_FORMAT,
    TagFile,
    load_tag_file,
    parse_box,
    person_tags,
    person_views,
    tag_file_from,
)
from .values import ABSENT, SEEN, TAG_VALUES, UNKNOWN, is_tag, named_tags, parse_tags

__all__ = [
    'ABSENT',
    'SCHEMA',
    'SEEN',
    'TAG_FORMAT',
    'TAG_VALUES',
    'UNKNOWN',
    'TagFile',
    'is_tag',
    'load_tag_file',
    'named_tags',
    'parse_box',
    'parse_tags',
    'person_tags',
    'person_views',
    'tag_file_from',
]
