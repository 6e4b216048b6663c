"""The categories of the files that are written: the keypoints of MMPose's data set classes."""

import warnings

from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS


def category_of(dataset: str, category_id: int = 1, name: str = 'person') -> dict:
    """Describe the keypoints of a data set class as COCO's ``categories`` do.

    Args:
        dataset (str): A class in MMPose's registry.
        category_id (int): Id of the category. Defaults to 1.
        name (str): Its name. Defaults to 'person'.

    Returns:
        dict: ``id, name, keypoints, skeleton``, the limbs as pairs of 1-based indices.
    """
    import lfhpe_mmpose.datasets  # noqa: F401  registers LspExtendedDataset

    with warnings.catch_warnings():
        # MMPose says where it has found its own file.
        warnings.simplefilter('ignore')
        parsed = parse_pose_metainfo(dict(DATASETS.get(f'mmpose.{dataset}').METAINFO))
    names = parsed['keypoint_id2name']
    return dict(
        id=category_id,
        name=name,
        keypoints=[names[i] for i in range(len(names))],
        skeleton=[[a + 1, b + 1] for a, b in parsed['skeleton_links']],
    )
