"""The peak, and the profile."""

import pytest
import torch

from lfhpe_mmpose.benchmark.modes import Mode
from lfhpe_mmpose.benchmark.peak import measure_peak, peak_fraction, profile_step
from lfhpe_mmpose.benchmark.training import TrainingStep


def test_peak(monkeypatch):
    """Multiply-adds over the fastest product's time, in the mode's precision."""
    dtypes = []
    mm = torch.mm
    monkeypatch.setattr(torch, 'mm', lambda a, b, out: dtypes.append(a.dtype) or mm(a, b, out=out))
    assert 1e6 < measure_peak(Mode(), 'cpu', 0.01, side=64) < 1e13
    measure_peak(Mode('bf16'), 'cpu', 0.001, side=8)
    assert set(dtypes) == {torch.float32, torch.bfloat16}


def test_fraction():
    """Three forward passes."""
    assert peak_fraction(100, 4, 2.0, 1000.0) == pytest.approx(0.6)


def test_profile(ours):
    """The operations of a real step."""
    text = profile_step(TrainingStep(ours, Mode(), 'cpu', 2), steps=1)
    assert 'convolution_backward' in text and 'Self CPU' in text
