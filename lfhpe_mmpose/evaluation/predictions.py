"""Predictions of a model for a whole dataset, as arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseModel
from mmengine.utils import track_iter_progress
from torch.utils.data import DataLoader


@dataclass(frozen=True)
class DatasetPredictions:
    """Predictions for the N persons of a dataset, in its order.

    Attributes:
        keypoints: Pixels of the original image, (N, K, 2).
        scores: Keypoint scores in [0, 1], (N, K).
        probs: Category probabilities in [0, 1], (N, K); zeros if the head has none.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    probs: np.ndarray


def predict_dataset(
    model: BaseModel, dataloader: DataLoader[Any], progress: bool = False
) -> DatasetPredictions:
    """Run a pose estimator over a data loader that does not shuffle.

    The model is left in evaluation mode.
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
