"""Keypoints and skeletons, drawn by MMPose's visualizer."""

from typing import Any

import numpy as np
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample

from lfhpe_mmpose.scores import SCORE_THRESHOLD

from .canvas import check_picture
from .visualizer import LocationFreeVisualizer


def draw_skeleton(
    image: np.ndarray,
    keypoints: np.ndarray,
    scores: np.ndarray,
    dataset_meta: dict[str, Any],
    kpt_thr: float = SCORE_THRESHOLD,
    colors: np.ndarray | None = None,
    radius: int = 4,
    line_width: int = 2,
) -> np.ndarray:
    """Draw persons' keypoints and the links between them.

    Args:
        image (np.ndarray): RGB uint8 (H, W, 3).
        keypoints (np.ndarray): (N, K, 2) or (K, 2), pixels of the image.
        scores (np.ndarray): (N, K) or (K, ), or visibility flags.
        dataset_meta (dict): Parsed metainfo: ``skeleton_links``, ``skeleton_link_colors`` and
            ``keypoint_colors``.
        kpt_thr (float): Minimum score of drawn keypoints.
        colors (np.ndarray, optional): RGB (K, 3) instead of ``keypoint_colors``.
        radius (int): Radius of a keypoint in pixels.
        line_width (int): Width of a link in pixels.

    Returns:
        np.ndarray: RGB uint8 (H, W, 3).

    Raises:
        ValueError: If the numbers of keypoints disagree.
    """
    keypoints = np.asarray(keypoints, dtype=np.float32)
    scores = np.asarray(scores, dtype=np.float32)
    keypoints = keypoints[None] if keypoints.ndim == 2 else keypoints
    scores = scores[None] if scores.ndim == 1 else scores
    if keypoints.shape[:2] != scores.shape:
        raise ValueError(
            f'keypoints {keypoints.shape} and scores {scores.shape} must be (N, K, 2) and (N, K).'
        )
    if len(dataset_meta['keypoint_colors']) != keypoints.shape[1]:
        raise ValueError(
            f'got {keypoints.shape[1]} keypoints, dataset_meta of '
            f'{dataset_meta.get("dataset_name")!r} has {len(dataset_meta["keypoint_colors"])}.'
        )
    visualizer = LocationFreeVisualizer(radius=radius, line_width=line_width)
    meta = dict(dataset_meta)
    if colors is not None:
        meta['keypoint_colors'] = np.asarray(colors)
    visualizer.set_dataset_meta(meta)
    # NaN and infinite coordinates cannot be drawn.
    scores = np.where(np.isfinite(keypoints).all(-1), scores, -np.inf)
    sample = PoseDataSample(
        pred_instances=InstanceData(keypoints=np.nan_to_num(keypoints), keypoints_visible=scores)
    )
    return visualizer.add_datasample(
        'skeleton', check_picture(image).copy(), sample, draw_gt=False, kpt_thr=kpt_thr
    )
