"""Locations that a teacher model predicted, for persons whose own are withheld."""

import json
from pathlib import Path

import numpy as np
from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS

from lfhpe_mmpose.errors import UserError


@TRANSFORMS.register_module()
class LoadPseudoLocations(BaseTransform):
    """Give tagged persons the keypoints that a model found, where the tags allow it.

    The step after :class:`WithholdLocations`. A prediction is used where its score is at
    least ``min_score`` and no tag speaks against it: the keypoint is tagged as seen, and
    the place lies inside every view that shows it and outside every view that does not.
    The rest of the pipeline treats it as a location. Located persons keep their own.

    ``tools/pseudo_locate.py`` writes the file from a model; no annotated coordinate is in it,
    unless the model learnt from some. Self-training (Lee, ICML workshop 2013) with the check
    by tags as our choice.

    Required Keys:

        - img_id, id, located, keypoint_tags, tag_views (of :class:`WithholdLocations`)

    Modified Keys:

        - keypoints, keypoints_visible (of tagged persons)

    Args:
        file (str): JSON with ``persons``: entries of image id, annotation id, and K times
            (x, y, score), pixels of the image.
        min_score (float): Least score. Defaults to 0.3.

    Raises:
        UserError: If the file cannot be read, the door is not in front, or the number of
            keypoints differs.
    """

    def __init__(self, file: str, min_score: float = 0.3) -> None:
        self.file = file
        self.min_score = min_score
        try:
            persons = json.loads(Path(file).read_text())['persons']
            self.found = {
                (str(img), str(ann)): np.asarray(points, dtype=np.float32).reshape(-1, 3)
                for img, ann, points in persons
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f'LoadPseudoLocations: {file} cannot be read ({type(error).__name__}: {error}). '
                'Write it with tools/pseudo_locate.py.'
            ) from None

    def transform(self, results: dict) -> dict:
        """Put the predictions in.

        Args:
            results (dict): The result dict behind the door.

        Returns:
            dict: A new result dict, or the same for a located person or one that the file
            does not know.
        """
        if 'keypoint_tags' not in results:
            raise UserError(
                'LoadPseudoLocations: put it after WithholdLocations, whose tags it needs.'
            )
        points = self.found.get((str(results['img_id']), str(results['id'])))
        if points is None or bool(results['located'][0]):
            return results
        tags = results['keypoint_tags'][0]
        if len(points) != tags.shape[1]:
            raise UserError(
                f'LoadPseudoLocations: {self.file} has {len(points)} keypoints a person, the data '
                f'{tags.shape[1]}. Write it with a model of the same keypoints.'
            )
        use = points[:, 2] >= self.min_score
        use &= agrees_with_tags(points[:, :2], tags, results['tag_views'][0])
        out = dict(results)
        out['keypoints'] = np.where(use[:, None], points[:, :2], 0)[None].astype(np.float32)
        out['keypoints_visible'] = use[None].astype(np.float32)
        return out

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}(file={self.file!r}, min_score={self.min_score})'


def agrees_with_tags(points: np.ndarray, tags: np.ndarray, views: np.ndarray) -> np.ndarray:
    """Tell which points no tag speaks against.

    Args:
        points (np.ndarray): (K, 2), pixels.
        tags (np.ndarray): (V, K); view 0 is the whole person.
        views (np.ndarray): Corners of the windows, upright, (V, 4, 2), pixels.

    Returns:
        np.ndarray: (K, ), bool. False for a keypoint that the whole person does not show.
    """
    low, high = views.min(1)[:, None], views.max(1)[:, None]
    inside = ((points >= low) & (points < high)).all(-1)
    fits = np.where(tags > 0.5, inside, np.where(tags < -0.5, True, ~inside))
    return fits.all(0) & (tags[0] > 0.5)
