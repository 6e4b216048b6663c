"""Checks of devices, images and boxes."""

import numpy as np
import pytest
import torch

from lfhpe_mmpose.apis.inputs import check_boxes, resolve_device
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


class TestCheckBoxes:
    """`check_boxes`."""

    def test_list_becomes_array(self):
        """Whole numbers become float32 (N, 4)."""
        boxes = check_boxes([[0, 1, 2, 3]], 'img')
        assert boxes.dtype == np.float32
        assert boxes.tolist() == [[0, 1, 2, 3]]

    def test_no_boxes(self):
        """An empty list is (0, 4)."""
        assert check_boxes([], 'img').shape == (0, 4)

    @pytest.mark.parametrize(
        'box', [[0, 0, np.nan, 5], [5, 0, 5, 5], [0, 9, 5, 5], [0, 0, np.inf, 5]]
    )
    def test_box_that_is_none(self, box):
        """NaN, infinite, empty and negative boxes are named by their index."""
        with refuses('box', 'street.jpg: bboxes[1]'):
            check_boxes([[0, 0, 4, 4], box], 'street.jpg')

    def test_single_box_without_its_list(self):
        """A flat list of four numbers is refused, not misread."""
        with refuses('box', 'img'):
            check_boxes([0, 0, 4, 4], 'img')
