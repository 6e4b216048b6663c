"""Tests of a teacher's locations for tagged persons."""

import json

import numpy as np
import pytest

from lfhpe_mmpose.datasets.transforms import (
    LoadPseudoLocations,
    WithholdLocations,
    agrees_with_tags,
)
from tests.refusal import refuses

from .test_withhold_locations import KEYPOINTS, person


@pytest.fixture
def write(tmp_path):
    """Write a file for the person, and give the step that reads it."""

    def step(points, img_id=5, ann_id=50, **kwargs):
        path = tmp_path / 'pseudo.json'
        path.write_text(json.dumps(dict(persons=[[img_id, ann_id, points]])))
        return LoadPseudoLocations(str(path), **kwargs)

    return step


def tagged(**kwargs):
    """The person behind the withholding step, its own keypoints withheld."""
    return WithholdLocations(fraction=0.0, **kwargs)(person())


class TestLoadPseudoLocations:
    """Predictions that the tags allow become locations."""

    def test_uses_confident_predictions_of_seen_keypoints(self, write):
        """Keypoint 1 scores too little, keypoint 2 is tagged as absent."""
        out = write([[22, 33, 0.9], [41, 61, 0.2], [50, 50, 0.9]])(tagged())
        assert out['keypoints'].tolist() == [[[22, 33], [0, 0], [0, 0]]]
        assert out['keypoints_visible'].tolist() == [[1, 0, 0]]
        assert out['located'].tolist() == [False]
        assert out['keypoints'].dtype == out['keypoints_visible'].dtype == np.float32

    def test_min_score(self, write):
        """The least score is an option."""
        points = [[22, 33, 0.9], [41, 61, 0.2], [50, 50, 0.9]]
        assert write(points, min_score=0.1)(tagged())['keypoints_visible'].tolist() == [[1, 1, 0]]

    def test_prediction_against_a_tag_is_dropped(self, write):
        """A place outside the person's window is none."""
        out = write([[500, 33, 0.9], [41, 61, 0.9], [50, 50, 0.9]])(tagged())
        assert out['keypoints_visible'].tolist() == [[0, 1, 0]]

    def test_located_person_keeps_its_own(self, write):
        """The truth is better than a prediction."""
        located = WithholdLocations(fraction=1.0)(person())
        out = write([[22, 33, 0.9]] * 3)(located)
        assert out['keypoints'][0].tolist() == KEYPOINTS

    def test_unknown_person(self, write):
        """A person that the file does not know stays without locations."""
        out = write([[22, 33, 0.9]] * 3, ann_id=51)(tagged())
        assert not out['keypoints'].any()

    def test_input_is_left_alone(self, write):
        """A new dict comes out."""
        results = tagged()
        write([[22, 33, 0.9]] * 3)(results)
        assert not results['keypoints'].any()

    def test_other_number_of_keypoints(self, write):
        """A file of another keypoint set is refused."""
        with refuses('pseudo-locations', 'pseudo.json'):
            write([[22, 33, 0.9]] * 2)(tagged())

    def test_needs_the_door(self, write):
        """Before the withholding step there are no tags."""
        with refuses('pipeline', 'LoadPseudoLocations'):
            write([[22, 33, 0.9]] * 3)(person())

    @pytest.mark.parametrize(
        ('text', 'code'),
        [
            ('', 'empty-file'),
            ('[', 'cut-off'),
            ('[]', 'pseudo-locations'),
            ('{}', 'pseudo-locations'),
            ('{"persons": [1]}', 'pseudo-locations'),
            ('{"persons": [[1, 2, "a"]]}', 'pseudo-locations'),
        ],
    )
    def test_broken_file(self, tmp_path, text, code):
        """The file is named."""
        path = tmp_path / 'broken.json'
        path.write_text(text)
        with refuses(code, path):
            LoadPseudoLocations(str(path))
        with refuses('unreadable-file', 'nowhere.json'):
            LoadPseudoLocations('nowhere.json')


class TestAgreesWithTags:
    """Inside every view that shows a keypoint, outside every other."""

    windows = np.array([[[0, 0], [10, 0], [10, 10], [0, 10]], [[0, 0], [5, 0], [5, 5], [0, 5]]])

    @pytest.mark.parametrize(
        ('tags', 'point', 'agrees'),
        [
            ((1, 1), (2, 2), True),
            ((1, 1), (7, 7), False),
            ((1, 0), (2, 2), False),
            ((1, 0), (7, 7), True),
            ((1, -1), (2, 2), True),
            ((1, -1), (12, 2), False),
            ((0, 0), (7, 7), False),
            ((-1, 1), (2, 2), False),
        ],
    )
    def test_by_hand(self, tags, point, agrees):
        """Two windows, one keypoint."""
        found = agrees_with_tags(
            np.array([point], dtype=float), np.array(tags, dtype=float)[:, None], self.windows
        )
        assert found.tolist() == [agrees]
