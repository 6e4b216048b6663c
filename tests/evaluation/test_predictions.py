"""Tests of predictions for a whole data set."""

import numpy as np
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmpose.registry import MODELS

from lfhpe_mmpose.evaluation import load_people, predict_dataset


class TestPredictDataset:
    """Predictions come in the data set's order, in pixels of the original image."""

    def test_order_and_frame(self, tiny_cfg):
        """Each row is what the model says of that person alone."""
        init_default_scope('mmpose')
        model = MODELS.build(tiny_cfg.model)
        loader = Runner.build_dataloader(tiny_cfg.val_dataloader)
        out = predict_dataset(model, loader)
        people = load_people(loader.dataset)
        assert out.keypoints.shape == people.keypoints.shape
        assert out.scores.shape == out.probs.shape == people.visibility.shape
        sample = loader.dataset[5]
        with torch.no_grad():
            alone = model.test_step(
                dict(inputs=[sample['inputs']], data_samples=[sample['data_samples']])
            )[0].pred_instances
        assert np.allclose(out.keypoints[5], alone.keypoints[0], atol=1e-2)
        assert np.allclose(out.probs[5], alone.keypoint_probs[0], atol=1e-5)
