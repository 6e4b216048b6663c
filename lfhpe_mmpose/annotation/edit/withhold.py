"""Nested location fractions as files: the coordinates of all but a share of the persons are gone.

``WithholdLocations`` drops coordinates each time a person is loaded. Here they are dropped once
and for all, so that the file can be given to people who must not see them.
"""

from dataclasses import replace
from typing import Any

from lfhpe_mmpose.annotation.withhold import withhold
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, has_coordinates
from lfhpe_mmpose.tags.file_faults import persons_with_images
from lfhpe_mmpose.tags.located import is_located

from .persons import keypoint_names


def locate_fraction(
    tags: TagFile,
    fraction: float,
    seed: int = 0,
    occluded: str = 'positive',
    views: int = 1,
    view_seed: int = 0,
    whole_person: bool = True,
) -> TagFile:
    """Make a file in which a share of the persons is located, and the others are tagged.

    The located persons are those of ``WithholdLocations(fraction, seed)``; they are unchanged.
    The others are what ``withhold`` leaves of them. A person
    that teaches nothing is left out; of images and of the file as a whole only the entries of the
    format stay.

    Args:
        tags: The file; not changed.
        fraction: Location fraction in [0, 1].
        seed: Seed of the located persons.
        occluded: Tag of a keypoint with flag 1: 'positive', 'negative' or 'unknown'.
        views: Views of a tagged person that has coordinates and no views, the whole person
            included.
        view_seed: Seed of the views.
        whole_person: Whether the whole person is one of the views.

    Raises:
        UserError: 'fraction' if it is out of range; if another argument or an entry is invalid.
    """
    if not 0 <= fraction <= 1:
        place, remedy = f'location fraction {fraction:g}', 'Give one in [0, 1], 25% as 0.25.'
        raise UserError('fraction', place, 'it is out of range.', remedy)
    names = keypoint_names(tags)
    located, others = {}, []
    for i, (person, _, where) in enumerate(persons_with_images(tags)):
        coordinates = has_coordinates(person, names, where)
        if coordinates and is_located(person['image_id'], person['id'], fraction, seed):
            located[i] = person
        else:
            others.append(person)
    out = withhold(
        replace(tags, annotations=others),
        views,
        view_seed,
        occluded,
        whole_person=whole_person,
    )
    # Both lists are in the order of the file; persons that teach nothing are not in the second.
    tagged = iter(out.annotations)
    following = next(tagged, None)
    persons = []
    for i, person in enumerate(tags.annotations):
        if i in located:
            persons.append(person)
        elif following is not None and _same(person, following):
            persons.append(following)
            following = next(tagged, None)
    return replace(out, annotations=persons)


def count_located(tags: TagFile) -> int:
    """Number of persons with coordinates.

    Raises:
        UserError: If an entry is malformed.
    """
    names = keypoint_names(tags)
    return sum(has_coordinates(a, names, where) for a, where in tags.with_index())


def _same(person: dict[str, Any], tagged: dict[str, Any]) -> bool:
    return all(person.get(key) == tagged.get(key) for key in ('id', 'image_id', 'category_id'))
