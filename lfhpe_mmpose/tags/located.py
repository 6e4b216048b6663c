"""Which persons are located: a function of seed, image id and annotation id alone.

The choice is the same in every process, on every machine and for every data set with these ids.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any


def person_hash(seed: int, img_id: int | str, ann_id: int | str, purpose: str) -> int:
    """Hash a person's ids into a number in [0, 2**64).

    Two choices for one person are independent if their ``purpose`` differs.
    """
    # BLAKE2b rather than Python's hash(), which differs between processes. str() is the same for
    # np.int64(3) and 3, repr() is not.
    text = f'{purpose}|{seed}|{img_id}|{ann_id}'
    return int.from_bytes(
        hashlib.blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=8).digest(), 'big'
    )


def is_located(img_id: int | str, ann_id: int | str, fraction: float, seed: int = 0) -> bool:
    """Whether the coordinates of a person may be used (our choice).

    The person's hash does not depend on ``fraction``, so the located sets are nested: 5% lies
    inside 10%.
    """
    return person_hash(seed, img_id, ann_id, 'located') < fraction * 2.0**64


def located_persons(
    persons: Iterable[Mapping[str, Any]], fraction: float, seed: int = 0
) -> list[tuple[Any, ...]]:
    """Sorted ``(img_id, id)`` of the located persons.

    Args:
        persons: Data infos or results with ``img_id`` and ``id``. A person without coordinates
            (``has_locations`` is False) is never located.
        fraction: The location fraction in [0, 1].
        seed: Seed of the choice. Defaults to 0.
    """
    return sorted(
        (p['img_id'], p['id'])
        for p in persons
        if p.get('has_locations', True) and is_located(p['img_id'], p['id'], fraction, seed)
    )
