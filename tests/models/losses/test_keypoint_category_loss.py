"""Tests of the loss of tags."""

import math

import pytest
import torch

from lfhpe_mmpose.models.losses import KeypointCategoryLoss


def nll(probability: float) -> float:
    """Minus the logarithm."""
    return -math.log(probability)


class TestKeypointCategoryLoss:
    """Hand-computed values."""

    # Probabilities 0.8, 0.6, 0.5 for three positives, 0.3 for a negative, 0.9 unknown.
    logits = torch.logit(torch.tensor([[0.8, 0.6, 0.5, 0.3, 0.9]]))
    tags = torch.tensor([[1.0, 1.0, 1.0, 0.0, -1.0]])

    def test_balanced(self):
        """Positives and negatives have half of the loss each."""
        positives = (nll(0.8) + nll(0.6) + nll(0.5)) / 3
        expected = (positives + nll(0.7)) / 2
        assert KeypointCategoryLoss()(self.logits, self.tags).item() == pytest.approx(expected)

    def test_plain(self):
        """Without balance it is the mean over known tags."""
        expected = (nll(0.8) + nll(0.6) + nll(0.5) + nll(0.7)) / 4
        loss = KeypointCategoryLoss(balance=False, loss_weight=2.0)
        assert loss(self.logits, self.tags).item() == pytest.approx(2 * expected)

    def test_one_side_only(self):
        """A batch of positives alone gives their mean."""
        loss = KeypointCategoryLoss()(self.logits[:, :2], self.tags[:, :2])
        assert loss.item() == pytest.approx((nll(0.8) + nll(0.6)) / 2)

    def test_unknown_counts_nothing(self):
        """Unknown tags give neither loss nor gradient, even all of them."""
        logits = torch.randn(2, 3, requires_grad=True)
        for balance in (True, False):
            loss = KeypointCategoryLoss(balance)(logits, torch.full((2, 3), -1.0))
            (grad,) = torch.autograd.grad(loss, logits)
            assert loss.item() == 0 and not grad.any()
        (grad,) = torch.autograd.grad(
            KeypointCategoryLoss()(logits, torch.tensor([[1.0, -1, 0], [-1, -1, -1]])), logits
        )
        assert (grad != 0).tolist() == [[True, False, True], [False, False, False]]

    def test_half_precision(self):
        """Large half-precision logits give a finite float32 loss."""
        for dtype in (torch.float16, torch.bfloat16):
            loss = KeypointCategoryLoss()(torch.full((4,), 3e4, dtype=dtype), torch.zeros(4))
            assert loss.dtype == torch.float32 and torch.isfinite(loss)
