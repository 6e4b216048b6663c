"""The one door: behind it nothing can read a withheld coordinate."""

from collections.abc import Mapping

import numpy as np
from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.located import is_located
from lfhpe_mmpose.tags.views import (
    OCCLUDED_CHOICES,
    draw_views,
    file_tags,
    tags_from_visibility,
    view_tags,
)

from .seeding import seed_sample

# Everything else that a data set puts into `results` is dropped for a tagged
# person. A list of what may pass, not of what may not: an unknown key of some
# data set (a head size, a segmentation, a 3D pose, the data set object itself)
# cannot leak.
LOCATION_FREE_KEYS = (
    'id',
    'img_id',
    'img_path',
    'img',
    'img_shape',
    'ori_shape',
    'sample_idx',
    'bbox',
    'bbox_score',
    'bbox_center',
    'bbox_scale',
    'bbox_rotation',
    'category_id',
    'iscrowd',
    'dataset_name',
    'upper_body_ids',
    'lower_body_ids',
    'flip_pairs',
    'flip_indices',
    'skeleton_links',
    'dataset_keypoint_weights',
)


@TRANSFORMS.register_module()
class WithholdLocations(BaseTransform):
    """Take the tags of a person, and the coordinates away from tagged persons.

    It must be the first step of the pipeline: before any augmentation, target
    or metric can read a coordinate. Whether a person is located is a pure
    function of ``seed``, image id and annotation id (see :func:`is_located`).
    Tags and tagged views that the annotation file gives (docs/tag-format.md) stand; else
    they are taken from the coordinates. A person without coordinates is never located.
    For a tagged person every key that is not in :data:`LOCATION_FREE_KEYS` is
    dropped, and ``keypoints`` and ``keypoints_visible`` are set to zero, so that
    augmentations which look at keypoints skip the person and heatmap targets
    get zero weight. Data without annotations (inference) pass unchanged.

    Required Keys:

        - id
        - img_id
        - bbox
        - keypoints
        - keypoints_visible
        - raw_ann_info (optional: the flag of occluded keypoints; tags and tagged views
          of a tag file)
        - has_locations (optional: False for a person of whom the file has no coordinate)

    Modified Keys:

        - keypoints (zeros for a tagged person)
        - keypoints_visible (zeros for a tagged person)

    Added Keys:

        - keypoint_tags: (1, V, K) float32, 1 / 0 / -1
        - tag_views: (1, V, 4, 2) float32, corners of each view's window in
          pixels of the original image (top left, top right, bottom right,
          bottom left). View 0 is the whole person; without ``whole_person`` its tags are
          unknown and V is one more than ``views``.
        - located: (1, ) bool

    Args:
        fraction (float): Location fraction in [0, 1].
        seed (int): Seed of the located persons. Defaults to 0.
        occluded (str): Tag of a keypoint that is annotated as occluded (COCO's
            flag 1): ``'positive'``, ``'negative'`` or ``'unknown'``.
            Defaults to ``'positive'``.
        views (int): Tagged views drawn for a person who has coordinates and no
            ``tag_views`` in the file, the whole person included. 1 is the paper's
            setting. Defaults to 1.
        view_scale (tuple[float, float]): Smallest and largest side of a
            sub-crop relative to the whole person's window, which is the person box
            enlarged by 1.1. Defaults to (0.4, 1.0).
        view_seed (int): Seed of the sub-crops. Defaults to 0.
        unlimited (bool): Draw the sub-crops afresh each time a person is loaded, as if
            somebody answered for every crop there is. An upper bound for studies: no
            annotator gives that, so a result of it is always called unlimited.
            Defaults to False, where a person's sub-crops are the same each time.
        whole_person (bool): Whether the whole person is one of the views. If not, all
            ``views`` of a tagged person are sub-crops, and nobody was asked about the whole
            (our choice: with one question a keypoint and person, a sub-crop tells far more,
            see docs/tags.md). A person with tags in the file has been asked, and a located
            person's tags follow from his coordinates. Defaults to True.

    Raises:
        UserError: If an argument is out of range, or the data have no ids, or
            hold several persons in one sample (bottom-up).
    """

    def __init__(
        self,
        fraction: float,
        seed: int = 0,
        occluded: str = 'positive',
        views: int = 1,
        view_scale: tuple[float, float] = (0.4, 1.0),
        view_seed: int = 0,
        unlimited: bool = False,
        whole_person: bool = True,
    ) -> None:
        if isinstance(fraction, bool) or not isinstance(fraction, int | float):
            raise UserError(
                f'WithholdLocations: fraction must be a number in [0, 1], got {fraction!r}.'
            )
        if not 0 <= fraction <= 1:
            raise UserError(
                f'WithholdLocations: fraction must lie in [0, 1], got {fraction}. '
                'Write 25% as fraction=0.25.'
            )
        if occluded not in OCCLUDED_CHOICES:
            raise UserError(
                f'WithholdLocations: occluded must be one of {sorted(OCCLUDED_CHOICES)}, '
                f'got {occluded!r}.'
            )
        if isinstance(views, bool) or not isinstance(views, int) or views < 1:
            raise UserError(
                f'WithholdLocations: views must be a whole number of at least 1, got {views!r}.'
            )
        if len(view_scale) != 2 or not 0 < view_scale[0] <= view_scale[1] <= 1:
            raise UserError(
                'WithholdLocations: view_scale must be (smallest, largest) with '
                f'0 < smallest <= largest <= 1, got {view_scale!r}.'
            )
        self.fraction = fraction
        self.seed = seed
        self.occluded = occluded
        self.views = views
        self.view_scale = (view_scale[0], view_scale[1])
        self.view_seed = view_seed
        self.unlimited = unlimited
        self.whole_person = whole_person

    def transform(self, results: dict) -> dict:
        """Add the tags, and withhold the coordinates of a tagged person.

        Args:
            results (dict): The result dict of a data set, one person.

        Returns:
            dict: A new result dict.
        """
        # Here, because this is the first step, and draws numbers itself where views are unlimited.
        seed_sample(results.get('sample_idx'))
        if 'keypoints' not in results and 'raw_ann_info' not in results:
            return results  # inference: there is nothing to withhold
        self._check(results)

        keypoints = np.asarray(results['keypoints'], dtype=np.float32)[0, :, :2]
        located = self.locates(results)
        windows, tags = self._views(results, keypoints, located)
        if located:
            out = dict(results)
            # Mixed-image steps would fetch other persons through the data set,
            # round the door.
            out.pop('dataset', None)
        else:
            out = {k: results[k] for k in LOCATION_FREE_KEYS if k in results}
            out['keypoints'] = np.zeros((1, *keypoints.shape), dtype=np.float32)
            out['keypoints_visible'] = np.zeros((1, len(keypoints)), dtype=np.float32)
        out['keypoint_tags'] = tags[None]
        out['tag_views'] = windows[:, [[0, 1], [2, 1], [2, 3], [0, 3]]][None]
        out['located'] = np.array([located])
        return out

    def locates(self, person: Mapping) -> bool:
        """Tell whether the coordinates of a person may be used.

        Args:
            person (Mapping): Data info or results with ``img_id`` and ``id``.

        Returns:
            bool: True for a located person.
        """
        chosen = is_located(person['img_id'], person['id'], self.fraction, self.seed)
        return chosen and bool(person.get('has_locations', True))

    def _views(
        self, results: dict, keypoints: np.ndarray, located: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Windows (V, 4) and tags (V, K) of a person: the file's, else the coordinates'."""
        raw = results.get('raw_ann_info') or {}
        has_locations = bool(results.get('has_locations', True))
        visibility = self._visibility(results)
        if raw.get('keypoint_tags') is not None:
            tags = file_tags(raw['keypoint_tags'], len(keypoints), results)
        elif has_locations:
            tags = tags_from_visibility(visibility, self.occluded)
        else:
            tags = np.full(len(keypoints), -1, dtype=np.float32)
        given = raw.get('tag_views') or []
        windows = draw_views(
            results['bbox'][0],
            self.views + (not self.whole_person) if has_locations and not given else 1,
            np.random.randint(2**31) if self.unlimited else self.view_seed,
            results['img_id'],
            results['id'],
            self.view_scale,
        )
        if given:
            boxes = np.array([view['bbox'] for view in given], dtype=np.float64)
            boxes[:, 2:] += boxes[:, :2]
            windows = np.concatenate([windows, boxes.astype(np.float32)])
            rows = [file_tags(v['keypoint_tags'], len(keypoints), results) for v in given]
            return windows, np.stack([tags, *rows])
        all_tags = view_tags(windows, keypoints, tags)
        # Seen by the file's tags, but nobody knows where: in or out of a sub-crop.
        all_tags[1:, (visibility <= 0) & (tags != 0)] = -1
        if not (self.whole_person or located) and raw.get('keypoint_tags') is None:
            all_tags[0] = -1
        return windows, all_tags

    @staticmethod
    def _check(results: dict) -> None:
        missing = [k for k in ('id', 'img_id', 'bbox', 'keypoints') if k not in results]
        if missing:
            raise UserError(
                f'WithholdLocations: {results.get("img_path", "a sample")} has no {missing}. It '
                'must be the first step of the pipeline of a top-down data set with ids.'
            )
        if len(results['keypoints']) != 1:
            raise UserError(
                f'WithholdLocations: {results.get("img_path", "a sample")} holds '
                f'{len(results["keypoints"])} persons in one sample. '
                "Set data_mode='topdown' on the data set."
            )

    @staticmethod
    def _visibility(results: dict) -> np.ndarray:
        """Flags (K, ) 0/1/2. MMPose merges 1 and 2, the raw annotation does not."""
        num_keypoints = np.asarray(results['keypoints']).shape[1]
        raw = (results.get('raw_ann_info') or {}).get('keypoints')
        if raw is not None and len(raw) == 3 * num_keypoints:
            return np.asarray(raw, dtype=np.float32)[2::3]
        visible = np.asarray(results['keypoints_visible'], dtype=np.float32)
        visible = visible.reshape(1, num_keypoints, -1)[0, :, 0]
        return 2 * (visible > 0)

    def __repr__(self) -> str:
        return (
            f'{self.__class__.__name__}(fraction={self.fraction}, seed={self.seed}, '
            f'occluded={self.occluded!r}, views={self.views}, view_scale={self.view_scale}, '
            f'view_seed={self.view_seed}, unlimited={self.unlimited}, '
            f'whole_person={self.whole_person})'
        )
