"""A model's predictions for the persons of a tag file, with the probabilities of the tags."""

import os
from typing import Any

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.apis import infer_persons
from lfhpe_mmpose.apis.inputs import read_image
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.plan.pictures import dataset_box
from lfhpe_mmpose.tags.plan.ranking import keypoint_columns
from lfhpe_mmpose.tags.tag_file import TagFile, parse_box

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
    for key, persons in tqdm(by_image.items(), 'images', unit='image', disable=not progress):
        picture = read_image(os.path.join(images, entries[key]['file_name']))
        height, width = picture.shape[:2]
        image = dict(entries[key], width=width, height=height)
        boxes = []
        for annotation, where in persons:
            if annotation.get('bbox') is not None:
                parse_box(annotation['bbox'], f'{where}.bbox')
            box = dataset_box(annotation.get('bbox'), width, height)
            if (box[2:] <= box[:2]).any():
                raise UserError(f'{where}.bbox lies outside the image ({width} x {height}).')
            boxes.append(box)
        for (annotation, _), box, sample in zip(
            persons, boxes, infer_persons(model, picture, np.stack(boxes))
        ):
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
