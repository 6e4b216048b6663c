"""Compares a cache with the data set that it was made of."""

import numpy as np
from tqdm import tqdm

from .encoding import crop_person, decode, file_hash
from .people import plan_of, read_image
from .store import CropStore, box_of

# Another version of a JPEG library may round other bits.
_SAME_PIXELS = 1.0


def verify_cache(
    store: CropStore,
    name: str,
    images: list[list[dict]],
    sample: int | None = None,
    backend_args: dict | None = None,
    progress: bool = True,
) -> list[str]:
    """Find what in a cache differs from its source.

    All persons are looked for and their boxes compared; of a sample of the images the file
    is read and the crops are cut again.

    Args:
        store (CropStore): The cache.
        name (str): The data set's name.
        images (list[list[dict]]): Persons by image, of ``read_persons``.
        sample (int, optional): Images to read, spread evenly. Defaults to None: all.
        backend_args (dict, optional): Of MMEngine's file client.
        progress (bool): Show a bar. Defaults to True.

    Returns:
        list[str]: What differs, one line each; empty for a good cache.
    """
    own = store.settings['dataset_name']
    if own != name:
        return [f'the cache is of the data set {own!r}, the config has {name!r}']
    out = []
    for persons in images:
        for person in persons:
            entry = store.entry(person['img_id'], person['id'])
            who = f'annotation {person["id"]!r} of image {person["img_id"]!r}'
            if entry is None:
                out.append(f'{who}: missing')
            elif entry.box != box_of(person):
                out.append(f'{who}: cut for the box {entry.box}, now {box_of(person)}')
    step = 1 if sample is None else max(1, len(images) // max(sample, 1))
    for persons in tqdm(images[::step], desc='verify', unit='image', disable=not progress):
        out += _compare(store, persons, backend_args)
    return out


def _compare(store: CropStore, persons: list[dict], backend_args: dict | None) -> list[str]:
    image, file = read_image(persons, backend_args)
    plan, form = plan_of(store.settings), store.settings['format']
    out = []
    for person in persons:
        old = store.entry(person['img_id'], person['id'])
        if old is None or old.box != box_of(person):
            continue
        who = f'annotation {old.ann_id!r} of image {old.img_id!r}'
        if (old.file_bytes, old.file_hash) != (len(file), file_hash(file)):
            out.append(f'{who}: {person["img_path"]} is another file than the crop was cut from')
            continue
        new, data = crop_person(person, image, file, plan, form, store.settings.get('quality', 0))
        if old != new:
            out.append(f'{who}: kept as {old}, expected {new}')
            continue
        kept = decode(old, store.data(old.img_id, old.ann_id)).astype(np.float32)
        apart = float(np.abs(kept - decode(new, data)).mean())
        if not apart <= _SAME_PIXELS:
            out.append(f'{who}: the pixels differ by {apart:.1f} levels on average')
    return out
