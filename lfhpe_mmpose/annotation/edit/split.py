"""Split a tag file into parts by image: the persons of an image stay together.

By fraction the part of an image follows from a hash of the seed and of its group (its file name,
its folder, or an entry such as the number of its video) alone, so it stays when others are added.
"""

import hashlib
import math
import os.path
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile
from lfhpe_mmpose.tags.file_faults import images_by_id, persons_with_images

from .persons import unknown_name


def split_by_fraction(
    tags: TagFile, fractions: Mapping[str, float], seed: int = 0, group_by: str = 'image'
) -> dict[str, TagFile]:
    """Split by share of the groups.

    Each group has a place in [0, 1), and the parts are consecutive in the given order. So the
    part of ``train=0.1`` lies inside that of ``train=0.25``, as long as the parts before it stay.
    If the fractions sum to less than 1, the remaining images are unassigned.

    Args:
        tags: The file.
        fractions: Name and share, above 0, of each part.
        seed: Seed of the choice.
        group_by: What stays together: 'image' (all entries of one ``file_name``), 'folder' (of
            ``file_name``) or the name of an entry of the images.

    Raises:
        UserError: 'fraction' if one is out of range, 'empty-part', 'group-by' if an image does not
            have the entry.
    """
    edges = _edges(fractions)
    chosen: dict[str, set[Any]] = {name: set() for name in fractions}
    images_by_id(tags)  # raises if one is malformed
    for i, image in enumerate(tags.images):
        key = _group(image, group_by, f'{tags.path}: images[{i}] (id {image["id"]})')
        place = _place(seed, key)
        for name, (low, high) in edges.items():
            if low <= place < high:
                chosen[name].add(image['id'])
    for name, ids in chosen.items():
        if not ids:
            fault = f'part {name!r} ({fractions[name]:g}) has none of {len(tags.images)} images.'
            remedy = 'Raise its fraction, or take another seed.'
            raise UserError('empty-part', tags.path, fault, remedy)
    return {name: take_images(tags, ids) for name, ids in chosen.items()}


def split_by_lists(tags: TagFile, lists: Mapping[str, Sequence[str]]) -> dict[str, TagFile]:
    """Split by lists of file names; an image that no list names is in no part.

    Raises:
        UserError: 'unknown-name' if no image has a name, 'two-parts' if two lists have it.
    """
    ids: dict[str, set[Any]] = {}
    for image in images_by_id(tags).values():
        ids.setdefault(image['file_name'], set()).add(image['id'])
    owner: dict[str, str] = {}
    out = {}
    for part, names in lists.items():
        for name in names:
            if name not in ids:
                raise unknown_name(f'{tags.path}, list {part}', name, list(ids), 'image')
            if owner.setdefault(name, part) != part:
                fault = f'{name!r} is in the lists {owner[name]} and {part}.'
                raise UserError('two-parts', tags.path, fault, 'Remove it from one of them.')
        out[part] = take_images(tags, set().union(*(ids[name] for name in names)))
    return out


def take_images(tags: TagFile, ids: set[Any]) -> TagFile:
    """Keep the images with some ids and the persons in them; the entries are not copied.

    Raises:
        UserError: 'unknown-image' if a person is in no image of the file.
    """
    return replace(
        tags,
        images=[image for image in tags.images if image['id'] in ids],
        annotations=[a for a, image, _ in persons_with_images(tags) if image['id'] in ids],
    )


def file_lists(parts: Mapping[str, TagFile]) -> dict[str, str]:
    """The list of the images of each part for ``split_by_lists``: one name a line."""
    names = {
        part: dict.fromkeys(i['file_name'] for i in tags.images) for part, tags in parts.items()
    }
    return {part: ''.join(f'{name}\n' for name in found) for part, found in names.items()}


def _edges(fractions: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Where each part begins and ends in [0, 1)."""
    for name, fraction in fractions.items():
        if not 0 < fraction <= 1:
            place, remedy = f'fraction {name}={fraction:g}', 'Give one above 0 and at most 1.'
            raise UserError('fraction', place, 'it is out of range.', remedy)
    total = math.fsum(fractions.values())
    if total > 1 + 1e-9:
        raise UserError('fraction', 'fractions', f'they sum to {total:g}.', 'Give at most 1.')
    names = list(fractions)
    sums = [math.fsum(list(fractions.values())[:i]) for i in range(len(names) + 1)]
    if total > 1 - 1e-9:
        sums[-1] = 1.0  # 0.7 + 0.2 + 0.1 is a little less
    return {name: (sums[i], sums[i + 1]) for i, name in enumerate(names)}


def _place(seed: int, key: str) -> float:
    """A number in [0, 1) that depends on the seed and the group alone."""
    digest = hashlib.blake2b(f'split|{seed}|{key}'.encode('utf-8', 'surrogatepass'), digest_size=8)
    # 53 bits: all that a float below 1 can hold, so that rounding never makes it 1.
    return (int.from_bytes(digest.digest(), 'big') >> 11) / 2.0**53


def _group(image: dict[str, Any], group_by: str, where: str) -> str:
    if group_by == 'image':
        return str(image['file_name'])
    if group_by == 'folder':
        return str(PurePosixPath(os.path.normpath(image['file_name'].replace('\\', '/'))).parent)
    if image.get(group_by) is None:
        remedy = "Give 'image', 'folder' or an entry that every image has "
        remedy += f'({", ".join(map(str, image))}).'
        raise UserError('group-by', where, f'the entry {group_by!r} is missing.', remedy)
    return f'{group_by}={image[group_by]}'
