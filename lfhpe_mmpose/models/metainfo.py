"""The keypoint set that a module is made for."""

from typing import Any

from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS

from lfhpe_mmpose.errors import UserError


def keypoint_relations(
    metainfo: str | dict[str, Any] | None, num_keypoints: int
) -> tuple[list[tuple[int, int]], list[int]]:
    """Read limbs and left/right pairs of a keypoint set.

    Args:
        metainfo (str | dict, optional): Name of a dataset class in MMPose's registry
            (``'CocoDataset'``), or a dict as a dataset's ``metainfo``
            (``dict(from_file=...)`` or spelled out). None has no relations.
        num_keypoints (int): K.

    Returns:
        tuple: Limbs as pairs of indices, and the index of each keypoint's mirror image.

    Raises:
        UserError: If the class is unknown, or the set has another number of keypoints.
    """
    if metainfo is None:
        return [], list(range(num_keypoints))
    if isinstance(metainfo, str):
        dataset = DATASETS.get(metainfo)
        if dataset is None:
            raise UserError(
                'unknown-dataset',
                'model.head.metainfo',
                f'MMPose has no dataset class {metainfo!r}.',
                "Name one, such as 'CocoDataset', or give dict(from_file='metainfo.py').",
            )
        spelled_out: dict[str, Any] = dataset.METAINFO
    else:
        spelled_out = metainfo
    parsed = parse_pose_metainfo(dict(spelled_out))
    if parsed['num_keypoints'] != num_keypoints:
        raise UserError(
            'keypoint-count',
            'model.head.out_channels',
            f'out_channels={num_keypoints}, but the keypoint set {parsed["dataset_name"]!r} of '
            f'metainfo has {parsed["num_keypoints"]}.',
            'Set both to the keypoint set of your data.',
        )
    return [tuple(link) for link in parsed['skeleton_links']], list(parsed['flip_indices'])
