"""The last step of a pipeline: tags and view windows into the data sample."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from mmpose.datasets.transforms import PackPoseInputs
from mmpose.registry import TRANSFORMS
from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.values import UNKNOWN, is_visible

_LABELS = {name: name for name in ('keypoint_tags', 'tag_views', 'located', 'answer_error')}


@TRANSFORMS.register_module()
class PackTaggedInputs(PackPoseInputs):
    """Pack a sample as MMPose does, with its tags.

    Tags and windows of ``WithholdLocations`` refer to the original image. Here they follow
    MMPose's transforms: a flip swaps left and right tags and mirrors the windows, and the crop
    moves the windows into input pixels. If the crop cuts a window, a keypoint tagged as visible
    may have been cut off, so its tag becomes unknown; a keypoint that is not visible stays so.

    Added to ``data_sample.gt_instance_labels``, as tensors:

    - ``keypoint_tags`` (1, V, K) float32, 1 / 0 / -1
    - ``tag_views`` (1, V, 4, 2) float32, corners in input pixels
    - ``located`` (1,) bool
    - ``answer_error`` (1,) float32, the share of wrong answers

    Data without tags are packed as ``PackPoseInputs`` does.

    Args:
        min_cover: Least fraction of a window's area that must lie in the input for its positive
            tags to stand. Defaults to 0.85 (our choice: MMPose's crop padding of 1.25 may lose a
            margin that holds no keypoint).
        kwargs: Arguments of ``PackPoseInputs``.

    Raises:
        UserError: 'option' if ``min_cover`` is out of range, 'pipeline' if an image was flipped
            after the crop.
    """

    def __init__(self, min_cover: float = 0.85, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= min_cover <= 1:
            raise UserError(
                'option',
                'PackTaggedInputs.min_cover',
                f'{min_cover!r} is invalid.',
                'Give a number in [0, 1].',
            )
        self.min_cover = min_cover

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Pack one sample.

        Returns:
            dict: ``inputs`` (3, H, W) and ``data_samples``, as MMPose packs them.
        """
        if 'keypoint_tags' in results:
            results = dict(results)
            self._follow_geometry(results)
            table = results.get('label_mapping_table', self.label_mapping_table)
            results['label_mapping_table'] = {**(table or {}), **_LABELS}
        return super().transform(results)

    def _follow_geometry(self, results: dict[str, Any]) -> None:
        """Bring tags and windows from the original image into the input."""
        tags, views = results['keypoint_tags'][0], results['tag_views'][0]
        if results.get('flip', False):
            direction = results['flip_direction']
            if direction != 'diagonal':  # half a turn leaves left and right in place
                tags = tags[:, results['flip_indices']]
            height, width = results['img_shape'][:2]
            views = views.copy()
            # The mirror image of x is width - 1 - x, as for MMPose's keypoints. The corners are
            # put back into their order (top left first).
            if direction in ('horizontal', 'diagonal'):
                views[..., 0] = width - 1 - views[..., 0]
                views = views[:, [1, 0, 3, 2]]
            if direction in ('vertical', 'diagonal'):
                views[..., 1] = height - 1 - views[..., 1]
                views = views[:, [3, 2, 1, 0]]
        if 'input_center' in results:
            warp = _applied_warp(results)
            views = cv2.transform(views.reshape(1, -1, 2), warp).reshape(views.shape)
            tags = self._blur_cut_views(tags, views, results['input_size'])
        results['keypoint_tags'] = tags[None].astype(np.float32)
        results['tag_views'] = views[None].astype(np.float32)

    def _blur_cut_views(
        self, tags: np.ndarray, views: np.ndarray, input_size: Sequence[int]
    ) -> np.ndarray:
        """Set the positive tags of windows that the crop cuts to unknown."""
        w, h = input_size
        crop = np.array([[0, 0], [w, 0], [w, h], [0, h]], dtype=np.float32)
        tags = tags.copy()
        for row, corners in zip(tags, views.astype(np.float32), strict=True):
            area = cv2.contourArea(corners)
            cover = cv2.intersectConvexConvex(corners, crop)[0] / max(area, 1e-6)
            if cover < self.min_cover:
                row[is_visible(row)] = UNKNOWN
        return tags

    def __repr__(self) -> str:
        return (
            f'{self.__class__.__name__}(min_cover={self.min_cover}, '
            f'meta_keys={self.meta_keys}, pack_transformed={self.pack_transformed})'
        )


def _applied_warp(results: dict[str, Any]) -> np.ndarray:
    """The matrix (2, 3) by which ``TopdownAffine`` cut the input out.

    It records box and size but not ``use_udp``. Where it moved the keypoints to tells: the
    matrices differ by up to a pixel everywhere but in the top left corner of the crop.
    """
    if not np.allclose(results['input_center'], results['bbox_center'][0]):
        raise UserError(
            'pipeline',
            f'PackTaggedInputs, {results.get("img_path", "a sample")}',
            'the image was flipped after the crop.',
            'Put RandomFlip before TopdownAffine in the pipeline.',
        )
    rotation = results['bbox_rotation'][0] if 'bbox_rotation' in results else 0.0
    box = results['input_center'], results['input_scale'], rotation
    usual = get_warp_matrix(*box, output_size=results['input_size'])
    unbiased = get_udp_warp_matrix(*box, output_size=results['input_size'])
    before = results['keypoints'][..., :2]
    after = results['transformed_keypoints'][..., :2]
    errors = [np.nansum(abs(cv2.transform(before, m) - after)) for m in (usual, unbiased)]
    return unbiased if errors[1] < errors[0] else usual
