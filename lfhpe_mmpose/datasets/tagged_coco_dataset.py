"""Data set of tag files: persons with coordinates, with tags, with tagged views, or with several.

The keypoints are those of ``metainfo``, any file that MMPose reads; see docs/custom-keypoints.md.
"""

import os.path as osp
from typing import Any

from mmengine.fileio import get_local_path
from mmpose.registry import DATASETS

from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.tags.faults import raise_fault
from lfhpe_mmpose.tags.file_faults import entry_place, header_faults, read_persons
from lfhpe_mmpose.tags.persons import Labels

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
        names = self._names()
        for where, fault in header_faults(tags, names):
            raise_fault(fault, f'{tags.path}: {where}')
        self._answer_error = tags.answer_error()
        images = {
            image['id']: dict(
                image,
                img_id=image['id'],
                img_path=osp.join(self.data_prefix['img'], image['file_name']),
            )
            for image in tags.images
        }
        chosen = list(images)[:: self.sample_interval]
        persons: dict[str, Any] = {key: [] for key in chosen}
        for i, (annotation, labels, faults) in enumerate(read_persons(tags, names)):
            if faults:
                where = entry_place('annotations', i, annotation)
                raise_fault(faults[0], f'{tags.path}: {where}')
            info = self._parse(annotation, images[annotation['image_id']], labels)
            if info is not None and annotation['image_id'] in persons:
                persons[annotation['image_id']].append(info)
        return [p for key in chosen for p in persons[key]], [images[key] for key in chosen]

    def _names(self) -> list[str]:
        names = self._metainfo['keypoint_id2name']
        return [names[i] for i in range(len(names))]

    def _parse(
        self, annotation: dict[str, Any], image: dict[str, Any], labels: Labels
    ) -> dict[str, Any] | None:
        """One person, None if there is nothing to learn from it."""
        if not labels.teaches:
            return None
        raw: dict[str, Any] = dict(annotation)
        if labels.tags is not None:
            raw['keypoint_tags'] = [int(tag) for tag in labels.tags]
        if labels.views:
            views = labels.good_views()
            raw['tag_views'] = [dict(bbox=box, keypoint_tags=tags) for box, tags in views]
        raw.setdefault('answer_error', self._answer_error)
        raw.setdefault('bbox', [0, 0, image['width'], image['height']])
        located = labels.located
        if not located:
            raw['keypoints'] = [0] * (3 * len(self._names()))
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
