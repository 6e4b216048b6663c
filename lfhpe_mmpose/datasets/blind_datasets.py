"""MMPose's data sets without their look at the coordinates when persons are selected.

To train on another data set of MMPose, add a class here in the same two lines, or use
``TaggedCocoDataset`` with its metainfo.
"""

from typing import Any

from mmpose.datasets import AicDataset, AP10KDataset, CocoDataset, CrowdPoseDataset
from mmpose.datasets.datasets.base import BaseCocoStyleDataset
from mmpose.registry import DATASETS


class SelectsByFlags(BaseCocoStyleDataset):
    """Selects persons by box and visibility flags alone.

    MMPose's data sets also drop a person whose coordinates are all zero or negative, and count
    its keypoints by its coordinates if ``num_keypoints`` is missing. A withheld coordinate must
    not decide whether a person is trained on.
    """

    def parse_data_info(self, raw_data_info: dict[str, Any]) -> dict[str, Any] | None:
        """Parse a person as MMPose does; its keypoints are counted by their flags."""
        info = super().parse_data_info(raw_data_info)
        annotation = raw_data_info['raw_ann_info']
        if info is not None and 'num_keypoints' not in annotation:
            info['num_keypoints'] = sum(flag > 0 for flag in annotation['keypoints'][2::3])
        return info

    @staticmethod
    def _is_valid_instance(data_info: dict[str, Any]) -> bool:
        """Whether a person is no crowd, has an annotated keypoint, and a box with an area."""
        rest = {key: value for key, value in data_info.items() if key != 'keypoints'}
        return BaseCocoStyleDataset._is_valid_instance(rest)


@DATASETS.register_module()
class BlindCocoDataset(SelectsByFlags, CocoDataset):
    """MMPose's ``CocoDataset``; see ``SelectsByFlags``."""


@DATASETS.register_module()
class BlindAicDataset(SelectsByFlags, AicDataset):
    """MMPose's ``AicDataset``; see ``SelectsByFlags``."""


@DATASETS.register_module()
class BlindAP10KDataset(SelectsByFlags, AP10KDataset):
    """MMPose's ``AP10KDataset``; see ``SelectsByFlags``."""


@DATASETS.register_module()
class BlindCrowdPoseDataset(SelectsByFlags, CrowdPoseDataset):
    """MMPose's ``CrowdPoseDataset``; see ``SelectsByFlags``."""
