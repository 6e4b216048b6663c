"""Predictions of a model for a whole data set, as arrays."""

from dataclasses import dataclass

import numpy as np
import torch
from mmengine.model import BaseModel
from mmengine.utils import track_iter_progress
from torch.utils.data import DataLoader


@dataclass(frozen=True)
class DatasetPredictions:
    """What a model says about the N persons of a data set, in its order.

    Attributes:
        keypoints (np.ndarray): Pixels of the original image, (N, K, 2).
        scores (np.ndarray): Keypoint scores in [0, 1], (N, K).
        probs (np.ndarray): Category probabilities in [0, 1], (N, K); zeros for a head that
            has none.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    probs: np.ndarray


def predict_dataset(
    model: BaseModel, dataloader: DataLoader, progress: bool = False
) -> DatasetPredictions:
    """Run a top-down model over a data loader that does not shuffle.

    Args:
        model (BaseModel): A pose estimator with ``test_step``; it is left in
            evaluation mode.
        dataloader (DataLoader): Of a validation pipeline, in the data set's order.
        progress (bool): Whether to show a progress bar. Defaults to False.

    Returns:
        DatasetPredictions: The predictions.
    """
    model.eval()
    keypoints, scores, probs = [], [], []
    batches = track_iter_progress((dataloader, len(dataloader))) if progress else dataloader
    with torch.no_grad():
        for batch in batches:
            for sample in model.test_step(batch):
                found = sample.pred_instances
                keypoints.append(found.keypoints[0])
                scores.append(found.keypoint_scores[0])
                probs.append(found.get('keypoint_probs', np.zeros_like(found.keypoint_scores))[0])
    return DatasetPredictions(np.stack(keypoints), np.stack(scores), np.stack(probs))
