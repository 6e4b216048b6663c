"""Data set of tag files: persons with coordinates, with tags, with tagged views, or with several.

The keypoints are those of ``metainfo``, any file that MMPose reads; see docs/custom-keypoints.md.
"""

import os.path as osp
from collections import Counter
from collections.abc import Mapping

import numpy as np
from mmengine.fileio import get_local_path
from mmpose.datasets.datasets.base import BaseCocoStyleDataset
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, load_tag_file, person_tags, person_views


@DATASETS.register_module()
class TaggedCocoDataset(BaseCocoStyleDataset):
    """Persons of a tag file (docs/tag-format.md), COCO's keypoint files included.

    MMPose's data sets drop a person without ``keypoints``, and fail on ids that are strings.
    This one keeps every person that teaches something: coordinates, tags or tagged
    views. Who has no ``bbox`` is the whole image. Tags given by name are put into the order
    of ``metainfo``; :class:`WithholdLocations`, the first step of the pipeline, takes them
    from ``raw_ann_info``.

    Beside MMPose's keys a person has ``has_locations`` (bool): whether the file has a
    coordinate of him. Without one ``keypoints`` (1, K, 2) and ``keypoints_visible`` (1, K)
    are zero.

    Args:
        ann_file (str): The tag file.
        metainfo (dict, optional): The keypoints, ``dict(from_file=...)`` or spelled out.
            Defaults to None: COCO's 17.
        kwargs: Other arguments of
            :class:`~mmpose.datasets.datasets.base.BaseCocoStyleDataset`.

    Raises:
        UserError: If the file cannot be read, an entry is malformed, or its keypoints are
            others than those of ``metainfo``.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/coco.py')

    def _load_annotations(self) -> tuple[list[dict], list[dict]]:
        """Read the file: persons in the order of their images, and images."""
        with get_local_path(self.ann_file) as path:
            tags = load_tag_file(path)
        tags.path = str(self.ann_file)
        self._metainfo['CLASSES'] = tags.categories
        self._check_names(tags)
        images: dict = {}
        for i, image in enumerate(tags.images):
            _check_image(image, f'{tags.path}: images[{i}] (id {image["id"]})')
            img_path = osp.join(self.data_prefix['img'], image['file_name'])
            images[image['id']] = dict(image, img_id=image['id'], img_path=img_path)
        _check_ids(tags)
        chosen = list(images)[:: self.sample_interval]
        persons: dict = {key: [] for key in chosen}
        for annotation, where in tags.with_index():
            _check_person(annotation, images, where)
            image = images[annotation['image_id']]
            if image['id'] not in persons:
                continue
            info = self._parse(annotation, image, where)
            if info is not None:
                persons[image['id']].append(info)
        return [p for key in chosen for p in persons[key]], [images[key] for key in chosen]

    def _check_names(self, tags: TagFile) -> None:
        """Refuse a file whose keypoints are not those of the data set."""
        own = self._names()
        for i, category in enumerate(tags.categories):
            theirs = category.get('keypoints')
            if theirs and theirs != own:
                given = ', '.join(map(str, theirs)) if isinstance(theirs, list) else repr(theirs)
                raise UserError(
                    f'{tags.path}: categories[{i}].keypoints are {given}; those of the data set '
                    f'are {", ".join(own)}. Give the metainfo of this file, which '
                    'tools/make_metainfo.py writes, in the same order.'
                )

    def _names(self) -> list[str]:
        names = self._metainfo['keypoint_id2name']
        return [names[i] for i in range(len(names))]

    def _parse(self, annotation: dict, image: dict, where: str) -> dict | None:
        """One person, None if nothing can be learnt from him."""
        names = self._names()
        raw = dict(annotation)
        tags = person_tags(annotation, names, where)
        views = person_views(annotation, names, where)
        if tags is not None:
            raw['keypoint_tags'] = tags
        if views:
            raw['tag_views'] = [dict(bbox=box, keypoint_tags=t) for box, t in views]
        located = self._has_locations(annotation, len(names), where)
        if not located and tags is None and not views:
            return None
        if 'bbox' in annotation:
            _check_box(annotation['bbox'], f'{where}.bbox')
        else:
            raw['bbox'] = [0, 0, image['width'], image['height']]
        if not located:
            raw['keypoints'] = [0] * (3 * len(names))
            raw['num_keypoints'] = 0
        info = super().parse_data_info(dict(raw_ann_info=raw, raw_img_info=image))
        if not located:
            # The door must not take the zeros for keypoints that are not there.
            del info['raw_ann_info']['keypoints']
        info['has_locations'] = located
        return info

    @staticmethod
    def _has_locations(annotation: dict, num_keypoints: int, where: str) -> bool:
        """Whether there is a coordinate, by the visibility flags alone."""
        keypoints = annotation.get('keypoints')
        if keypoints is None:
            return False
        fits = isinstance(keypoints, list) and len(keypoints) == 3 * num_keypoints
        if not fits or not all(map(_is_number, keypoints)):
            raise UserError(
                f'{where}.keypoints must be a list of {3 * num_keypoints} numbers (x, y, '
                f'visibility of {num_keypoints} keypoints). Without coordinates leave it out.'
            )
        return any(flag > 0 for flag in keypoints[2::3])

    @staticmethod
    def _is_valid_instance(data_info: dict) -> bool:
        """Whether a person is no crowd and has a box with an area."""
        width, height = data_info['bbox'][0, 2:] - data_info['bbox'][0, :2]
        return not data_info.get('iscrowd') and bool(width > 0 and height > 0)


def _check_image(image: dict, where: str) -> None:
    """Refuse an image without a name and a size."""
    if not isinstance(image.get('file_name'), str) or not image['file_name']:
        raise UserError(f'{where}.file_name is {image.get("file_name")!r}; give the file.')
    for key in ('width', 'height'):
        if not _is_finite(image.get(key)) or image[key] <= 0:
            raise UserError(f'{where}.{key} is {image.get(key)!r}; give the size in pixels.')


def _check_ids(tags: TagFile) -> None:
    """Refuse ids that occur twice: one of the two would be taken for the other."""
    for part, entries in (('images', tags.images), ('annotations', tags.annotations)):
        twice = [i for i, n in Counter(entry['id'] for entry in entries).items() if n > 1]
        if twice:
            raise UserError(
                f'{tags.path}: {len(twice)} ids occur more than once in {part}, e.g. '
                f'{twice[0]!r}. Give every entry an id of its own.'
            )


def _check_person(annotation: dict, images: Mapping, where: str) -> None:
    """Refuse a person who belongs to no image, or has no category."""
    image_id = annotation.get('image_id')
    if not isinstance(image_id, int | str) or image_id not in images:
        raise UserError(
            f'{where}.image_id is {image_id!r}, which no image has. Add the image, or remove the '
            'annotation.'
        )
    if not isinstance(annotation.get('category_id'), int | str):
        raise UserError(
            f'{where}.category_id is {annotation.get("category_id")!r}; give the id of a category.'
        )
    if 'area' in annotation and not _is_number(annotation['area']):
        raise UserError(f'{where}.area is {annotation["area"]!r}; give a number, or leave it out.')


def _check_box(box: object, where: str) -> None:
    """Refuse what is no box at all; one without area is left out, as MMPose does."""
    numbers = isinstance(box, list) and len(box) == 4 and all(_is_finite(v) for v in box)
    if not numbers:
        raise UserError(
            f'{where} is {box!r}; give [x, y, width, height] in pixels, or leave it out where '
            'the whole image is the person.'
        )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and _is_number(value) and bool(np.isfinite(value))
