"""Whom a cache is made of: the persons of a data set, without coordinates and tags."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict
from typing import Any

from mmengine.fileio import get
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError

from .encoding import FORMATS, decode_file
from .store import VERSION, person_key, with_tuples
from .window import CropPlan

# All that is taken from a data set, and all that a cache can depend on.
PERSON_KEYS = ('img_id', 'id', 'img_path', 'bbox', 'bbox_center', 'bbox_scale')
# What the loading step may be told without a change of the pixels' meaning.
_HARMLESS = ('type', 'cache', 'backend_args', 'ignore_empty', 'to_float32')
_DEFAULT_LOADING = dict(color_type='color', imdecode_backend='cv2')


def read_persons(cfg: Mapping, entry: str) -> tuple[str, list[list[dict]]]:
    """Read the persons of a data set, image by image.

    Args:
        cfg (Mapping): The config of the data set, without wrappers.
        entry (str): Its place in the config, for messages.

    Returns:
        tuple[str, list[list[dict]]]: The data set's name, and for each image its persons in
        the order of the data set, each with :data:`PERSON_KEYS` alone.

    Raises:
        UserError: If nobody is there, samples hold several persons, or two have the same ids.
    """
    own: dict[str, Any] = deepcopy(dict(cfg))
    if own.get('data_mode', 'topdown') != 'topdown':
        raise UserError(f"{entry}.data_mode is {own['data_mode']!r}; crops need 'topdown'.")
    own['pipeline'] = []
    dataset = DATASETS.build(own)
    images: dict[str, list[dict]] = {}
    seen: set[bytes] = set()
    for i in range(len(dataset)):
        info = dataset.get_data_info(i)
        person = {k: info[k] for k in PERSON_KEYS if k in info}
        key = person_key(person['img_id'], person['id'])
        if key in seen:
            raise UserError(
                f'{entry}: annotation {person["id"]!r} of image {person["img_id"]!r} occurs twice '
                f'in {dataset.ann_file}. Give every annotation an id of its own.'
            )
        seen.add(key)
        images.setdefault(person['img_path'], []).append(person)
    if not images:
        raise UserError(f'{entry}: {dataset.ann_file} holds no persons.')
    return dataset.metainfo['dataset_name'], list(images.values())


def check_loading(steps: list[Mapping], entry: str) -> dict | None:
    """Refuse a loading step that gives other pixels than ``LoadImage``'s defaults.

    Args:
        steps (list[Mapping]): The configs of a pipeline's steps.
        entry (str): The place of the pipeline.

    Returns:
        dict | None: ``backend_args`` of the step.

    Raises:
        UserError: If there is no such step, or it has such an argument.
    """
    for step in steps:
        if str(step.get('type', '')).rsplit('.', 1)[-1] not in ('LoadImage', 'LoadCachedCrop'):
            continue
        other = {
            k: v for k, v in step.items() if k not in _HARMLESS and _DEFAULT_LOADING.get(k) != v
        }
        if other:
            raise UserError(
                f'{entry}: the loading step has {other}. A crop cache holds what LoadImage gives '
                'by default (8 bits, BGR, decoded by OpenCV); remove these arguments.'
            )
        return step.get('backend_args')
    raise UserError(f'{entry} has no LoadImage step; there is nothing to cache.')


def read_image(persons: list[dict], backend_args: dict | None) -> tuple[Any, bytes]:
    """Read and decode the image of some persons.

    Args:
        persons (list[dict]): Of one image.
        backend_args (dict, optional): Of MMEngine's file client.

    Returns:
        tuple[np.ndarray, bytes]: The image (H, W, 3), uint8, BGR, and its file.

    Raises:
        UserError: If it cannot be read.
    """
    path = persons[0]['img_path']
    try:
        file = get(path, backend_args=backend_args)
        image = decode_file(file)
    except Exception as error:  # whatever a storage raises
        raise UserError(
            f'{path} (image {persons[0]["img_id"]!r}) cannot be read: '
            f'{type(error).__name__}: {error}. Put the file there, or remove its annotations.'
        ) from None
    if image is None:
        raise UserError(
            f'{path} (image {persons[0]["img_id"]!r}) is no image, or cut off. Copy it again, or '
            'remove its annotations.'
        )
    return image, file


def make_settings(name: str, plan: CropPlan, form: str, quality: int) -> dict:
    """All that the crops of a data set depend on, for :class:`CropWriter`.

    Args:
        name (str): The data set's name.
        plan (CropPlan): How large the crops are.
        form (str): One of ``FORMATS``.
        quality (int): Of JPEG, 1 to 100.

    Returns:
        dict: The settings.

    Raises:
        UserError: If the form or the quality is none.
    """
    if form not in FORMATS:
        raise UserError(f'format must be one of {sorted(FORMATS)}, got {form!r}.')
    if not 1 <= quality <= 100:
        raise UserError(f'quality must lie in [1, 100], got {quality}.')
    settings = dict(version=VERSION, dataset_name=name, format=form, plan=asdict(plan))
    return {**settings, 'quality': quality} if form == 'jpeg' else settings


def plan_of(settings: Mapping) -> CropPlan:
    """The plan that a cache was made with."""
    return CropPlan(**with_tuples(settings['plan']))


def in_groups(items: list, size: int) -> Iterator[list]:
    """Cut a list into pieces of a size; the last may be smaller."""
    for i in range(0, len(items), size):
        yield items[i : i + size]
