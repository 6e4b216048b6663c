"""Tests of the estimator with the equivariance term."""

import torch
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS, MODELS


class TestEquivariantTopdownEstimator:
    """The term joins the head's losses."""

    def test_loss(self, tiny_cfg):
        """On real samples the term is there, finite, and trains the model."""
        init_default_scope('mmpose')
        cfg = tiny_cfg.model
        cfg.type = 'EquivariantTopdownEstimator'
        cfg.loss_equivariance = dict(type='MapEquivarianceLoss', flip_prob=1.0)
        model = MODELS.build(cfg)
        dataset = DATASETS.build(tiny_cfg.train_dataloader.dataset)
        batch = model.data_preprocessor(pseudo_collate([dataset[i] for i in range(4)]), True)
        losses = model(**batch, mode='loss')
        term = losses['tag_loss_equivariance']
        assert torch.isfinite(term) and term > 0
        term.backward()
        assert model.backbone.conv1.weight.grad.abs().sum() > 0
