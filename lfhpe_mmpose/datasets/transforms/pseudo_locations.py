"""Locations that a teacher model predicted, for persons whose own are withheld."""

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import read_json
from lfhpe_mmpose.tags.values import is_known, is_visible

_REMEDY = 'Write it by `lfhpe pseudo-locate`, with a model of the same keypoints.'


@TRANSFORMS.register_module()
class LoadPseudoLocations(BaseTransform):
    """Give tagged persons the keypoints that a model found, if the tags allow it.

    The step after ``WithholdLocations``. A prediction is used if its score is at least
    ``min_score``, the keypoint is tagged as visible, and the point lies inside every view that
    shows the keypoint and outside every view that does not. Later steps treat it as a location.
    Located persons keep their own.

    ``lfhpe pseudo-locate`` writes the file from a model. It holds no annotated coordinate, unless
    the model learnt from some. Self-training (Lee, ICML workshop 2013) with the check by tags as
    our choice.

    Required keys: ``img_id``, ``id``, ``located``, ``keypoint_tags``, ``tag_views``. Modified
    keys: ``keypoints``, ``keypoints_visible`` (of tagged persons).

    Args:
        file: JSON with ``persons``: entries of image id, annotation id, and K times
            (x, y, score), pixels of the image.
        min_score: Least score. Defaults to 0.3.

    Raises:
        UserError: 'pseudo-locations' if the file is invalid or has another number of keypoints,
            'pipeline' if ``WithholdLocations`` is not in front.
    """

    def __init__(self, file: str, min_score: float = 0.3) -> None:
        self.file = file
        self.min_score = min_score
        content = read_json(file)
        try:
            self.found = {
                (str(img), str(ann)): np.asarray(points, dtype=np.float32).reshape(-1, 3)
                for img, ann, points in content['persons']
            }
        except (ValueError, KeyError, TypeError) as error:
            fault = f'the file is invalid ({type(error).__name__}: {error}).'
            raise UserError('pseudo-locations', file, fault, _REMEDY) from None

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Put the predictions in.

        Args:
            results: The result dict of ``WithholdLocations``; it is not changed.
        """
        if 'keypoint_tags' not in results:
            raise UserError(
                'pipeline',
                'LoadPseudoLocations',
                'the sample has no tags.',
                'Put the step after WithholdLocations.',
            )
        points = self.found.get((str(results['img_id']), str(results['id'])))
        if points is None or bool(results['located'][0]):
            return results
        tags = results['keypoint_tags'][0]
        if len(points) != tags.shape[1]:
            fault = f'a person has {len(points)} keypoints; the data have {tags.shape[1]}.'
            raise UserError('pseudo-locations', self.file, fault, _REMEDY)
        use = points[:, 2] >= self.min_score
        use &= agrees_with_tags(points[:, :2], tags, results['tag_views'][0])
        out = dict(results)
        out['keypoints'] = np.where(use[:, None], points[:, :2], 0)[None].astype(np.float32)
        out['keypoints_visible'] = use[None].astype(np.float32)
        return out

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}(file={self.file!r}, min_score={self.min_score})'


def agrees_with_tags(points: np.ndarray, tags: np.ndarray, views: np.ndarray) -> np.ndarray:
    """Find the points that contradict no tag.

    Args:
        points: (K, 2), pixels.
        tags: (V, K); view 0 is the whole person.
        views: Corners of the windows, upright, (V, 4, 2), pixels.

    Returns:
        np.ndarray: (K,) bool. False for a keypoint that is not visible in the whole person.
    """
    low, high = views.min(1)[:, None], views.max(1)[:, None]
    inside = ((points >= low) & (points < high)).all(-1)
    fits = np.where(is_visible(tags), inside, np.where(is_known(tags), ~inside, True))
    return fits.all(0) & is_visible(tags[0])
