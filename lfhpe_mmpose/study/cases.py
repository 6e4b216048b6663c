"""Pictures of single persons, from those that a model gets wrong to those it gets right."""

from collections.abc import Sequence

import mmcv
import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmpose.models.pose_estimators.base import BasePoseEstimator

from lfhpe_mmpose.evaluation import People
from lfhpe_mmpose.visualization import draw_panel, stack_panels


def rank_persons(keypoints: np.ndarray, people: People, threshold: float = 0.2) -> np.ndarray:
    """Order persons by the share of their keypoints that a model finds.

    Args:
        keypoints (np.ndarray): Predictions in pixels, (N, K, 2).
        people (People): The N persons.
        threshold (float): As for PCK of the box. Defaults to 0.2.

    Returns:
        np.ndarray: Indices (N, ), the worst first; equal ones in the data set's order.
    """
    longer = people.sizes.max(axis=1)[:, None]
    near = np.linalg.norm(keypoints - people.keypoints, axis=-1) < threshold * longer
    labelled = people.visibility > 0
    share = (near & labelled).sum(1) / np.maximum(labelled.sum(1), 1)
    return np.argsort(share, kind='stable')


def draw_cases(
    model: BasePoseEstimator,
    dataset: BaseDataset,
    keypoints: np.ndarray,
    people: People,
    ranks: Sequence[float],
    photo: bool = True,
) -> np.ndarray:
    """Draw persons of given ranks: input, CAM, refined CAM, prediction, truth.

    Which persons are shown follows from the ranks, so none is chosen by hand.

    Args:
        model (BasePoseEstimator): A top-down estimator with a :class:`LocationFreeHead`.
        dataset (BaseDataset): With the validation pipeline.
        keypoints (np.ndarray): The model's predictions in pixels, (N, K, 2).
        people (People): The N persons, of :func:`load_people`.
        ranks (Sequence[float]): From 0, the worst person, to 1, the best.
        photo (bool): Draw on the photograph. False draws on grey, for pictures that
            may not be passed on. Defaults to True.

    Returns:
        np.ndarray: RGB uint8 (H, W, 3), a row a person.
    """
    order = rank_persons(keypoints, people)
    before = model.test_cfg.get('output_heatmaps', False)
    model.test_cfg['output_heatmaps'] = True
    rows = []
    for rank in ranks:
        index = int(order[int(rank * (len(order) - 1))])
        packed = dataset[index]
        with torch.no_grad():
            sample = model.test_step(
                dict(inputs=[packed['inputs']], data_samples=[packed['data_samples']])
            )[0]
        meta = sample.metainfo
        crop = mmcv.bgr2rgb(packed['inputs'].numpy().transpose(1, 2, 0))
        rows.append(
            draw_panel(
                crop if photo else np.full_like(crop, 128),
                sample.pred_fields.cams.cpu().numpy(),
                sample.pred_fields.heatmaps.cpu().numpy(),
                _to_crop(sample.pred_instances.keypoints[0], meta),
                sample.pred_instances.keypoint_scores[0],
                _to_crop(people.keypoints[index], meta),
                people.visibility[index],
                dataset_meta=dataset.metainfo,
                kpt_thr=0.0,
                headings=False,
            )
        )
    model.test_cfg['output_heatmaps'] = before
    return stack_panels(rows)


def _to_crop(points: np.ndarray, meta: dict) -> np.ndarray:
    """From pixels of the image to pixels of the crop."""
    corner = meta['input_center'] - 0.5 * meta['input_scale']
    return (points - corner) / meta['input_scale'] * meta['input_size']
