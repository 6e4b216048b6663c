"""Split a tag file into parts by image: never a person of one image in two parts.

By fraction the part of an image follows from a hash of the seed and of its group (its file name,
its folder, or an entry such as the number of its video) alone: it stays when others are added.
"""

import hashlib
import math
import os.path
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile

from .persons import images_by_id, persons_with_images, unknown_name


def split_by_fraction(
    tags: TagFile, fractions: Mapping[str, float], seed: int = 0, group_by: str = 'image'
) -> dict[str, TagFile]:
    """Split by share of the groups.

    The parts lie behind one another in the order given, from 0 to their sum, and each group has
    a place in [0, 1) of its own. So ``train=0.1`` lies inside ``train=0.25``, and behind
    ``val=0.1`` as well, as long as what is named before stays.

    Args:
        tags (TagFile): The file.
        fractions (Mapping[str, float]): Name and share, above 0, of each part; at most 1
            together.
        seed (int): Seed of the choice. Defaults to 0.
        group_by (str): What stays together: 'image' (all entries of one ``file_name``),
            'folder' (of ``file_name``) or the name of an entry of the images. Defaults to
            'image'.

    Returns:
        dict[str, TagFile]: The parts. What lies behind their sum is in none.

    Raises:
        UserError: If a fraction is out of range, a part would be empty, or an image has
            no such entry.
    """
    edges = _edges(fractions)
    chosen: dict[str, set] = {name: set() for name in fractions}
    images_by_id(tags)  # tells what is wrong with them
    for i, image in enumerate(tags.images):
        key = _group(image, group_by, f'{tags.path}: images[{i}] (id {image["id"]})')
        place = _place(seed, key)
        for name, (low, high) in edges.items():
            if low <= place < high:
                chosen[name].add(image['id'])
    for name, ids in chosen.items():
        if not ids:
            raise UserError(
                f'{tags.path}: part {name!r} ({fractions[name]:g}) would hold none of the '
                f'{len(tags.images)} images. Raise its fraction, or take another seed.'
            )
    return {name: take_images(tags, ids) for name, ids in chosen.items()}


def split_by_lists(tags: TagFile, lists: Mapping[str, Sequence[str]]) -> dict[str, TagFile]:
    """Split by lists of file names.

    Args:
        tags (TagFile): The file.
        lists (Mapping[str, Sequence[str]]): Name of each part and the ``file_name`` of its
            images.

    Returns:
        dict[str, TagFile]: The parts. An image that no list names is in none.

    Raises:
        UserError: If a name is that of no image, or in two lists.
    """
    ids: dict[str, set] = {}
    for image in images_by_id(tags).values():
        ids.setdefault(image['file_name'], set()).add(image['id'])
    owner: dict[str, str] = {}
    out = {}
    for part, names in lists.items():
        for name in names:
            if name not in ids:
                raise UserError(f'{part}: {unknown_name(name, list(ids), "image")} ({tags.path})')
            if owner.setdefault(name, part) != part:
                raise UserError(
                    f'{name!r} is in the lists of {owner[name]} and of {part}: an image can be '
                    'in one part only. Remove it from one.'
                )
        out[part] = take_images(tags, set().union(*(ids[name] for name in names)))
    return out


def take_images(tags: TagFile, ids: set) -> TagFile:
    """Keep some images and the persons in them.

    Args:
        tags (TagFile): The file.
        ids (set): Ids of the images.

    Returns:
        TagFile: Its lists are new, their entries are not copied.

    Raises:
        UserError: If a person is in no image of the file.
    """
    return replace(
        tags,
        images=[image for image in tags.images if image['id'] in ids],
        annotations=[a for a, image, _ in persons_with_images(tags) if image['id'] in ids],
    )


def file_lists(parts: Mapping[str, TagFile]) -> dict[str, str]:
    """The list of the images of each part, as :func:`split_by_lists` and people read them.

    Args:
        parts (Mapping[str, TagFile]): The parts.

    Returns:
        dict[str, str]: Name and text, one ``file_name`` a line.
    """
    names = {
        part: dict.fromkeys(i['file_name'] for i in tags.images) for part, tags in parts.items()
    }
    return {part: ''.join(f'{name}\n' for name in found) for part, found in names.items()}


def _edges(fractions: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Where each part begins and ends in [0, 1)."""
    for name, fraction in fractions.items():
        if not 0 < fraction <= 1:
            raise UserError(f'fraction {name}={fraction:g}: give one above 0 and at most 1.')
    total = math.fsum(fractions.values())
    if total > 1 + 1e-9:
        raise UserError(f'the fractions make {total:g} together; give at most 1.')
    names = list(fractions)
    sums = [math.fsum(list(fractions.values())[:i]) for i in range(len(names) + 1)]
    if total > 1 - 1e-9:
        sums[-1] = 1.0  # 0.7 + 0.2 + 0.1 is a little less
    return {name: (sums[i], sums[i + 1]) for i, name in enumerate(names)}


def _place(seed: int, key: str) -> float:
    """A number in [0, 1) that nothing but the seed and the group decides."""
    digest = hashlib.blake2b(f'split|{seed}|{key}'.encode('utf-8', 'surrogatepass'), digest_size=8)
    # 53 bits: all that a float below 1 can hold, so that rounding never makes it 1.
    return (int.from_bytes(digest.digest(), 'big') >> 11) / 2.0**53


def _group(image: dict, group_by: str, where: str) -> str:
    if group_by == 'image':
        return image['file_name']
    if group_by == 'folder':
        return str(PurePosixPath(os.path.normpath(image['file_name'].replace('\\', '/'))).parent)
    if image.get(group_by) is None:
        raise UserError(
            f"{where} has no entry {group_by!r} to group by. Give 'image', 'folder' or an entry "
            f'that every image has ({", ".join(map(str, image))}).'
        )
    return f'{group_by}={image[group_by]}'
