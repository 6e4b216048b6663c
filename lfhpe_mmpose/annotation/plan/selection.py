"""Which pictures of all that could be asked are asked, and which were answered already."""

from collections.abc import Sequence

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, person_tags, person_views
from lfhpe_mmpose.tags.located import person_hash
from lfhpe_mmpose.tags.values import UNKNOWN

from .pictures import Picture

# Pixels by which a window may differ that went through another program.
_NEAR = 0.01


def shuffled(pictures: Sequence[Picture], seed: int) -> list[int]:
    """An order by chance that does not depend on what else is in the folder.

    Args:
        pictures (Sequence[Picture]): The pictures.
        seed (int): The seed.

    Returns:
        list[int]: Indices.
    """

    def number(i: int) -> tuple[int, str]:
        p = pictures[i]
        return person_hash(seed, p.image_id, p.annotation, f'picture {p.view}'), p.file

    return sorted(range(len(pictures)), key=number)


def not_answered(
    pictures: Sequence[Picture], persons: Sequence[dict], done: TagFile
) -> list[Picture]:
    """Leave out the pictures that a tag file answers.

    Args:
        pictures (Sequence[Picture]): The pictures.
        persons (Sequence[dict]): Their persons, with ``tag_views``.
        done (TagFile): Tags that there are. A picture is answered if its person (by image id
            and id) has a tag, for a sub-crop in a view with the same window.

    Returns:
        list[Picture]: The others, in the same order.

    Raises:
        UserError: If the file has tags, and none is about these pictures.
    """
    asked = {person['id']: person for person in persons}
    answered: set[tuple] = set()
    some = False
    for annotation, where in done.with_index():
        names = done.names(annotation.get('category_id'))
        whole = person_tags(annotation, names, where) or []
        windows = [
            box
            for box, tags in person_views(annotation, names, where)
            if any(tag != UNKNOWN for tag in tags)
        ]
        known = any(tag != UNKNOWN for tag in whole)
        some = some or known or bool(windows)
        person = asked.get(annotation['id'])
        if person is None or person['image_id'] != annotation.get('image_id'):
            continue
        if known:
            answered.add((person['id'], 0))
        for v, view in enumerate(person['tag_views'], 1):
            if any(_same(view['bbox'], window) for window in windows):
                answered.add((person['id'], v))
    if some and not answered:
        raise UserError(
            f'{done.path}: holds tags, but none of these pictures. Give the tags that were '
            'imported with a plan of these images, with the same --seed.'
        )
    return [p for p in pictures if (p.annotation, p.view) not in answered]


def _same(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) < _NEAR for a, b in zip(one, other, strict=True))
