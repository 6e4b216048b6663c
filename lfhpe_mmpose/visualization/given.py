"""What a pipeline gives to the network, drawn from the packed sample alone.

To show another packed field, add a line to ``draw_given``.
"""

from typing import Any

import cv2
import numpy as np
import torch
from mmpose.structures import PoseDataSample

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import ABSENT, SEEN, UNKNOWN, is_known

from .canvas import (
    MIN_SIDE,
    add_heading,
    enlarge,
    enlarge_factor,
    enlarge_points,
    pad_to,
    put_text,
    text_width,
)
from .maps import keypoint_palette
from .skeletons import draw_skeleton

_SIGNS = {SEEN: '+', ABSENT: '-', UNKNOWN: '?'}
_SIGN_COLORS = {SEEN: (0, 120, 0), ABSENT: (190, 0, 0), UNKNOWN: (120, 120, 120)}
_LINE = 15  # height of a line of the list of tags, pixels


def input_picture(inputs: torch.Tensor) -> np.ndarray:
    """Turn a packed input (3, H, W), BGR, into a picture.

    Integers are taken as 0 to 255. Floats are taken as normalised by the pipeline and stretched
    from their lowest to their highest value.
    """
    image = inputs.detach().cpu().numpy().transpose(1, 2, 0)[..., ::-1]
    if np.issubdtype(image.dtype, np.floating) and (image.min() < 0 or image.max() <= 8):
        span = max(float(image.max() - image.min()), 1e-6)
        image = (image - image.min()) / span * 255
    return np.ascontiguousarray(np.clip(np.rint(image), 0, 255).astype(np.uint8))


def draw_given(
    inputs: torch.Tensor,
    data_sample: PoseDataSample,
    dataset_meta: dict[str, Any],
    min_side: int = MIN_SIDE,
) -> np.ndarray:
    """Draw a training sample: crop, view windows, tags, and keypoints if located.

    Signs are green ``+`` (visible), red ``-`` (not visible), grey ``?`` (unknown); each tagged
    view has a column in the colour of its window.

    Args:
        inputs (torch.Tensor): The packed input (3, H, W).
        data_sample (PoseDataSample): Packed by ``PackTaggedInputs``, with
            ``pack_transformed=True`` for the keypoints of located persons.
        dataset_meta (dict): Parsed metainfo of the dataset.
        min_side (int): Smaller crops are enlarged.

    Returns:
        np.ndarray: RGB uint8 (H', W', 3): the crop, and the list of tags on its right.

    Raises:
        UserError: If the sample has no tags.
    """
    labels = data_sample.gt_instance_labels
    if 'keypoint_tags' not in labels:
        raise UserError(
            'pipeline-tags',
            'pipeline',
            'The sample has no tags.',
            'Make WithholdLocations the first step and PackTaggedInputs the last.',
        )
    tags = labels.keypoint_tags[0].cpu().numpy()
    located = bool(labels.located[0])
    image = input_picture(inputs)
    factor = enlarge_factor(image.shape, min_side)
    picture = enlarge(image, min_side)
    if located and 'transformed_keypoints' in data_sample.gt_instances:
        points = enlarge_points(data_sample.gt_instances.transformed_keypoints, factor)
        visible = np.asarray(data_sample.gt_instances.keypoints_visible)
        visible = visible.reshape(*points.shape[:2], -1)[..., 0]
        picture = draw_skeleton(picture, points, visible, dataset_meta, kpt_thr=0.5)
    view_colors = keypoint_palette(len(tags))
    windows = enlarge_points(labels.tag_views[0].cpu().numpy(), factor)
    for window, color in zip(windows, view_colors, strict=True):
        _draw_window(picture, window, color)
    names = [dataset_meta['keypoint_id2name'][k] for k in range(tags.shape[1])]
    tag_list = _draw_tags(tags, names, view_colors)
    height = max(picture.shape[0], tag_list.shape[0])
    joined = np.concatenate([pad_to(p, height, p.shape[1]) for p in (picture, tag_list)], axis=1)
    # A view without a known tag was not annotated.
    views = int(is_known(tags).any(1).sum())
    number = f'{views} view{"" if views == 1 else "s"}'
    return add_heading(joined, f'{"located" if located else "tagged"} person, {number}')


def _draw_window(picture: np.ndarray, corners: np.ndarray, color: np.ndarray) -> None:
    """Outline the part of a view's window inside the crop, in place."""
    height, width = picture.shape[:2]
    crop = np.array(
        [[1, 1], [width - 2, 1], [width - 2, height - 2], [1, height - 2]], dtype=np.float32
    )
    # An edge outside the crop is drawn along its border.
    area, inside = cv2.intersectConvexConvex(corners.astype(np.float32), crop)
    if area > 0:
        outline = np.rint(inside).astype(np.int32)
        cv2.polylines(picture, [outline], True, tuple(map(int, color)), 2, cv2.LINE_AA)


def _draw_tags(tags: np.ndarray, names: list[str], view_colors: np.ndarray) -> np.ndarray:
    """Draw the list of keypoint names with a column of signs per view."""
    sign_width = 14
    left = 6 + sign_width * len(tags)
    width = left + max(text_width(name, 0.4) for name in names) + 8
    out = np.full((_LINE * (len(names) + 1) + 4, width, 3), 255, dtype=np.uint8)
    for v, color in enumerate(view_colors):
        x = 4 + sign_width * v
        cv2.rectangle(out, (x, 4), (x + 8, 10), tuple(map(int, color)), -1)
    for k, name in enumerate(names):
        y = _LINE * (k + 2) - 4
        for v in range(len(tags)):
            tag = int(tags[v, k])
            put_text(out, _SIGNS[tag], (4 + sign_width * v, y), _SIGN_COLORS[tag])
        put_text(out, name, (left, y), _SIGN_COLORS[int(tags[0, k])], size=0.4)
    return out
