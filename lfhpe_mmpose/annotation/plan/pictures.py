"""The views of the persons as pictures to ask about.

The windows are those that training draws for the same ids, box and seed
(``lfhpe_mmpose.tags.views.draw_views``), bit by bit.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.views import dataset_box as dataset_box
from lfhpe_mmpose.tags.views import draw_views, window_box

# A smaller person cannot be annotated.
LEAST_PIXELS = 8


@dataclass(frozen=True)
class Picture:
    """A view of a person: 0 is the whole person, v is ``tag_views[v - 1]``.

    ``file`` lies below the plan's folder. ``crop`` is x1, y1, x2, y2 in whole pixels of ``image``.
    ``outline`` is a window inside the crop in the same pixels: what lies in it is asked, and the
    rest is dimmed. None asks about the whole crop.
    """

    file: str
    image: str
    image_id: int | str
    annotation: int | str
    view: int
    crop: tuple[int, int, int, int]
    outline: tuple[int, int, int, int] | None = None

    def entry(self) -> dict[str, Any]:
        """Make the picture's entry in a plan."""
        return dict(file=self.file, annotation=self.annotation, view=self.view)


def draw_pictures(
    images: Sequence[dict[str, Any]],
    persons: Sequence[dict[str, Any]],
    views: int,
    seed: int,
    whole_person: bool = True,
) -> tuple[list[Picture], list[str]]:
    """Draw the views of all persons, and add ``tag_views`` of the sub-crops to each, without tags.

    Args:
        images: Entries ``images``.
        persons: Persons; changed in place.
        views: Views per person.
        seed: Seed of the sub-crops (``view_seed`` of ``WithholdLocations``).
        whole_person: Whether the whole person is one of the views.

    Returns:
        The pictures, and a line for each person whose box is too small.

    Raises:
        UserError: If two persons would write the same file.
    """
    by_id = {image['id']: image for image in images}
    pictures: list[Picture] = []
    remarks: list[str] = []
    owners: dict[str, int | str] = {}
    for person in persons:
        image = by_id[person['image_id']]
        width, height = image['width'], image['height']
        box = dataset_box(person.get('bbox'), width, height)
        who = f'{image["file_name"]}, person {person["id"]}'
        if (box[2:] - box[:2]).min() < LEAST_PIXELS:
            remarks.append(f'{who}: left out, the box is smaller than {LEAST_PIXELS} pixels')
            continue
        stem = file_stem(person['id'])
        if owners.setdefault(stem.lower(), person['id']) != person['id']:
            fault = f'the pictures would have the names of those of {owners[stem.lower()]}.'
            raise UserError('duplicate-id', who, fault, 'Give the persons other ids.')
        first = 0 if whole_person else 1
        windows = draw_views(box, views + first, seed, image['id'], person['id'])
        person['tag_views'] = [dict(bbox=window_box(w)) for w in windows[1:]]
        for v in range(first, len(windows)):
            crop = crop_of(windows[v], width, height)
            if min(crop[2] - crop[0], crop[3] - crop[1]) >= LEAST_PIXELS:
                file = f'views/{stem}_{v}.jpg'
                pictures.append(
                    Picture(file, image['file_name'], image['id'], person['id'], v, crop)
                )
    return pictures, remarks


def crop_of(
    window: Sequence[float] | np.ndarray, width: int, height: int
) -> tuple[int, int, int, int]:
    """Round a window to the pixels of the image: x1, y1, x2, y2."""
    x1, x2 = (int(np.clip(round(float(v)), 0, width)) for v in (window[0], window[2]))
    y1, y2 = (int(np.clip(round(float(v)), 0, height)) for v in (window[1], window[3]))
    return x1, y1, x2, y2


def file_stem(number: int | str) -> str:
    """Make a file name of an annotation id; a string becomes its letters and a hash."""
    if isinstance(number, int):
        return str(number)
    digest = hashlib.blake2b(number.encode('utf-8', 'surrogatepass'), digest_size=4).hexdigest()
    return f'{re.sub("[^A-Za-z0-9]+", "-", number)[:40].strip("-")}-{digest}'
