"""Checks of devices, images and boxes."""

import re

import cv2
import numpy as np
import pytest
import torch

from lfhpe_mmpose.apis.inputs import check_boxes, read_image, resolve_device
from lfhpe_mmpose.errors import UserError


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
        with pytest.raises(UserError, match=rf"{device}'.*no GPU.*device='cpu'.*nvidia-smi"):
            resolve_device(device)

    def test_gpu_beyond_the_last(self, monkeypatch):
        """Two GPUs are number 0 and 1."""
        monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
        assert resolve_device('cuda:1') == 'cuda:1'
        with pytest.raises(UserError, match='sees 2 GPUs'):
            resolve_device('cuda:2')

    def test_unknown_name(self):
        """What torch does not know is not passed on."""
        with pytest.raises(UserError, match="'gpu' is no device"):
            resolve_device('gpu')


class TestReadImage:
    """`read_image`."""

    @pytest.fixture
    def jpeg(self, tmp_path):
        """A photo of noise."""
        image = np.random.default_rng(0).integers(0, 255, (40, 30, 3), np.uint8)
        cv2.imwrite(str(tmp_path / 'a.jpg'), image)
        return tmp_path / 'a.jpg'

    def test_reads_what_opencv_reads(self, jpeg):
        """BGR, as MMPose's LoadImage gives it."""
        np.testing.assert_array_equal(read_image(jpeg), cv2.imread(str(jpeg)))

    def test_missing_image(self, tmp_path):
        """The file is named."""
        with pytest.raises(UserError, match=re.escape(f'{tmp_path / "no.jpg"}: no such image')):
            read_image(tmp_path / 'no.jpg')

    def test_truncated_image(self, jpeg):
        """OpenCV would fill the missing half with grey and say nothing."""
        jpeg.write_bytes(jpeg.read_bytes()[:-600])
        assert cv2.imread(str(jpeg)) is not None
        with pytest.raises(UserError, match=r'a\.jpg: .*cut off.*Replace'):
            read_image(jpeg)

    def test_file_that_is_no_image(self, tmp_path):
        """Text with the ending of an image."""
        (tmp_path / 'a.png').write_text('hello, this is no image')
        with pytest.raises(UserError, match=r'a\.png: the file is no image'):
            read_image(tmp_path / 'a.png')


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
        with pytest.raises(UserError, match=r'street\.jpg: bboxes\[1\]'):
            check_boxes([[0, 0, 4, 4], box], 'street.jpg')

    def test_single_box_without_its_list(self):
        """A flat list of four numbers is refused, not misread."""
        with pytest.raises(UserError, match=r'shape \(N, 4\)'):
            check_boxes([0, 0, 4, 4], 'img')
