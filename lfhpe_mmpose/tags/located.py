"""Which persons are located: a pure function of seed, image and annotation.

Nothing here looks at a data set's order, at its size or at a random state, so
the choice is the same in every process, on every machine and for every data
set that shares the ids.
"""

import hashlib
from collections.abc import Iterable, Mapping


def person_hash(seed: int, img_id, ann_id, purpose: str) -> int:
    """Hash a person's ids into 64 bits.

    Args:
        seed (int): The seed of the choice.
        img_id (int | str): The image id of the annotation file.
        ann_id (int | str): The annotation id of the person.
        purpose (str): What the number is for, so that two choices made for the
            same person are independent.

    Returns:
        int: A number in [0, 2**64).
    """
    # BLAKE2b rather than Python's hash(), which differs between processes.
    # repr() would tell np.int64(3) from 3; str() does not.
    text = f'{purpose}|{seed}|{img_id}|{ann_id}'
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), 'big')


def is_located(img_id, ann_id, fraction: float, seed: int = 0) -> bool:
    """Tell whether the coordinates of a person may be used (our choice).

    The person's hash is a number in [0, 1) that does not depend on
    ``fraction``, hence the located sets are nested: 5% lies inside 10%.

    Args:
        img_id (int | str): The image id.
        ann_id (int | str): The annotation id.
        fraction (float): The location fraction in [0, 1].
        seed (int): Seed of the choice. Defaults to 0.

    Returns:
        bool: True for a located person, False for a tagged one.
    """
    return person_hash(seed, img_id, ann_id, 'located') < fraction * 2.0**64


def located_persons(persons: Iterable[Mapping], fraction: float, seed: int = 0) -> list[tuple]:
    """List the located persons of a data set.

    Args:
        persons (Iterable[Mapping]): Data infos or results with ``img_id`` and
            ``id``, e.g. ``(dataset.get_data_info(i) for i in range(len(dataset)))``.
        fraction (float): The location fraction in [0, 1].
        seed (int): Seed of the choice. Defaults to 0.

    Returns:
        list[tuple]: Sorted ``(img_id, id)`` of each located person. Who has no coordinate
        in the file (``has_locations`` is False) is not among them.
    """
    return sorted(
        (p['img_id'], p['id'])
        for p in persons
        if p.get('has_locations', True) and is_located(p['img_id'], p['id'], fraction, seed)
    )
