"""Checks of devices."""

import pytest
import torch

from lfhpe_mmpose.apis.inputs import resolve_device
from tests.refusal import refuses


class TestResolveDevice:
    """`resolve_device`."""

    def test_none_takes_what_there_is(self, monkeypatch):
        """A GPU if torch sees one, else the CPU."""
        monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
        assert resolve_device(None) == 'cpu'
        monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
        assert resolve_device(None) == 'cuda:0'

    @pytest.mark.parametrize('device', ['cuda', 'cuda:0'])
    def test_gpu_where_there_is_none(self, device, monkeypatch):
        """The error names the device and the remedies."""
        monkeypatch.setattr(torch.cuda, 'device_count', lambda: 0)
        with refuses('device', device):
            resolve_device(device)

    def test_gpu_beyond_the_last(self, monkeypatch):
        """Two GPUs are number 0 and 1."""
        monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
        assert resolve_device('cuda:1') == 'cuda:1'
        with refuses('device', 'cuda:2'):
            resolve_device('cuda:2')

    def test_unknown_name(self):
        """What torch does not know is not passed on."""
        with refuses('device', 'gpu'):
            resolve_device('gpu')
