"""What the network is given."""

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample

from lfhpe_mmpose.visualization import given
from lfhpe_mmpose.visualization.given import draw_given, input_picture
from tests.refusal import refuses
from tests.tiny_model import dataset_meta

META = dataset_meta(17)


def _sample(located=True, tags=None, views=((0, 0, 191, 255),)):
    labels = InstanceData(
        keypoint_tags=torch.ones(1, len(views), 17) if tags is None else tags,
        tag_views=torch.tensor(
            [[[[x1, y1], [x2, y1], [x2, y2], [x1, y2]] for x1, y1, x2, y2 in views]],
            dtype=torch.float32,
        ),
        located=torch.tensor([located]),
    )
    points = np.full((1, 17, 2), 100, dtype=np.float32)
    instances = InstanceData(
        transformed_keypoints=points, keypoints_visible=np.ones((1, 17), np.float32)
    )
    return PoseDataSample(gt_instance_labels=labels, gt_instances=instances)


BLACK = torch.zeros(3, 256, 192, dtype=torch.uint8)


class TestInputPicture:
    """`input_picture`."""

    def test_bgr_becomes_rgb(self):
        """Packed inputs are BGR."""
        inputs = torch.zeros(3, 2, 2, dtype=torch.uint8)
        inputs[0] = 255
        assert input_picture(inputs)[0, 0].tolist() == [0, 0, 255]

    def test_normalised_floats_are_stretched(self):
        """A pipeline that normalises by itself."""
        picture = input_picture(torch.tensor([-2.0, 0, 2]).reshape(1, 1, 3).expand(3, 1, 3))
        assert picture[0, :, 0].tolist() == [0, 128, 255]

    def test_floats_of_pixel_values_stay(self):
        """0 to 255 as floats."""
        assert input_picture(torch.full((3, 1, 1), 200.0)).tolist() == [[[200, 200, 200]]]


class TestDrawGiven:
    """`draw_given`."""

    def test_keypoints_of_a_located_person_only(self):
        """A tagged person's are not drawn even if they are there."""
        located = draw_given(BLACK, _sample(True), META)
        tagged = draw_given(BLACK, _sample(False), META)
        assert located[22 + 100, 100].any()
        assert not tagged[22 + 100, 100].any()

    def test_signs_of_the_tags(self):
        """Green for seen, red for not seen, grey for unknown, each in its line."""
        tags = torch.ones(1, 1, 17)
        tags[0, 0, 5], tags[0, 0, 6] = 0, -1
        tag_list = draw_given(BLACK, _sample(tags=tags), META)[22:, 192:].astype(int)

        def ink(k):
            line = tag_list[15 * (k + 1) + 4 : 15 * (k + 2) + 2].reshape(-1, 3)
            return line[line.sum(1).argmin()]

        green, red, grey = ink(4), ink(5), ink(6)
        assert green[1] > green[0] + 50
        assert red[0] > red[1] + 50
        assert np.ptp(grey) < 10

    @pytest.mark.parametrize(
        ('whole', 'text'), [(-1.0, 'tagged person, 1 view'), (1.0, 'tagged person, 2 views')]
    )
    def test_views_in_the_heading(self, monkeypatch, whole, text):
        """A whole person of whom nothing is known has not been asked about."""
        headings = []
        monkeypatch.setattr(given, 'add_heading', lambda image, text: headings.append(text))
        tags = torch.ones(1, 2, 17)
        tags[0, 0] = whole
        views = ((0, 0, 191, 255), (40, 60, 120, 200))
        draw_given(BLACK, _sample(False, tags, views), META)
        assert headings == [text]

    def test_window_of_a_view_is_outlined(self):
        """The second view's edge, in another colour than the first's."""
        views = ((0, 0, 191, 255), (40, 60, 120, 200))
        picture = draw_given(BLACK, _sample(False, views=views), META)[22:]
        assert picture[130, 40].any()
        assert picture[60, 80].any()
        assert (picture[130, 40] != picture[130, 1]).any()
        assert not picture[130, 80].any()

    def test_window_beyond_the_crop_is_cut_to_it(self):
        """The edge that lies outside is drawn along the border."""
        picture = draw_given(BLACK, _sample(False, views=((-50, -50, 100, 400),)), META)[22:]
        assert picture[100, 100].any()
        assert picture[100, 1].any()

    def test_window_outside_the_crop_draws_nothing(self):
        """A view that the crop lost."""
        picture = draw_given(BLACK, _sample(False, views=((300, 300, 400, 400),)), META)[22:]
        assert not picture[:256, :192].any()

    def test_small_crop_is_enlarged(self):
        """Windows and keypoints with it."""
        inputs = torch.zeros(3, 64, 48, dtype=torch.uint8)
        picture = draw_given(inputs, _sample(False, views=((10, 10, 30, 40),)), META)[22:]
        assert picture[100, 42:46].any()

    def test_sample_without_tags(self):
        """The pipeline is to blame, and the error says how."""
        sample = PoseDataSample(gt_instance_labels=InstanceData())
        with refuses('pipeline-tags'):
            draw_given(BLACK, sample, META)
