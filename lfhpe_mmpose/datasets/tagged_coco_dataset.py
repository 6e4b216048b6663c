"""Data set of tag files: persons with coordinates, with tags, with tagged views, or with several.

The keypoints are those of ``metainfo``, any file that MMPose reads; see docs/custom-keypoints.md.
"""

import os.path as osp
from collections import Counter
from collections.abc import Mapping
from typing import Any

from mmengine.fileio import get_local_path
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import (
    TagFile,
    has_coordinates,
    load_tag_file,
    parse_box,
    person_tags,
    person_views,
)
from lfhpe_mmpose.tags.entries import category_faults, image_faults, person_faults
from lfhpe_mmpose.tags.faults import raise_first, short

from .blind_datasets import SelectsByFlags


@DATASETS.register_module()
class TaggedCocoDataset(SelectsByFlags):
    """Persons of a tag file (docs/tag-format.md) or of a plain COCO keypoint file.

    MMPose's data sets drop a person without ``keypoints`` and fail on ids that are strings. This
    one keeps every person with coordinates, tags or tagged views. A person without a ``bbox`` is
    assumed to fill the image. Tags given by name are put into the order of ``metainfo``;
    ``WithholdLocations``, the first step of the pipeline, reads them in ``raw_ann_info``.

    A person has the further key ``has_locations`` (bool): whether the file has a coordinate of
    it. Without one, ``keypoints`` (1, K, 2) and ``keypoints_visible`` (1, K) are zero.

    Args:
        ann_file: The tag file.
        metainfo: The keypoints, ``dict(from_file=...)`` or spelled out. Defaults to None: COCO's
            17.
        kwargs: Other arguments of
            ``BaseCocoStyleDataset``.

    Raises:
        UserError: If the file cannot be read, an entry is invalid
            (``lfhpe_mmpose.tags``), an id is used twice ('duplicate-id') or unknown
            ('unknown-image', 'unknown-category'), or the keypoints differ from those of
            ``metainfo`` ('metainfo-names').
    """

    METAINFO: dict[str, Any] = dict(from_file='configs/_base_/datasets/coco.py')

    def _load_annotations(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Read the file: persons in the order of their images, and images."""
        with get_local_path(self.ann_file) as path:
            tags = load_tag_file(path)
        tags.path = str(self.ann_file)
        self._metainfo['CLASSES'] = tags.categories
        self._check_names(tags)
        self._answer_error = tags.answer_error()
        for i, image in enumerate(tags.images):
            raise_first(image_faults(image), f'{tags.path}: images[{i}] (id {image["id"]})')
        _check_ids(tags)
        images = {
            image['id']: dict(
                image,
                img_id=image['id'],
                img_path=osp.join(self.data_prefix['img'], image['file_name']),
            )
            for image in tags.images
        }
        categories = {category['id'] for category in tags.categories}
        chosen = list(images)[:: self.sample_interval]
        persons: dict[str, Any] = {key: [] for key in chosen}
        for annotation, where in tags.with_index():
            raise_first(person_faults(annotation), where)
            _check_known(annotation, 'image', images, where)
            _check_known(annotation, 'category', categories, where)
            info = self._parse(annotation, images[annotation['image_id']], where)
            if info is not None and annotation['image_id'] in persons:
                persons[annotation['image_id']].append(info)
        return [p for key in chosen for p in persons[key]], [images[key] for key in chosen]

    def _check_names(self, tags: TagFile) -> None:
        """Refuse a file whose keypoints are not those of the data set."""
        own = self._names()
        for i, category in enumerate(tags.categories):
            faults = (fault for fault in category_faults(category) if fault.code == 'malformed')
            raise_first(faults, f'{tags.path}: categories[{i}]')
            theirs = category.get('keypoints')
            if theirs and theirs != own:
                given = ', '.join(map(str, theirs)) if isinstance(theirs, list) else short(theirs)
                raise UserError(
                    'metainfo-names',
                    f'{tags.path}: categories[{i}].keypoints',
                    f'the keypoints are {given}; those of the data set are {", ".join(own)}.',
                    'Give the metainfo of this file, in the same order; `lfhpe metainfo` writes '
                    'it.',
                )

    def _names(self) -> list[str]:
        names = self._metainfo['keypoint_id2name']
        return [names[i] for i in range(len(names))]

    def _parse(
        self, annotation: dict[str, Any], image: dict[str, Any], where: str
    ) -> dict[str, Any] | None:
        """One person, None if there is nothing to learn from it."""
        names = self._names()
        raw: dict[str, Any] = dict(annotation)
        tags = person_tags(annotation, names, where)
        views = person_views(annotation, names, where)
        if tags is not None:
            raw['keypoint_tags'] = tags
        if views:
            raw['tag_views'] = [dict(bbox=box, keypoint_tags=t) for box, t in views]
        raw.setdefault('answer_error', self._answer_error)
        located = has_coordinates(annotation, names, where)
        if annotation.get('iscrowd') or not (located or tags is not None or views):
            return None
        if 'bbox' in annotation:
            parse_box(annotation['bbox'], f'{where}.bbox')
        else:
            raw['bbox'] = [0, 0, image['width'], image['height']]
        if not located:
            raw['keypoints'] = [0] * (3 * len(names))
            raw['num_keypoints'] = 0
        info = super().parse_data_info(dict(raw_ann_info=raw, raw_img_info=image))
        if info is not None and not located:
            # Otherwise the zeros would be tagged as keypoints that are not visible.
            del info['raw_ann_info']['keypoints']
        if info is not None:
            info['has_locations'] = located
        return info

    @staticmethod
    def _is_valid_instance(data_info: dict[str, Any]) -> bool:
        """Whether the box of a person has an area inside the image."""
        width, height = data_info['bbox'][0, 2:] - data_info['bbox'][0, :2]
        return bool(width > 0 and height > 0)


def _check_ids(tags: TagFile) -> None:
    """Refuse ids that occur twice: one of the two would be taken for the other."""
    for part, entries in (('images', tags.images), ('annotations', tags.annotations)):
        twice = [i for i, n in Counter(entry['id'] for entry in entries).items() if n > 1]
        if twice:
            raise UserError(
                'duplicate-id',
                f'{tags.path}: {part}',
                f'{len(twice)} ids occur more than once, e.g. {twice[0]!r}.',
                'Give every entry an id of its own.',
            )


def _check_known(annotation: Mapping[str, Any], what: str, known: Any, where: str) -> None:
    """Refuse an id of an image or a category that is not in the file."""
    if annotation[f'{what}_id'] not in known:
        raise UserError(
            f'unknown-{what}',
            f'{where}.{what}_id',
            f'no {what} has the id {annotation[f"{what}_id"]!r}.',
            f'Add the {what}, or remove the annotation.',
        )
