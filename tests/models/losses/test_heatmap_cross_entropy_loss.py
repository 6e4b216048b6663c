"""Tests of the loss of locations."""

import math

import pytest
import torch

from lfhpe_mmpose.models.losses import HeatmapCrossEntropyLoss


class TestHeatmapCrossEntropyLoss:
    """Hand-computed values."""

    def test_by_hand(self):
        """Two cells of target 3 and 1, softmax 0.5, 0.25, 0.25."""
        logits = torch.log(torch.tensor([[[[0.5, 0.25, 0.25]]]])) + 7
        target = torch.tensor([[[[3.0, 1.0, 0.0]]]])
        expected = -(0.75 * math.log(0.5) + 0.25 * math.log(0.25))
        loss = HeatmapCrossEntropyLoss()(logits, target, torch.ones(1, 1))
        assert loss.item() == pytest.approx(expected, rel=1e-5)

    def test_tagged_persons_do_not_dilute(self):
        """The mean is over located keypoints, however many tagged persons are beside."""
        logits, target = torch.randn(6, 2, 4, 4), torch.rand(6, 2, 4, 4)
        weights = torch.zeros(6, 2)
        weights[0, 1] = 1
        alone = HeatmapCrossEntropyLoss()(logits[:1, 1:], target[:1, 1:], torch.ones(1, 1))
        assert torch.allclose(HeatmapCrossEntropyLoss()(logits, target, weights), alone)

    def test_nobody_located(self):
        """Without locations the loss is 0, with a gradient of 0."""
        logits = torch.randn(2, 3, 4, 4, requires_grad=True)
        loss = HeatmapCrossEntropyLoss()(logits, torch.zeros(2, 3, 4, 4), torch.zeros(2, 3))
        loss.backward()
        assert loss.item() == 0 and not logits.grad.any()

    def test_keypoint_outside_the_crop(self):
        """A located keypoint with an empty target counts nothing."""
        logits = torch.randn(1, 2, 4, 4)
        target = torch.zeros(1, 2, 4, 4)
        target[0, 0, 1, 1] = 1
        both = HeatmapCrossEntropyLoss()(logits, target, torch.ones(1, 2))
        one = HeatmapCrossEntropyLoss()(logits[:, :1], target[:, :1], torch.ones(1, 1))
        assert torch.allclose(both, one)
