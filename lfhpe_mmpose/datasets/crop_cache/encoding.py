"""From an image to the crop of a person, and from a stored crop to pixels.

To add a form, give it an encoder here and a branch in :func:`decode`.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import mmcv
import numpy as np
from mmpose.datasets.transforms import GetBBoxCenterScale

from lfhpe_mmpose.errors import UserError

from .store import CropEntry, box_of, plain_id
from .window import CropPlan

FORMATS: dict[str, Callable[[np.ndarray, int], bytes]] = {
    'jpeg': lambda img, quality: _cv2_encode('.jpg', img, [cv2.IMWRITE_JPEG_QUALITY, quality]),
    'png': lambda img, quality: _cv2_encode('.png', img, []),
    'raw': lambda img, quality: np.ascontiguousarray(img).tobytes(),
}


def crop_person(
    person: Mapping[str, Any],
    image: np.ndarray,
    file: bytes,
    plan: CropPlan,
    form: str,
    quality: int,
) -> tuple[CropEntry, bytes]:
    """Cut a person from an image and encode the crop.

    Args:
        person (Mapping): ``img_id``, ``id``, ``bbox`` (1, 4), and ``bbox_center`` and
            ``bbox_scale`` if the data set has them. Nothing else is looked at.
        image (np.ndarray): The image (H, W, 3), uint8, BGR.
        file (bytes): The image file.
        plan (CropPlan): How large the crop is.
        form (str): One of :data:`FORMATS`.
        quality (int): Of JPEG, 1 to 100.

    Returns:
        tuple[CropEntry, bytes]: The entry and the encoded crop: the image file itself where
        the crop is the whole image and the file is no larger.
    """
    geometry = GetBBoxCenterScale(plan.padding).transform(
        {k: person[k] for k in ('bbox', 'bbox_center', 'bbox_scale') if k in person}
    )
    image_size = image.shape[1], image.shape[0]
    center = np.asarray(geometry['bbox_center'], dtype=np.float64)[0]
    scale = np.asarray(geometry['bbox_scale'], dtype=np.float64)[0]
    window = plan.window(center, scale, image_size)
    size = plan.size(scale, window)
    x, y, w, h = window
    crop = image[y : y + h, x : x + w]
    if size != (w, h):
        crop = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    data = FORMATS[form](crop, quality)
    if form != 'raw' and size == image_size and len(file) <= len(data):
        form, data = 'file', file
    entry = CropEntry(
        img_id=plain_id(person['img_id']),
        ann_id=plain_id(person['id']),
        box=box_of(person),
        window=window,
        size=size,
        image_size=image_size,
        file_bytes=len(file),
        file_hash=file_hash(file),
        form=form,
    )
    return entry, data


def decode(entry: CropEntry, data: bytes) -> np.ndarray:
    """Decode a stored crop.

    Args:
        entry (CropEntry): Its entry.
        data (bytes): The encoded crop.

    Returns:
        np.ndarray: The crop (H, W, 3), uint8, BGR.
    """
    if entry.form == 'raw':
        return np.frombuffer(data, dtype=np.uint8).reshape(entry.size[1], entry.size[0], 3).copy()
    return decode_file(data)


def decode_file(file: bytes) -> np.ndarray:
    """Decode an image file as ``LoadImage`` does if nothing else is asked of it."""
    return mmcv.imfrombytes(file, flag='color', backend='cv2')


def file_hash(file: bytes) -> str:
    """Eight bytes that change with a file, hexadecimal."""
    return hashlib.blake2b(file, digest_size=8).hexdigest()


def _cv2_encode(suffix: str, img: np.ndarray, options: list[int]) -> bytes:
    done, data = cv2.imencode(suffix, np.ascontiguousarray(img), options)
    if not done:
        raise UserError(f'OpenCV cannot write {suffix} of shape {img.shape}.')
    return data.tobytes()
