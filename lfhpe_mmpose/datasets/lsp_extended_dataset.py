"""Data set of 14 keypoints: Leeds Sports Pose, its extension, synthetic people.

To add a data set class, subclass ``BaseCocoStyleDataset`` in a file of its own, point ``METAINFO``
at a file under ``metainfo/`` and import the class in this package's ``__init__``.
"""

from mmpose.datasets.datasets.base import BaseCocoStyleDataset
from mmpose.registry import DATASETS

from .metainfo import metainfo_path


@DATASETS.register_module()
class LspExtendedDataset(BaseCocoStyleDataset):
    """Leeds Sports Pose Extended for pose estimation, in COCO's annotation format.

    "Learning Effective Human Pose Estimation from Inaccurate Annotation", CVPR 2011. Leeds Sports
    Pose itself and the 14-keypoint set of :mod:`lfhpe_mmpose.datasets.synthetic` have the same
    keypoints and are read by this class as well.

    Keypoints::

        0: 'right_ankle',     7: 'right_elbow',
        1: 'right_knee',      8: 'right_shoulder',
        2: 'right_hip',       9: 'left_shoulder',
        3: 'left_hip',       10: 'left_elbow',
        4: 'left_knee',      11: 'left_wrist',
        5: 'left_ankle',     12: 'neck',
        6: 'right_wrist',    13: 'head_top'

    The arguments are those of MMPose's
    :class:`~mmpose.datasets.datasets.base.BaseCocoStyleDataset`.
    """

    METAINFO: dict = dict(from_file=metainfo_path('lspet.py'))
