"""A model's predictions for the persons of a tag file, with probabilities."""

from typing import Any

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.annotation.plan.ranking import keypoint_columns, keypoint_probs
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_size
from lfhpe_mmpose.files.paths import inside
from lfhpe_mmpose.tags import TagFile, parse_box
from lfhpe_mmpose.tags.file_faults import persons_with_images
from lfhpe_mmpose.tags.views import dataset_box

from .found import PredictedPerson


def predict_tag_file(
    model: Any, tags: TagFile, images: str, progress: bool = False
) -> list[PredictedPerson]:
    """Run a model on the persons of a tag file. No tag or keypoint of the file is read.

    Returns:
        The persons, image by image, with the file's ids.

    Raises:
        UserError: If an image or box is invalid, or the model does not know the keypoints or
            predicts no probabilities.
    """
    from lfhpe_mmpose.apis import PosePredictor

    columns = keypoint_columns(model, tags.names())
    entries = tags.images_by_id()
    by_image: dict[Any, list[tuple[dict[str, Any], str]]] = {}
    for annotation, image, where in persons_with_images(tags):
        by_image.setdefault(image['id'], []).append((annotation, where))
    jobs = [_job(tags, entries[key], persons, images) for key, persons in by_image.items()]
    results = PosePredictor(model)((path, boxes) for path, boxes, _ in jobs)
    bar = tqdm(by_image.values(), 'images', unit='image', disable=not progress)
    out: list[PredictedPerson] = []
    for persons, (path, boxes, image), result in zip(bar, jobs, results):
        if result.error:
            raise UserError('unreadable-image', path, result.error)
        for (annotation, _), box, found in zip(persons, boxes, result.persons):
            given = annotation.get('bbox') or [*box[:2], *(box[2:] - box[:2])]
            out.append(
                PredictedPerson(
                    image,
                    annotation['id'],
                    [float(v) for v in given],
                    1.0,
                    np.asarray(found.keypoints, dtype=np.float64)[columns],
                    np.asarray(found.scores, dtype=np.float64)[columns],
                    keypoint_probs(found, columns),
                )
            )
    return out


def _job(
    tags: TagFile, entry: dict[str, Any], persons: list[tuple[dict[str, Any], str]], images: str
) -> tuple[str, np.ndarray, dict[str, Any]]:
    """Path, boxes (N, 4) and entry of an image; an invalid box raises before any work."""
    where = f'{tags.path}: image {entry["id"]!r}'
    path = str(inside(images, entry['file_name'], where))
    width, height = image_size(path)
    boxes = []
    for annotation, where in persons:
        if annotation.get('bbox') is not None:
            parse_box(annotation['bbox'], f'{where}.bbox')
        box = dataset_box(annotation.get('bbox'), width, height)
        if (box[2:] <= box[:2]).any():
            fault = f'the box lies outside the image ({width} x {height}).'
            remedy = 'Correct it, or remove the person.'
            raise UserError('box-outside', f'{where}.bbox', fault, remedy)
        boxes.append(box)
    return path, np.stack(boxes), dict(entry, width=width, height=height)
