"""The last step of a pipeline: tags and view windows into the data sample."""

import cv2
import numpy as np
from mmpose.datasets.transforms import PackPoseInputs
from mmpose.registry import TRANSFORMS
from mmpose.structures.bbox import get_warp_matrix

from lfhpe_mmpose.errors import UserError

_LABELS = dict(keypoint_tags='keypoint_tags', tag_views='tag_views', located='located')


@TRANSFORMS.register_module()
class PackTaggedInputs(PackPoseInputs):
    """Pack a sample as MMPose does, with its tags.

    The tags and windows that :class:`WithholdLocations` wrote are those of the
    original image. Here they follow what MMPose's transforms did to it: a flip
    swaps left and right tags and mirrors the windows; the crop moves the
    windows into input pixels; and in a window that the crop cuts, a keypoint
    tagged as seen may have been cut off, so its tag becomes unknown (absent stays
    absent).

    Added to ``data_sample.gt_instance_labels``, as tensors:

        - keypoint_tags: (1, V, K) float32, 1 / 0 / -1
        - tag_views: (1, V, 4, 2) float32, corners in input pixels
        - located: (1, ) bool

    Data without tags are packed as :class:`PackPoseInputs` does.

    Args:
        min_cover (float): Least fraction of a window's area that must lie in
            the input for its positive tags to stand. Defaults to 0.85 (our
            choice: MMPose's crop padding of 1.25 may lose a margin that holds
            no keypoint).
        kwargs: Arguments of :class:`PackPoseInputs`.

    Raises:
        UserError: If an image was flipped after the crop.
    """

    def __init__(self, min_cover: float = 0.85, **kwargs) -> None:
        super().__init__(**kwargs)
        if not 0 <= min_cover <= 1:
            raise UserError(f'PackTaggedInputs: min_cover must lie in [0, 1], got {min_cover}.')
        self.min_cover = min_cover

    def transform(self, results: dict) -> dict:
        """Pack one sample.

        Args:
            results (dict): The result dict at the end of the pipeline.

        Returns:
            dict: ``inputs`` (3, H, W) and ``data_samples``, as MMPose packs them.
        """
        if 'keypoint_tags' in results:
            results = dict(results)
            self._follow_geometry(results)
            results.setdefault('label_mapping_table', self.label_mapping_table)
            results['label_mapping_table'] = {**results['label_mapping_table'], **_LABELS}
        return super().transform(results)

    def _follow_geometry(self, results: dict) -> None:
        """Bring tags and windows from the original image into the input."""
        tags, views = results['keypoint_tags'][0], results['tag_views'][0]
        if results.get('flip', False):
            direction = results['flip_direction']
            if direction != 'diagonal':  # half a turn leaves left and right in place
                tags = tags[:, results['flip_indices']]
            height, width = results['img_shape'][:2]
            views = views.copy()
            # The mirror image of x is width - 1 - x, as for MMPose's keypoints.
            # The corners are put back into their order (top left first).
            if direction in ('horizontal', 'diagonal'):
                views[..., 0] = width - 1 - views[..., 0]
                views = views[:, [1, 0, 3, 2]]
            if direction in ('vertical', 'diagonal'):
                views[..., 1] = height - 1 - views[..., 1]
                views = views[:, [3, 2, 1, 0]]
        if 'input_center' in results:
            views = self._warp(results, views)
            tags = self._blur_cut_views(tags, views, results['input_size'])
        results['keypoint_tags'] = tags[None].astype(np.float32)
        results['tag_views'] = views[None].astype(np.float32)

    @staticmethod
    def _warp(results: dict, views: np.ndarray) -> np.ndarray:
        if not np.allclose(results['input_center'], results['bbox_center'][0]):
            raise UserError(
                f'PackTaggedInputs: {results.get("img_path", "a sample")} was flipped after the '
                'crop. Put RandomFlip before TopdownAffine in the pipeline.'
            )
        rotation = results['bbox_rotation'][0] if 'bbox_rotation' in results else 0.0
        matrix = get_warp_matrix(
            results['input_center'],
            results['input_scale'],
            rotation,
            output_size=results['input_size'],
        )
        return cv2.transform(views.reshape(1, -1, 2), matrix).reshape(views.shape)

    def _blur_cut_views(self, tags: np.ndarray, views: np.ndarray, input_size) -> np.ndarray:
        """Set the positive tags of windows that the crop cuts to unknown."""
        w, h = input_size
        crop = np.array([[0, 0], [w, 0], [w, h], [0, h]], dtype=np.float32)
        tags = tags.copy()
        for v, corners in enumerate(views.astype(np.float32)):
            area = cv2.contourArea(corners)
            cover = cv2.intersectConvexConvex(corners, crop)[0] / max(area, 1e-6)
            if cover < self.min_cover:
                tags[v][tags[v] > 0] = -1
        return tags

    def __repr__(self) -> str:
        return (
            f'{self.__class__.__name__}(min_cover={self.min_cover}, '
            f'meta_keys={self.meta_keys}, pack_transformed={self.pack_transformed})'
        )
