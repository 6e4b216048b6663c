"""The withholding step: nothing behind it can read a withheld coordinate."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.labels import are_tags
from lfhpe_mmpose.tags.located import is_located
from lfhpe_mmpose.tags.persons import View
from lfhpe_mmpose.tags.tagging import Coordinates, TagSettings, tag_person
from lfhpe_mmpose.tags.views import VIEW_SCALE

# All other keys that a data set puts into `results` are dropped for a tagged person. The list says
# what may pass, so that an unknown key (a head size, a segmentation, a 3D pose, the data set
# itself) cannot leak a coordinate.
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
    """Take the tags of a person, and drop the coordinates of tagged persons.

    It must be the first step of the pipeline, before any augmentation, target or metric can read
    a coordinate. Whether a person is located is a function of ``seed``, image id and annotation
    id (``is_located``). A person without coordinates is never
    located. Tags and views of the annotation file (docs/tag-format.md) stand; otherwise they are
    taken from the coordinates (``tag_person``).

    For a tagged person every key outside ``LOCATION_FREE_KEYS`` is dropped, and ``keypoints``
    and ``keypoints_visible`` are zero: augmentations that read keypoints skip the person, and
    heatmap targets have zero weight. Data without annotations (inference) pass unchanged.

    Required keys: ``id``, ``img_id``, ``bbox``, ``keypoints``, ``keypoints_visible``. Optional:
    ``raw_ann_info`` (the flag of occluded keypoints, tags and views) and ``has_locations`` (False
    if the file has no coordinate of the person).

    Added keys:

    - ``keypoint_tags`` (1, V, K) float32, 1 / 0 / -1.
    - ``tag_views`` (1, V, 4, 2) float32: the corners of each view's window in pixels of the
      original image, clockwise from the top left. View 0 is the whole person.
    - ``located`` (1,) bool.
    - ``answer_error`` (1,) float32: the share of wrong answers in the tags, 0 if the file does
      not give it.

    Args:
        fraction: Location fraction in [0, 1].
        seed: Seed of the located persons. Defaults to 0.
        occluded: Tag of a keypoint that is annotated as occluded (COCO's flag 1): 'positive',
            'negative' or 'unknown'. Defaults to 'positive'.
        views: Views of a person who has coordinates and no ``tag_views`` in the file, the whole
            person included. Defaults to 1, the paper's setting.
        view_scale: Smallest and largest side of a sub-crop relative to the whole person's window,
            which is the person box enlarged by 1.1. Defaults to (0.4, 1.0).
        view_seed: Seed of the sub-crops. Defaults to 0.
        unlimited: Draw new sub-crops each time a person is loaded. An upper bound for studies: no
            annotator gives that many tags, so its results are always called unlimited. Defaults
            to False.
        whole_person: Whether the whole person is one of the views. If not, all ``views`` of a
            tagged person are sub-crops, V is one more than ``views``, and the tags of view 0 are
            unknown unless the file gives them (our choice: with one question for each keypoint
            and person, a sub-crop says far more, see docs/tags.md). Defaults to True.

    Raises:
        UserError: 'option' if an argument is out of range; 'pipeline' if the data have no ids or
            hold several persons in one sample (bottom-up).
    """

    def __init__(
        self,
        fraction: float,
        seed: int = 0,
        occluded: str = 'positive',
        views: int = 1,
        view_scale: tuple[float, float] = VIEW_SCALE,
        view_seed: int = 0,
        unlimited: bool = False,
        whole_person: bool = True,
    ) -> None:
        self.settings = TagSettings(
            fraction,
            seed,
            occluded,
            views,
            (view_scale[0], view_scale[1]),
            view_seed,
            whole_person,
        )
        self.unlimited = unlimited

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Add the tags, and withhold the coordinates of a tagged person.

        Args:
            results: The result dict of a data set, one person. It is not changed.
        """
        if 'keypoints' not in results and 'raw_ann_info' not in results:
            return results  # inference: there is nothing to withhold
        self._check(results)
        points = np.asarray(results['keypoints'], dtype=np.float32)[0, :, :2]
        number = len(points)
        has_locations = bool(results.get('has_locations', True))
        tags, views = _given(results, number)
        person = tag_person(
            results['bbox'][0],
            results['img_id'],
            results['id'],
            number,
            self.settings,
            Coordinates(points, _flags(results, number)) if has_locations else None,
            tags,
            views,
            np.random.randint(2**31) if self.unlimited else None,
        )
        if person.located:
            out = dict(results)
            # Steps that mix images would fetch other persons from the data set, past this step.
            out.pop('dataset', None)
        else:
            out = {k: results[k] for k in LOCATION_FREE_KEYS if k in results}
            out['keypoints'] = np.zeros((1, number, 2), dtype=np.float32)
            out['keypoints_visible'] = np.zeros((1, number), dtype=np.float32)
        out['keypoint_tags'] = person.tags[None]
        out['tag_views'] = person.windows[:, [[0, 1], [2, 1], [2, 3], [0, 3]]][None]
        out['located'] = np.array([person.located])
        raw = results.get('raw_ann_info') or {}
        out['answer_error'] = np.array([raw.get('answer_error', 0)], dtype=np.float32)
        return out

    def locates(self, person: Mapping[str, Any]) -> bool:
        """Whether the coordinates of a person may be used.

        Args:
            person: Data info or results with ``img_id`` and ``id``.
        """
        fraction, seed = self.settings.fraction, self.settings.seed
        chosen = is_located(person['img_id'], person['id'], fraction, seed)
        return chosen and bool(person.get('has_locations', True))

    @staticmethod
    def _check(results: dict[str, Any]) -> None:
        place = f'WithholdLocations, {results.get("img_path", "a sample")}'
        missing = [k for k in ('id', 'img_id', 'bbox', 'keypoints') if k not in results]
        if missing:
            raise UserError(
                'pipeline',
                place,
                f'the sample has no {", ".join(missing)}.',
                'Make it the first step of the pipeline of a top-down data set with ids.',
            )
        if len(results['keypoints']) != 1:
            raise UserError(
                'pipeline',
                place,
                f'the sample holds {len(results["keypoints"])} persons.',
                "Set data_mode='topdown' on the data set.",
            )

    def __repr__(self) -> str:
        options = ', '.join(f'{k}={v!r}' for k, v in vars(self.settings).items())
        return f'{self.__class__.__name__}({options}, unlimited={self.unlimited})'


def _given(results: Mapping[str, Any], num_keypoints: int) -> tuple[list[int] | None, list[View]]:
    """Tags and views of the annotation, in the order of the keypoints."""
    raw: Mapping[str, Any] = results.get('raw_ann_info') or {}
    tags, views = raw.get('keypoint_tags'), raw.get('tag_views') or []
    if tags is None and not views:
        return None, []
    where = f'{results.get("img_path", "a sample")}, annotation {results.get("id")}'
    entries = {f'.tag_views[{v}]': view['keypoint_tags'] for v, view in enumerate(views)}
    if tags is not None:
        entries['.keypoint_tags'] = tags
    for at, value in entries.items():
        if not isinstance(value, list) or len(value) != num_keypoints or not are_tags(value):
            raise UserError(
                'pipeline',
                where + at,
                f'{short(value)} is not a list of {num_keypoints} tags.',
                "Use the data set type 'TaggedCocoDataset', which also reads tags by name, and "
                'check the file by `lfhpe check`.',
            )
    return tags, [(view['bbox'], view['keypoint_tags']) for view in views]


def _flags(results: Mapping[str, Any], num_keypoints: int) -> list[float]:
    """Flags 0, 1, 2 of K keypoints. MMPose merges 1 and 2, the raw annotation does not."""
    raw = (results.get('raw_ann_info') or {}).get('keypoints')
    if raw is not None and len(raw) == 3 * num_keypoints:
        return np.asarray(raw, dtype=np.float32)[2::3].tolist()
    visible = np.asarray(results['keypoints_visible'], dtype=np.float32)
    return (2.0 * (visible.reshape(1, num_keypoints, -1)[0, :, 0] > 0)).tolist()
