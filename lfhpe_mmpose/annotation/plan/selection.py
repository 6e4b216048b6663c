"""Which pictures were answered already."""

from collections.abc import Sequence
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, is_known, person_tags, person_views

from .pictures import Picture

# Rounding of windows by other programs, in pixels.
_NEAR = 0.01


def not_answered(
    pictures: Sequence[Picture], persons: Sequence[dict[str, Any]], done: TagFile
) -> list[Picture]:
    """Remove the pictures that a tag file answers.

    A picture is answered if its person (same image id and id) has a known tag, for a sub-crop in a
    view with the same window.

    Raises:
        UserError: If the file has tags, but none of these pictures.
    """
    asked = {person['id']: person for person in persons}
    answered: set[tuple[Any, ...]] = set()
    some = False
    for annotation, where in done.with_index():
        names = done.names(annotation.get('category_id'))
        whole = any(map(is_known, person_tags(annotation, names, where) or []))
        views = person_views(annotation, names, where)
        windows = [box for box, tags in views if any(map(is_known, tags))]
        some = some or whole or bool(windows)
        person = asked.get(annotation['id'])
        if person is None or person['image_id'] != annotation.get('image_id'):
            continue
        if whole:
            answered.add((person['id'], 0))
        for v, view in enumerate(person['tag_views'], 1):
            if any(_same(view['bbox'], window) for window in windows):
                answered.add((person['id'], v))
    if some and not answered:
        fault = 'the file holds tags, but none of these pictures.'
        remedy = 'Give tags that were imported with a plan of these images and the same --seed.'
        raise UserError('other-plan', done.path, fault, remedy)
    return [p for p in pictures if (p.annotation, p.view) not in answered]


def _same(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) < _NEAR for a, b in zip(one, other, strict=True))
