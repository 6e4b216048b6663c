"""The pictures that people are asked about: views of the persons, cut out of their images.

The windows are those that the training draws for the same ids, box and seed
(``lfhpe_mmpose.tags.views.draw_views``), to the last bit.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import read_image
from lfhpe_mmpose.tags.views import draw_views

# A person of fewer pixels tells an annotator nothing.
LEAST_PIXELS = 8
_QUALITY = 92


@dataclass(frozen=True)
class Picture:
    """A view of a person.

    Attributes:
        file (str): Where the picture lies below the plan's folder.
        image (str): File name of the image that it is cut out of.
        image_id (int | str): Id of the image.
        annotation (int | str): Id of the person.
        view (int): 0 is the whole person, v is his ``tag_views[v - 1]``.
        crop (tuple[int, int, int, int]): x1, y1, x2, y2 in whole pixels, inside the image.
    """

    file: str
    image: str
    image_id: int | str
    annotation: int | str
    view: int
    crop: tuple[int, int, int, int]

    def entry(self) -> dict:
        """What a plan says of it."""
        return dict(file=self.file, annotation=self.annotation, view=self.view)


def dataset_box(box: Sequence[float] | None, width: int, height: int) -> np.ndarray:
    """A person's box as MMPose's data sets read it: clipped, float32.

    Args:
        box (Sequence[float] | None): [x, y, width, height] in pixels; None is the whole image.
        width (int): Width of the image.
        height (int): Height of the image.

    Returns:
        np.ndarray: x1, y1, x2, y2 in shape (4, ), float32.
    """
    x, y, w, h = (0, 0, width, height) if box is None else box
    ends = [np.clip(v, 0, width - 1) for v in (x, x + w)]
    sides = [np.clip(v, 0, height - 1) for v in (y, y + h)]
    return np.array([ends[0], sides[0], ends[1], sides[1]], dtype=np.float32)


def draw_pictures(
    images: Sequence[dict],
    persons: Sequence[dict],
    views: int,
    seed: int,
    whole_person: bool = True,
) -> tuple[list[Picture], list[str]]:
    """Draw the views of all persons.

    Args:
        images (Sequence[dict]): Entries ``images``.
        persons (Sequence[dict]): Persons. ``tag_views`` of the sub-crops are added to each,
            without tags.
        views (int): Views a person.
        seed (int): Seed of the sub-crops (``view_seed`` of ``WithholdLocations``).
        whole_person (bool): Whether the whole person is one of the views. Defaults to True.

    Returns:
        tuple[list[Picture], list[str]]: The pictures, and a line for each person whose box is
        too small.

    Raises:
        UserError: If two persons would write one file.
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
            remarks.append(f'{who}: left out, his box has less than {LEAST_PIXELS} pixels')
            continue
        stem = file_stem(person['id'])
        if owners.setdefault(stem.lower(), person['id']) != person['id']:
            raise UserError(
                f'{who}: his pictures would be called like those of {owners[stem.lower()]}. '
                'Give the persons other ids.'
            )
        number = views + (not whole_person)
        windows = draw_views(box, number, seed, image['id'], person['id'])
        person['tag_views'] = [dict(bbox=window_box(w)) for w in windows[1:]]
        for v, window in enumerate(windows):
            if v == 0 and not whole_person:
                continue
            crop = crop_of(window, width, height)
            if min(crop[2] - crop[0], crop[3] - crop[1]) >= LEAST_PIXELS:
                file = f'views/{stem}_{v}.jpg'
                pictures.append(
                    Picture(file, image['file_name'], image['id'], person['id'], v, crop)
                )
    return pictures, remarks


def window_box(window: np.ndarray) -> list[float]:
    """Write a window such that the training reads the same float32 corners again.

    Args:
        window (np.ndarray): x1, y1, x2, y2, float32.

    Returns:
        list[float]: [x, y, width, height].
    """
    x1, y1, x2, y2 = (float(v) for v in window)
    return [x1, y1, x2 - x1, y2 - y1]


def crop_of(window: Sequence[float] | np.ndarray, width: int, height: int) -> tuple:
    """The part of a window that lies in the image, in whole pixels.

    Args:
        window (Sequence[float] | np.ndarray): x1, y1, x2, y2 in pixels.
        width (int): Width of the image.
        height (int): Height of the image.

    Returns:
        tuple: x1, y1, x2, y2 as whole numbers.
    """
    x1, x2 = (int(np.clip(round(float(v)), 0, width)) for v in (window[0], window[2]))
    y1, y2 = (int(np.clip(round(float(v)), 0, height)) for v in (window[1], window[3]))
    return x1, y1, x2, y2


def file_stem(number: int | str) -> str:
    """A file name for an annotation id.

    Args:
        number (int | str): The id.

    Returns:
        str: A number as it is; for a string its harmless characters and a hash.
    """
    if isinstance(number, int):
        return str(number)
    digest = hashlib.blake2b(number.encode(), digest_size=4).hexdigest()
    return f'{re.sub("[^A-Za-z0-9]+", "-", number)[:40].strip("-")}-{digest}'


def cut(
    pictures: Iterable[Picture], folder: str | os.PathLike
) -> Iterator[tuple[Picture, np.ndarray]]:
    """Cut pictures out of their images, each image read once if they are in its order.

    Args:
        pictures (Iterable[Picture]): The pictures.
        folder (str | os.PathLike): The folder of the images.

    Yields:
        tuple[Picture, np.ndarray]: The picture, and BGR uint8 (h, w, 3).

    Raises:
        UserError: If an image cannot be read.
    """
    name, image = None, np.empty(0)
    for picture in pictures:
        if picture.image != name:
            image = read_image(os.path.join(folder, picture.image))
            name = picture.image
        x1, y1, x2, y2 = picture.crop
        yield picture, image[y1:y2, x1:x2]


def save_picture(crop: np.ndarray, path: str | os.PathLike, size: int) -> None:
    """Write a picture: whole or not at all.

    Args:
        crop (np.ndarray): BGR uint8 (h, w, 3).
        path (str | os.PathLike): The file.
        size (int): Its longer side in pixels.

    Raises:
        OSError: If it cannot be written.
    """
    scale = size / max(crop.shape[:2])
    shape = [max(1, round(scale * n)) for n in crop.shape[1::-1]]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = cv2.resize(crop, shape, interpolation=method)
    done, data = cv2.imencode('.jpg', picture, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    if not done:
        raise OSError(f'{path} could not be encoded')
    part = Path(path).with_name(f'.{Path(path).name}.part')
    part.write_bytes(data.tobytes())
    os.replace(part, path)
