"""CVAT: its XML ('CVAT for images 1.1') and its COCO files with attributes.

A box whose attributes are keypoints is a tagged person, a ``tag`` with such attributes a tagged
whole image, a box with the label ``view`` a tagged view of the person in the same group (G in
CVAT), and a skeleton a located person, the same as the box in its group. The forms are those of
CVAT's documentation of its XML format and of its COCO Keypoints export.
"""

import json
from collections.abc import Sequence
from typing import BinaryIO

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile, tag_file_from

from .answers import DEFAULT_WORDS, AnswerWords
from .cvat_coco import tags_from_attributes
from .cvat_persons import PersonReader
from .cvat_write import write
from .cvat_xml import REMEDY, parts
from .files import open_member
from .plan_answers import put_back

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
    """Read what CVAT exported.

    Args:
        path (str): XML or JSON, or the zip archive that CVAT gives.
        names (Sequence[str], optional): Keypoint names. Defaults to None: the points of the
            skeleton, else the select, radio and checkbox attributes of the labels.
        plan (TagFile, optional): Annotation plan whose pictures were annotated, by a ``tag``
            for each. Defaults to None.
        words (AnswerWords): Which answers mean what. Defaults to :data:`DEFAULT_WORDS`.
        conflicts (str): See :func:`~.plan_answers.put_back`. Defaults to ``'error'``.
        label (str, optional): Label of the persons. Defaults to None: every label with
            keypoints.

    Returns:
        TagFile: The persons. ``info.left_out`` counts the shapes that were not read.

    Raises:
        UserError: If the file is damaged, of another format, or an answer is none.
    """
    remedy = "Give CVAT's export of one task as it is, or the annotation file in it."
    with open_member(path, _MEMBERS, remedy) as file:
        head = file.read(64).lstrip(b'\xef\xbb\xbf \t\r\n')
    with open_member(path, _MEMBERS, remedy) as file:
        if head[:1] in (b'{', b'['):
            if plan is not None:
                raise UserError(f"{path}: answers to a plan are read from CVAT's XML. {REMEDY}")
            return tags_from_attributes(_json(file, path), names, words, label)
        if plan is not None and names is None:
            names = plan.names()
        reader = PersonReader(path, names, words, label, for_plan=plan is not None)
        for part in parts(file, path):
            reader.take(part)
    if plan is not None:
        return put_back(plan, reader.answers, conflicts)
    return reader.finish()


def _json(file: BinaryIO, path: str) -> TagFile:
    try:
        data = json.load(file)
    except (ValueError, RecursionError) as error:
        raise UserError(f'{path}: not a JSON file ({error}). Export it again.') from None
    return tag_file_from(data, path)
