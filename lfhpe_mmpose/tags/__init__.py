"""Tags: which keypoints are visible in an image, without coordinates (docs/tag-format.md).

``values`` the tag values and their predicates; ``visibility`` tags from visibility flags;
``labels`` and ``entries`` what makes a tag file valid, with ``faults`` and ``fields``; ``persons``
reads one person; ``tag_file`` the file; ``views`` sub-crops and their tags; ``located`` which
persons are located; ``flip_pairs`` left and right. Nothing here imports torch or MMPose.
"""

from .labels import is_tag
from .persons import (
    has_coordinates,
    named_tags,
    parse_box,
    parse_tags,
    person_tags,
    person_views,
    visibility_flags,
)
from .tag_file import SCHEMA, TAG_FORMAT, TagFile, load_tag_file, tag_file_from
from .values import ABSENT, SEEN, TAG_VALUES, UNKNOWN, is_absent, is_known, is_visible
from .visibility import OCCLUDED_TAGS, tags_from_visibility

__all__ = [
    'ABSENT',
    'OCCLUDED_TAGS',
    'SCHEMA',
    'SEEN',
    'TAG_FORMAT',
    'TAG_VALUES',
    'UNKNOWN',
    'TagFile',
    'has_coordinates',
    'is_absent',
    'is_known',
    'is_tag',
    'is_visible',
    'load_tag_file',
    'named_tags',
    'parse_box',
    'parse_tags',
    'person_tags',
    'person_views',
    'tag_file_from',
    'tags_from_visibility',
    'visibility_flags',
]
