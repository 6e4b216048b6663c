"""Predicted persons as a tag file, from which every format is written."""

from collections.abc import Sequence

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile

from .found import PredictedPerson, tags_of_probabilities


def predicted_tag_file(
    persons: Sequence[PredictedPerson],
    names: Sequence[str],
    model_version: str,
    skeleton: Sequence[Sequence[int]] = (),
    score_thr: float = 0.3,
    sure: float = 0.8,
    tags_only: bool = False,
) -> TagFile:
    """Make a tag file of predictions.

    Args:
        persons (Sequence[PredictedPerson]): The persons.
        names (Sequence[str]): Names of the K keypoints.
        model_version (str): The model; ``info.predicted_by`` says that no person answered.
        skeleton (Sequence[Sequence[int]]): Limbs, pairs of 1-based indices. Defaults to none.
        score_thr (float): Keypoints that score less have no coordinates. Defaults to 0.3.
        sure (float): See :func:`~.found.tags_of_probabilities`. Defaults to 0.8.
        tags_only (bool): Whether to leave all coordinates out. Defaults to False.

    Returns:
        TagFile: With ``keypoints`` (v is 2), ``score``, and ``keypoint_tags`` where
        probabilities are known.

    Raises:
        UserError: If tags are wanted and no probability is known.
    """
    out = TagFile.new(names, skeleton)
    out.rest['info']['predicted_by'] = model_version
    images: dict[int | str, dict] = {}
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
            raise UserError(
                "these predictions do not say whether keypoints can be seen: MMPose's JSON has "
                'places and scores alone. Run the model here: give a tag file or plan.json with '
                'the boxes, and --model CONFIG.'
            )
        if person.probs is not None:
            entry['keypoint_tags'] = tags_of_probabilities(person.probs, sure)
        out.annotations.append(entry)
    out.images = list(images.values())
    return out
