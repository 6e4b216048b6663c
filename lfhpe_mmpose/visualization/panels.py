"""One person's row of pictures: input, CAM, refined CAM, prediction, truth.

To add a column, add its name to ``PANEL_COLUMNS`` and its picture in ``draw_panel``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lfhpe_mmpose.scores import SCORE_THRESHOLD

from .canvas import (
    MIN_SIDE,
    add_heading,
    check_picture,
    enlarge,
    enlarge_factor,
    enlarge_points,
    pad_to,
)
from .maps import keypoint_palette, overlay_maps
from .skeletons import draw_skeleton

PANEL_COLUMNS = ('input', 'CAM', 'refined CAM', 'prediction', 'truth')
_GAP = 6


def draw_panel(
    image: np.ndarray,
    cam: np.ndarray,
    refined: np.ndarray,
    pred_keypoints: np.ndarray,
    pred_scores: np.ndarray,
    gt_keypoints: np.ndarray | None = None,
    gt_visible: np.ndarray | None = None,
    *,
    dataset_meta: dict[str, Any],
    kpt_thr: float = SCORE_THRESHOLD,
    min_side: int = MIN_SIDE,
    headings: bool = True,
) -> np.ndarray:
    """Draw a person's input, maps, prediction and truth side by side.

    A keypoint has the same colour in all columns. Maps are stretched to [0, 1] one by one: the
    picture shows where each is strongest, not how strong.

    Args:
        image (np.ndarray): The crop, RGB uint8 (H, W, 3).
        cam (np.ndarray): Plain class activation maps (K, h, w).
        refined (np.ndarray): Refined maps (K, h', w').
        pred_keypoints (np.ndarray): (K, 2) or (1, K, 2), pixels of the crop.
        pred_scores (np.ndarray): (K, ) or (1, K).
        gt_keypoints (np.ndarray, optional): The truth; None omits the last column.
        gt_visible (np.ndarray, optional): (K, ) or (1, K), above 0 where the truth is known;
            None is everywhere.
        dataset_meta (dict): Parsed metainfo of the dataset.
        kpt_thr (float): Minimum score of drawn predictions.
        min_side (int): Smaller crops are enlarged.
        headings (bool): False for rows that go to ``stack_panels``.

    Returns:
        np.ndarray: RGB uint8 (H', W', 3).
    """
    factor = enlarge_factor(check_picture(image).shape, min_side)
    large = enlarge(image, min_side)
    colors = keypoint_palette(len(cam))
    radius = max(3, min(large.shape[:2]) // 50)
    columns = [large, overlay_maps(large, cam, colors), overlay_maps(large, refined, colors)]

    def skeleton(keypoints: np.ndarray, scores: np.ndarray, threshold: float) -> np.ndarray:
        return draw_skeleton(
            large,
            enlarge_points(keypoints, factor),
            scores,
            dataset_meta,
            threshold,
            colors,
            radius,
            line_width=max(2, radius // 2),
        )

    columns.append(skeleton(pred_keypoints, pred_scores, kpt_thr))
    if gt_keypoints is not None:
        visible = np.ones(np.shape(gt_keypoints)[:-1]) if gt_visible is None else gt_visible
        columns.append(skeleton(gt_keypoints, (np.asarray(visible) > 0).astype(float), 0.5))
    row = _join(columns)
    return _add_headings(row, large.shape[1], len(columns)) if headings else row


def sample_panel(
    packed: Mapping[str, Any],
    sample: Any,
    dataset_meta: dict[str, Any],
    truth: np.ndarray | None = None,
    visible: np.ndarray | None = None,
    photo: bool = True,
) -> np.ndarray:
    """Draw a row for ``stack_panels`` of a person that a model has predicted, with every keypoint.

    Args:
        packed (dict): The person as its data set packs it: ``inputs`` (3, H, W), BGR.
        sample (PoseDataSample): The prediction, with ``output_heatmaps``.
        dataset_meta (dict): Parsed metainfo of the dataset.
        truth (np.ndarray, optional): (K, 2) in pixels of the image; None omits the last column.
        visible (np.ndarray, optional): (K, ), above 0 where the truth is known.
        photo (bool): False draws on grey.
    """
    crop = np.ascontiguousarray(packed['inputs'].numpy().transpose(1, 2, 0)[:, :, ::-1])
    corner = sample.input_center - 0.5 * sample.input_scale

    def to_crop(points: np.ndarray) -> np.ndarray:
        return np.asarray((points - corner) / sample.input_scale * sample.input_size)

    return draw_panel(
        crop if photo else np.full_like(crop, 128),
        sample.pred_fields.cams.float().cpu().numpy(),
        sample.pred_fields.heatmaps.float().cpu().numpy(),
        to_crop(sample.pred_instances.keypoints[0]),
        sample.pred_instances.keypoint_scores[0],
        None if truth is None else to_crop(truth),
        visible,
        dataset_meta=dataset_meta,
        kpt_thr=0.0,
        headings=False,
    )


def stack_panels(panels: Sequence[np.ndarray], num_columns: int | None = None) -> np.ndarray:
    """Stack rows of ``draw_panel`` under one line of column headings.

    Args:
        panels (Sequence[np.ndarray]): Rows drawn with ``headings=False`` from crops of one size.
            A row without truth has a white last column.
        num_columns (int, optional): Columns of the widest row, 5 by default, or 4 without truth.

    Returns:
        np.ndarray: RGB uint8 (H', W', 3).
    """
    if not panels:
        raise ValueError('stack_panels needs at least one row.')
    num_columns = len(PANEL_COLUMNS) if num_columns is None else num_columns
    width = max(check_picture(panel).shape[1] for panel in panels)
    rows = [pad_to(panel, panel.shape[0] + _GAP, width) for panel in panels]
    column_width = (width + _GAP) // num_columns - _GAP
    return _add_headings(np.concatenate(rows, axis=0)[:-_GAP], column_width, num_columns)


def _join(columns: Sequence[np.ndarray]) -> np.ndarray:
    padded = [pad_to(c, c.shape[0], c.shape[1] + _GAP) for c in columns[:-1]]
    return np.concatenate([*padded, columns[-1]], axis=1)


def _add_headings(picture: np.ndarray, column_width: int, num_columns: int) -> np.ndarray:
    """Put the names of the columns over a row or a stack of rows."""
    blank = np.full((1, column_width, 3), 255, dtype=np.uint8)
    strip = _join([add_heading(blank, name)[:-1] for name in PANEL_COLUMNS[:num_columns]])
    return np.concatenate([pad_to(strip, strip.shape[0], picture.shape[1]), picture], axis=0)
