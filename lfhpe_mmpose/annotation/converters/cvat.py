"""CVAT: its XML ('CVAT for images 1.1') and its COCO files with attributes.

A box whose attributes are keypoints is a tagged person, and a ``tag`` with such attributes a
tagged whole image. A box with the label ``view`` is a tagged view of the person in its group (key
G in CVAT). A skeleton is a located person, the same one as the box in its group. The forms are
those of CVAT's documentation of its XML format and of its COCO Keypoints export.
"""

from collections.abc import Sequence

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile, tag_file_from

from .answers import DEFAULT_WORDS, AnswerWords
from .cvat_coco import tags_from_attributes
from .cvat_persons import PersonReader
from .cvat_write import write
from .cvat_xml import REMEDY, parts
from .plan_answers import put_back
from .source import open_member, read_json

__all__ = ['read', 'write']

_MEMBERS = ('annotations.xml', '.xml', '.json')


def read(
    path: str,
    names: Sequence[str] | None = None,
    plan: TagFile | None = None,
    words: AnswerWords = DEFAULT_WORDS,
    conflicts: str = 'error',
    label: str | None = None,
) -> TagFile:
    """Read what CVAT exported: XML, JSON, or the zip archive with one of them.

    The keypoints are by default the points of the skeleton, else the select, radio and checkbox
    attributes of the labels. ``label`` is the label of the persons, by default every label with
    keypoints. ``info.left_out`` counts the shapes that were not read.
    """
    remedy = "Give CVAT's export of one task as it is, or the annotation file in it."
    with open_member(path, _MEMBERS, remedy) as file:
        head = file.read(64).lstrip(b'\xef\xbb\xbf \t\r\n')
    with open_member(path, _MEMBERS, remedy) as file:
        if head[:1] in (b'{', b'['):
            if plan is not None:
                fault = "answers to a plan are read from CVAT's XML only."
                raise UserError('option', path, fault, REMEDY)
            tags = tag_file_from(read_json(file, path, remedy), path)
            return tags_from_attributes(tags, names, words, label)
        if plan is not None and names is None:
            names = plan.names()
        reader = PersonReader(path, names, words, label, for_plan=plan is not None)
        for part in parts(file, path):
            reader.take(part)
    return reader.finish() if plan is None else put_back(plan, reader.answers, conflicts)
