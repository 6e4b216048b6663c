"""The JSON of MMPose's inferencer, and tag files of it."""

import json

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.annotation.predictions import (
    PredictedPerson,
    predicted_tag_file,
    read_mmpose_json,
    tags_of_probabilities,
)
from tests.refusal import refuses

NAMES = ['head', 'tail']


@pytest.fixture
def photos(tmp_path):
    """Two images."""
    folder = tmp_path / 'photos'
    folder.mkdir()
    for name in ('a.png', 'b.png'):
        cv2.imwrite(str(folder / name), np.zeros((60, 80, 3), np.uint8))
    return folder


def _person(**more):
    """A person as MMPose's inferencer writes it (split_instances)."""
    entry = dict(keypoints=[[1.123456, 2], [3, 4]], keypoint_scores=[0.9, 0.2])
    return {**entry, 'bbox': [[10.0, 20.0, 40.0, 50.0]], 'bbox_score': 0.75, **more}


def _read(path, photos, content=None):
    if content is not None:
        path.write_text(json.dumps(content))
    return read_mmpose_json(str(path), str(photos), 2)


class TestMMPoseJson:
    """`read_mmpose_json`."""

    def test_folder(self, photos, tmp_path):
        """One file per image; an image without persons is reported."""
        (tmp_path / 'p').mkdir()
        people = [_person(), _person(bbox_score=0.5), _person(bbox=None)]
        (tmp_path / 'p' / 'a.json').write_text(json.dumps(people))
        (tmp_path / 'p' / 'b.json').write_text('[]')
        persons, empty = _read(tmp_path / 'p', photos)
        assert empty == ['b.png'] and len({p.number for p in persons}) == 3
        assert persons[0].bbox == [10, 20, 30, 30] and persons[1].score == 0.5
        assert persons[2].bbox == [0, 0, 80, 60]
        assert persons[0].image['file_name'] == 'a.png' and persons[0].image['width'] == 80
        assert persons[0].probs is None

    @pytest.mark.parametrize(
        ('content', 'place'),
        [
            ([_person(keypoints=[[1, 2]])], '[0].keypoints'),
            ([_person(keypoint_scores=['x', 1])], '[0].keypoint_scores'),
            ([_person(bbox=[1, 2, 3])], '[0].bbox'),
            ([_person(keypoints=[[1, float('nan')], [1, 2]])], '[0].keypoints'),
            ([3], '[0]'),
            (dict(meta_info={}, instance_info=[]), ''),
        ],
    )
    def test_wrong_files(self, photos, tmp_path, content, place):
        """File and entry are named; the last is of a video."""
        with refuses('predictions', place=f'a.json{place and f": {place}"}'):
            _read(tmp_path / 'a.json', photos, content)

    def test_no_file(self, photos, tmp_path):
        """An empty folder, a missing file, text that is not JSON."""
        with refuses('predictions', place=tmp_path / 'x'):
            (tmp_path / 'x').mkdir()
            _read(tmp_path / 'x', photos)
        with refuses('unreadable-file', place='a.json'):
            _read(tmp_path / 'a.json', photos)
        (tmp_path / 'a.json').write_text('[1 2]')
        with refuses('not-json', place='a.json'):
            _read(tmp_path / 'a.json', photos)

    def test_image_that_is_not_found(self, photos, tmp_path):
        """None, or two of that name."""
        with refuses('missing-image', place='c.json'):
            _read(tmp_path / 'c.json', photos, [])
        cv2.imwrite(str(photos / 'a.jpg'), np.zeros((9, 9, 3), np.uint8))
        with refuses('missing-image', place='a.json'):
            _read(tmp_path / 'a.json', photos, [])


class TestTagFile:
    """`predicted_tag_file` and `tags_of_probabilities`."""

    def _found(self, probs=None):
        image = dict(id=5, file_name='a.png', width=80, height=60)
        points = np.array([[1.123456, 2], [3, 4]])
        scores = np.array([0.9, 0.2])
        return PredictedPerson(image, 9, [1, 2, 3, 4], 0.5, points, scores, probs)

    def test_coordinates_above_the_threshold(self):
        """v is 2, and the model is named."""
        tags = predicted_tag_file([self._found()], NAMES, 'm', [[1, 2]])
        (person,) = tags.annotations
        assert person['keypoints'] == [1.12, 2, 2, 0, 0, 0] and person['num_keypoints'] == 1
        assert 'keypoint_tags' not in person and person['score'] == 0.5
        assert tags.rest['info']['predicted_by'] == 'm'
        assert tags.categories[0]['skeleton'] == [[1, 2]]
        every = predicted_tag_file([self._found()], NAMES, 'm', score_thr=0.2)
        assert every.annotations[0]['num_keypoints'] == 2

    def test_tags_alone(self):
        """No coordinate is written; without probabilities there are no tags."""
        found = self._found(np.array([0.95, 0.4]))
        (person,) = predicted_tag_file([found], NAMES, 'm', tags_only=True).annotations
        assert person['keypoint_tags'] == [1, -1]
        assert not any('keypoint' in k for k in person if k != 'keypoint_tags')
        with refuses('no-probabilities', place='m'):
            predicted_tag_file([self._found()], NAMES, 'm', tags_only=True)

    def test_three_answers(self):
        """The bounds are included."""
        probs = np.array([1, 0.8, 0.79, 0.5, 0.21, 0.19, 0])
        assert tags_of_probabilities(probs, 0.8) == [1, 1, -1, -1, -1, 0, 0]

    @pytest.mark.parametrize('sure', [0.5, 0, 1.1])
    def test_out_of_range(self, sure):
        """Below one half a keypoint would be both."""
        with refuses('option', place='--sure'):
            tags_of_probabilities(np.zeros(1), sure)
