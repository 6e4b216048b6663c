"""Data set of 14 keypoints: Leeds Sports Pose, its extension, synthetic people.

To add a data set class, subclass ``SelectsByFlags`` in a file of its own, point ``METAINFO``
at a file under ``metainfo/`` and import the class in this package's ``__init__``.
"""

from typing import Any

from mmpose.registry import DATASETS

from .blind_datasets import SelectsByFlags
from .metainfo import metainfo_path


@DATASETS.register_module()
class LspExtendedDataset(SelectsByFlags):
    """Leeds Sports Pose Extended in COCO's annotation format.

    "Learning Effective Human Pose Estimation from Inaccurate Annotation", CVPR 2011. It also reads
    Leeds Sports Pose and the 14 keypoints of ``lfhpe_mmpose.datasets.synthetic``. Keypoints, in
    order: right_ankle, right_knee, right_hip, left_hip, left_knee, left_ankle, right_wrist,
    right_elbow, right_shoulder, left_shoulder, left_elbow, left_wrist, neck, head_top.

    The arguments are those of
    ``BaseCocoStyleDataset``.
    """

    METAINFO: dict[str, Any] = dict(from_file=metainfo_path('lspet.py'))
