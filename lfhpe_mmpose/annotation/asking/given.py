"""Answers of a tag file, as those of a session: windows and the whole person."""

from collections.abc import Mapping, Sequence
from typing import Any

from lfhpe_mmpose.tags import is_known, person_tags, person_views

from .answers import Answer
from .grid import Grid
from .questions import Kind, Question, Window


def given_answers(
    annotation: Mapping[str, Any], names: Sequence[str], where: str, grid: Grid
) -> list[Answer]:
    """The known tags of a person; its coordinates are not read.

    The id of a question is the number of its view; 0 is the whole person.

    Args:
        annotation: A person of a tag file.
        names: Names of the K keypoints.
        where: File and entry, for messages.
        grid: The cells of the person.

    Raises:
        UserError: If tags or views are invalid.
    """
    out = []
    whole = person_tags(annotation, names, where)
    rows: list[tuple[Kind, Window, Sequence[int]]] = []
    if whole is not None:
        rows.append(('whole', grid.window, whole))
    for (x, y, w, h), row in person_views(annotation, names, where):
        rows.append(('window', (x, y, w, h), row))
    first = 0 if whole is not None else 1
    for number, (kind, window, tags) in enumerate(rows, first):
        known = [k for k, tag in enumerate(tags) if is_known(tag)]
        if known:
            asked = Question(str(number), annotation['id'], kind, tuple(known), window)
            out.append(Answer(asked, tuple(tags[k] for k in known)))
    return out
