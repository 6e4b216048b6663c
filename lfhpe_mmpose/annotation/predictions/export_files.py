"""A model's predictions for the persons of a tag file, with the probabilities of the tags."""

import os
from typing import Any

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.annotation.plan.pictures import dataset_box
from lfhpe_mmpose.annotation.plan.ranking import keypoint_columns
from lfhpe_mmpose.apis import PosePredictor
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_size
from lfhpe_mmpose.tags import TagFile, parse_box

from .found import PredictedPerson


def predict_tag_file(
    model: Any, tags: TagFile, images: str, progress: bool = False
) -> list[PredictedPerson]:
    """Let a model look at the persons of a tag file; no tag or keypoint of it is read.

    Args:
        model (Any): From ``lfhpe_mmpose.apis.init_model``.
        tags (TagFile): Persons and their boxes.
        images (str): The folder of the images.
        progress (bool): Whether to show a progress bar. Defaults to False.

    Returns:
        list[PredictedPerson]: The persons, image by image, with the file's ids.

    Raises:
        UserError: If an image cannot be read, or the model does not know the keypoints or
            gives no probabilities.
    """
    columns = keypoint_columns(model, tags.names())
    by_image: dict[Any, list[tuple[dict, str]]] = {}
    for annotation, where in tags.with_index():
        by_image.setdefault(annotation.get('image_id'), []).append((annotation, where))
    entries = tags.images_by_id()
    for key, persons in by_image.items():
        if key not in entries:
            raise UserError(f'{persons[0][1]}.image_id is {key!r}, which no image has.')
    out: list[PredictedPerson] = []
    jobs = [_job(entries[key], persons, images) for key, persons in by_image.items()]
    results = PosePredictor(model)((path, boxes) for path, boxes, _ in jobs)
    bar = tqdm(by_image.values(), 'images', unit='image', disable=not progress)
    for persons, (_, boxes, image), result in zip(bar, jobs, results):
        if result.error:
            raise UserError(result.error)
        for (annotation, _), box, sample in zip(persons, boxes, result.persons):
            found = sample.pred_instances
            if 'keypoint_probs' not in found:
                raise UserError(
                    'the model says where keypoints are and not whether they can be seen (no '
                    'keypoint_probs). Give a model with a LocationFreeHead.'
                )
            given = annotation.get('bbox') or [*box[:2], *(box[2:] - box[:2])]
            out.append(
                PredictedPerson(
                    image,
                    annotation['id'],
                    [float(v) for v in given],
                    1.0,
                    np.asarray(found.keypoints[0], dtype=np.float64)[columns],
                    np.asarray(found.keypoint_scores[0], dtype=np.float64)[columns],
                    np.asarray(found.keypoint_probs[0], dtype=np.float64)[columns],
                )
            )
    return out


def _job(entry: dict, persons: list[tuple[dict, str]], images: str) -> tuple[str, Any, dict]:
    """Path, boxes (N, 4) and entry of an image, wrong boxes told before any work."""
    path = os.path.join(images, entry['file_name'])
    width, height = image_size(path)
    boxes = []
    for annotation, where in persons:
        if annotation.get('bbox') is not None:
            parse_box(annotation['bbox'], f'{where}.bbox')
        box = dataset_box(annotation.get('bbox'), width, height)
        if (box[2:] <= box[:2]).any():
            raise UserError(f'{where}.bbox lies outside the image ({width} x {height}).')
        boxes.append(box)
    return path, np.stack(boxes), dict(entry, width=width, height=height)
