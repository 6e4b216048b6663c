"""Pictures from a crop cache, in place of decoding an image for every person."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from mmpose.datasets.transforms import LoadImage
from mmpose.registry import TRANSFORMS

from lfhpe_mmpose.errors import UserError

from ..crop_cache.encoding import decode
from ..crop_cache.store import CropEntry, CropStore, box_of


@dataclass(frozen=True)
class CachedCrop:
    """Where the picture of a sample is from, between the two steps of a cache.

    Attributes:
        entry (CropEntry): The entry of the cache.
        loader (LoadCachedCrop): Loads the whole image where the crop does not reach.
    """

    entry: CropEntry
    loader: 'LoadCachedCrop'


@TRANSFORMS.register_module()
class LoadCachedCrop(LoadImage):
    """Take the picture from a crop cache, in place of ``LoadImage`` (our choice).

    ``img`` becomes the crop; box, keypoints, views and ``img_shape`` stay those of the image,
    so that every step that looks at geometry, the targets and the metrics are the same to
    the last bit as without a cache. :class:`CachedTopdownAffine`, which takes the place of
    ``TopdownAffine``, knows where the crop is from. Steps between the two must not look at
    pixels; a flip is followed. ``tools/cache_crops.py`` makes the cache.

    Required Keys:

        - img_id, id, img_path, bbox, dataset_name
        - keypoint_tags (of :class:`WithholdLocations`, which stands before)

    Modified Keys:

        - img
        - img_shape, ori_shape (of the image, not of the crop)

    Added Keys:

        - cached_crop

    Args:
        cache (str): The folder of the cache.
        kwargs: Arguments of :class:`LoadImage`.

    Raises:
        UserError: If there is no finished cache, the door is not in front, or the cache has
            no such person, another box of him or another data set.
    """

    def __init__(self, cache: str, **kwargs) -> None:
        super().__init__(**kwargs)
        if self.color_type != 'color' or self.imdecode_backend != 'cv2':
            raise UserError(
                "LoadCachedCrop: a crop cache holds pictures of color_type='color' and "
                f"imdecode_backend='cv2', got {self.color_type!r} and {self.imdecode_backend!r}."
            )
        self.cache = cache
        self.store = CropStore(cache)

    def transform(self, results: dict) -> dict:
        """Load the crop of one person.

        Args:
            results (dict): The result dict behind the door.

        Returns:
            dict: A new result dict.
        """
        if 'keypoint_tags' not in results:
            raise UserError(
                'LoadCachedCrop: put it after WithholdLocations, the first step of the pipeline.'
            )
        entry = self._entry(results)
        img = decode(entry, self.store.data(entry.img_id, entry.ann_id))
        out = dict(results)
        out['img'] = img.astype(np.float32) if self.to_float32 else img
        out['img_shape'] = out['ori_shape'] = (entry.image_size[1], entry.image_size[0])
        out['cached_crop'] = CachedCrop(entry, self)
        return out

    def load_source(self, results: Mapping) -> np.ndarray:
        """Load the whole image of a sample.

        Args:
            results (Mapping): The result dict.

        Returns:
            np.ndarray: The image (H, W, 3), BGR.

        Raises:
            UserError: If it is not there, or of another size than it was.
        """
        path, entry = results['img_path'], results['cached_crop'].entry
        try:
            img = super().transform(dict(img_path=path))['img']
        except Exception as error:  # whatever a storage raises
            raise UserError(
                f'{self.cache}: the crop of annotation {entry.ann_id!r} of image '
                f'{entry.img_id!r} does not reach as far as the augmentation, and {path} cannot '
                f'be read ({type(error).__name__}). Keep the images, or build the cache with a '
                'larger --margin or --oversample.'
            ) from error
        if img.shape[1::-1] != entry.image_size:
            raise UserError(
                f'{path} has {img.shape[1]}x{img.shape[0]} pixels; the crops in {self.cache} are '
                f'from one of {entry.image_size[0]}x{entry.image_size[1]}. {_AGAIN}'
            )
        return img

    def _entry(self, results: Mapping) -> CropEntry:
        who = f'annotation {results["id"]!r} of image {results["img_id"]!r}'
        name = self.store.settings['dataset_name']
        if results.get('dataset_name', name) != name:
            raise UserError(
                f'{self.cache} is a cache of the data set {name!r}, not of '
                f'{results["dataset_name"]!r} ({results.get("img_path")}). {_AGAIN}'
            )
        entry = self.store.entry(results['img_id'], results['id'])
        if entry is None:
            raise UserError(f'{self.cache} holds no {who} ({results.get("img_path")}). {_AGAIN}')
        if entry.box != box_of(results):
            raise UserError(
                f'{self.cache}: {who} has the box {entry.box}, the annotation file '
                f'{box_of(results)}. {_AGAIN}'
            )
        return entry

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}(cache={self.cache!r}, to_float32={self.to_float32})'


_AGAIN = 'Build a cache of this data set with tools/cache_crops.py in another folder.'
