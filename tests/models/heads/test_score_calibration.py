"""The calibration of a head's scores is part of its weights."""

import copy

import numpy as np
import pytest
import torch
from mmengine.runner.checkpoint import load_state_dict
from torch import nn

from lfhpe_mmpose.models.heads import ScoreCalibration

RAW, PROBABILITY = [0.0, 0.1, 0.4, 1.0], [0.0, 0.3, 0.8, 0.9]


def head() -> nn.Module:
    """A module that holds a calibration, as heads do."""
    module = nn.Module()
    module.conv = nn.Conv2d(1, 1, 1)
    module.calibration = ScoreCalibration()
    return module


@pytest.fixture
def calibrated():
    """A head with a calibration."""
    module = head()
    module.calibration.set_knots(RAW, PROBABILITY)
    return module


class TestForward:
    """The function."""

    def test_interpolates(self, calibrated):
        """Between the knots; the nearest knot outside them."""
        scores = torch.tensor([[-0.5, 0.0, 0.05], [0.4, 0.7, 1.5]])
        wanted = np.interp(scores, RAW, PROBABILITY)
        np.testing.assert_allclose(calibrated.calibration(scores), wanted, atol=1e-6)

    def test_none(self):
        """Without a calibration nothing changes."""
        scores = torch.rand(2, 3)
        assert head().calibration(scores) is scores and not head().calibration.is_set


class TestState:
    """What a state dict says."""

    @pytest.mark.parametrize('load', [nn.Module.load_state_dict, load_state_dict])
    def test_given_or_not(self, calibrated, load):
        """The knots come and go with the weights, by torch's and by MMEngine's function."""
        plain, other = head(), copy.deepcopy(calibrated)
        assert not [name for name in plain.state_dict() if 'calibration' in name]
        load(plain, calibrated.state_dict(), strict=True)
        assert torch.equal(plain.calibration.raw, torch.tensor(RAW))
        assert torch.equal(plain.calibration.probability, torch.tensor(PROBABILITY))
        load(other, head().state_dict(), strict=True)
        assert not other.calibration.is_set
