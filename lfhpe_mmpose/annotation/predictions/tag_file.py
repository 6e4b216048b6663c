"""Predicted persons as a tag file, from which every format is written."""

from collections.abc import Sequence
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.scores import SCORE_THRESHOLD
from lfhpe_mmpose.tags import TagFile

from .found import PredictedPerson, tags_of_probabilities


def predicted_tag_file(
    persons: Sequence[PredictedPerson],
    names: Sequence[str],
    model_version: str,
    skeleton: Sequence[Sequence[int]] = (),
    score_thr: float = SCORE_THRESHOLD,
    sure: float = 0.8,
    tags_only: bool = False,
) -> TagFile:
    """Make a tag file: ``keypoints`` (v is 2), ``score``, and tags where probabilities are known.

    Args:
        persons: The persons.
        names: Names of the K keypoints.
        model_version: Name of the model, written to ``info.predicted_by``.
        skeleton: Limbs as pairs of 1-based indices.
        score_thr: Minimum score of a keypoint with coordinates.
        sure: As for ``tags_of_probabilities``.
        tags_only: Whether to write no coordinates.

    Raises:
        UserError: If only tags are wanted and no probability is known.
    """
    out = TagFile.new(names, skeleton)
    out.rest['info']['predicted_by'] = model_version
    images: dict[int | str, dict[str, Any]] = {}
    for person in persons:
        images.setdefault(person.image['id'], person.image)
        entry = dict(
            id=person.number,
            image_id=person.image['id'],
            category_id=1,
            bbox=[round(float(v), 2) for v in person.bbox],
            score=round(float(person.score), 4),
        )
        if not tags_only:
            rows = zip(person.keypoints, person.scores, strict=True)
            points = [
                [round(float(x), 2), round(float(y), 2), 2] if s >= score_thr else [0, 0, 0]
                for (x, y), s in rows
            ]
            entry['keypoints'] = [v for point in points for v in point]
            entry['num_keypoints'] = sum(point[2] > 0 for point in points)
            entry['keypoint_scores'] = [round(float(s), 4) for s in person.scores]
        elif person.probs is None:
            fault = "MMPose's JSON does not say whether keypoints are visible."
            remedy = (
                'Run the model: give a tag file or plan.json with the boxes, and --model CONFIG.'
            )
            raise UserError('no-probabilities', model_version, fault, remedy)
        if person.probs is not None:
            entry['keypoint_tags'] = tags_of_probabilities(person.probs, sure)
        out.annotations.append(entry)
    out.images = list(images.values())
    return out
