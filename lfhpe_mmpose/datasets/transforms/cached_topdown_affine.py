"""The network input from a cached crop, as if it were cut from the image."""

from collections.abc import Mapping

import cv2
import numpy as np
from mmcv.image import imflip
from mmpose.datasets.transforms import TopdownAffine
from mmpose.registry import TRANSFORMS
from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix

from ..crop_cache.store import CropEntry

# Bilinear interpolation reads one pixel further; rounding needs the rest.
_BORDER = 1.5


@TRANSFORMS.register_module()
class CachedTopdownAffine(TopdownAffine):
    """``TopdownAffine`` for the picture of :class:`LoadCachedCrop`.

    Keypoints and boxes go through MMPose's own step, in the frame of the image. A crop that is
    not scaled is laid at its place in an image of the old size and warped by the same matrix,
    so that from a lossless cache the input is the same to the last bit; for a scaled one the
    matrix is moved to the crop's frame. Where the augmentation asks for more than the crop
    holds (a half-body crop that reaches out, a finer zoom), the image itself is read: a cache
    never changes what the network is given beyond JPEG and resampling. A picture that is not
    from a cache is served as by MMPose.

    The required and added keys are those of :class:`TopdownAffine`; ``cached_crop`` is taken
    away.

    Args:
        input_size (tuple[int, int]): Width and height of the input.
        use_udp (bool): As in :class:`TopdownAffine`. Defaults to False.
    """

    def __init__(self, input_size: tuple[int, int], use_udp: bool = False) -> None:
        super().__init__(input_size, use_udp)
        self._scratch = np.empty(0, dtype=np.uint8)

    def transform(self, results: dict) -> dict:
        """Warp one sample.

        Args:
            results (dict): The result dict.

        Returns:
            dict: The result dict with ``img`` (H, W, 3) of the input's size.
        """
        cached = results.get('cached_crop')
        if cached is None:
            return super().transform(results)
        # One pixel through MMPose's own code for everything but the picture.
        crop, results['img'] = results['img'], results['img'][:1, :1]
        results = super().transform(results)
        flip = results.get('flip_direction') if results.get('flip') else None
        results['img'] = self._warp(results, crop, flip)
        del results['cached_crop']
        return results

    def _warp(self, results: Mapping, crop: np.ndarray, flip: str | None) -> np.ndarray:
        """The input (H, W, 3), from the crop if it reaches."""
        cached = results['cached_crop']
        matrix = self._matrix(results)
        to_image = _crop_to_image(cached.entry, flip)
        if not _reaches(matrix, cached.entry, to_image, self.input_size):
            img = cached.loader.load_source(results)
            img = imflip(img, direction=flip) if flip else img
        elif cached.entry.scaled:
            img = crop
            matrix = (np.vstack([matrix, [0, 0, 1]]) @ to_image)[:2]
        else:
            img = self._lay_out(crop, cached.entry.image_size, to_image[:2, 2].astype(int))
        return cv2.warpAffine(img, matrix, self.input_size, flags=cv2.INTER_LINEAR)

    def _lay_out(self, crop: np.ndarray, image_size: tuple, start: np.ndarray) -> np.ndarray:
        """Put a crop at its place in an image, of which nothing else will be looked at."""
        if crop.shape[1::-1] == image_size:
            return crop
        shape = (image_size[1], image_size[0], crop.shape[2])
        if crop.dtype != np.uint8:
            img = np.zeros(shape, dtype=crop.dtype)
        else:
            # The same memory each time: a fresh image costs more than the copy of the crop.
            size = shape[0] * shape[1] * shape[2]
            if len(self._scratch) < size:
                self._scratch = np.empty(size, dtype=np.uint8)
            img = self._scratch[:size].reshape(shape)
        x, y = start
        img[y : y + crop.shape[0], x : x + crop.shape[1]] = crop
        return img

    def _matrix(self, results: Mapping) -> np.ndarray:
        """The warp from image to input, (2, 3), as ``TopdownAffine`` computes it."""
        rotation = results['bbox_rotation'][0] if 'bbox_rotation' in results else 0.0
        make = get_udp_warp_matrix if self.use_udp else get_warp_matrix
        matrix = make(
            results['input_center'], results['input_scale'], rotation, output_size=self.input_size
        )
        return matrix.astype(np.float64)


def _crop_to_image(entry: CropEntry, flip: str | None) -> np.ndarray:
    """Crop pixels to image pixels, (3, 3), after a flip of both."""
    x, y, w, h = entry.window
    if flip in ('horizontal', 'diagonal'):
        x = entry.image_size[0] - x - w
    if flip in ('vertical', 'diagonal'):
        y = entry.image_size[1] - y - h
    rx, ry = w / entry.size[0], h / entry.size[1]
    # The centre of the first pixel lies half a pixel inside, at either scale.
    return np.array([[rx, 0, x + (rx - 1) / 2], [0, ry, y + (ry - 1) / 2], [0, 0, 1]])


def _reaches(
    matrix: np.ndarray, entry: CropEntry, to_image: np.ndarray, input_size: tuple[int, int]
) -> bool:
    """Whether the crop holds all that the input shows of the image, finely enough."""
    to_crop = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]) @ to_image)
    w, h = input_size
    corners = to_crop[:2] @ np.array([[0, w - 1, w - 1, 0], [0, 0, h - 1, h - 1], [1, 1, 1, 1]])
    if entry.scaled:
        # Crop pixels for one input pixel.
        finest = np.linalg.svd(to_crop[:2, :2], compute_uv=False).min()
        if finest < 1:
            return False
    low, high = corners.min(1) - _BORDER, corners.max(1) + _BORDER
    # On this side the crop ends where the image does, and beyond both there is nothing.
    start = to_image[:2, 2] - (np.diag(to_image)[:2] - 1) / 2
    end = start + entry.window[2:]
    free_low = start <= 0
    free_high = end >= entry.image_size
    return bool(
        np.all(free_low | (low >= 0)) and np.all(free_high | (high <= np.array(entry.size) - 1))
    )
