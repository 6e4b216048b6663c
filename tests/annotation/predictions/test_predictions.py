"""Predictions: MMPose's JSON, a model run here, tags of probabilities, pre-annotations."""

import json

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.apis import infer_persons, init_model
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, load_tag_file
from lfhpe_mmpose.annotation.plan.ranking import picture_probabilities
from lfhpe_mmpose.annotation.predictions import (
    PredictedPerson,
    preannotate_plan,
    predict_tag_file,
    predicted_tag_file,
    read_mmpose_json,
    tags_of_probabilities,
)
from tests.annotation.plan.people import plan_people
from tests.tiny_model import make_tiny_model

NAMES = ['head', 'tail']


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    """A small random model with the 14 keypoints of LSP."""
    tiny = make_tiny_model(tmp_path_factory.mktemp('predictions'), 14)
    return init_model(tiny.config, tiny.weights)


@pytest.fixture
def photos(tmp_path):
    """Two images."""
    folder = tmp_path / 'photos'
    folder.mkdir()
    for name in ('a.png', 'b.png'):
        cv2.imwrite(str(folder / name), np.zeros((60, 80, 3), np.uint8))
    return folder


def _person(**more):
    """A person as MMPose's inferencer writes him (split_instances)."""
    entry = dict(keypoints=[[1.123456, 2], [3, 4]], keypoint_scores=[0.9, 0.2])
    return {**entry, 'bbox': [[10.0, 20.0, 40.0, 50.0]], 'bbox_score': 0.75, **more}


class TestTags:
    """`tags_of_probabilities`."""

    def test_three_answers(self):
        """The bounds count."""
        probs = np.array([1, 0.8, 0.79, 0.5, 0.21, 0.19, 0])
        assert tags_of_probabilities(probs, 0.8) == [1, 1, -1, -1, -1, 0, 0]

    @pytest.mark.parametrize('sure', [0.5, 0, 1.1])
    def test_out_of_range(self, sure):
        """Below one half a keypoint would be both."""
        with pytest.raises(UserError, match='--sure'):
            tags_of_probabilities(np.zeros(1), sure)


class TestMMPoseJson:
    """`read_mmpose_json`."""

    def test_folder(self, photos, tmp_path):
        """A file an image; one without persons is told."""
        (tmp_path / 'p').mkdir()
        (tmp_path / 'p' / 'a.json').write_text(json.dumps([_person(), _person(bbox_score=0.5)]))
        (tmp_path / 'p' / 'b.json').write_text('[]')
        persons, empty = read_mmpose_json(str(tmp_path / 'p'), str(photos), 2)
        assert empty == ['b.png'] and len({p.number for p in persons}) == 2
        assert persons[0].bbox == [10, 20, 30, 30] and persons[1].score == 0.5
        assert persons[0].image['file_name'] == 'a.png' and persons[0].image['width'] == 80
        assert persons[0].probs is None

    @pytest.mark.parametrize(
        ('content', 'message'),
        [
            ([_person(keypoints=[[1, 2]])], r'\[0\]\.keypoints has not 2 x 2 numbers'),
            ([_person(keypoint_scores=['x', 1])], r'\[0\]\.keypoint_scores'),
            ([_person(bbox=[1, 2, 3])], r'\[0\]\.bbox'),
            ([_person(keypoints=[[1, float('nan')], [1, 2]])], r'\[0\]\.keypoints'),
            ([3], r'\[0\] is no person'),
            (dict(meta_info={}, instance_info=[]), 'of a video'),
        ],
    )
    def test_wrong_files(self, photos, tmp_path, content, message):
        """File and entry."""
        (tmp_path / 'a.json').write_text(json.dumps(content))
        with pytest.raises(UserError, match=rf'a\.json: .*{message}'):
            read_mmpose_json(str(tmp_path / 'a.json'), str(photos), 2)

    def test_image_that_is_not_told(self, photos, tmp_path):
        """None, or two of that name."""
        (tmp_path / 'c.json').write_text('[]')
        with pytest.raises(UserError, match='holds no image of this name'):
            read_mmpose_json(str(tmp_path / 'c.json'), str(photos), 2)
        cv2.imwrite(str(photos / 'a.jpg'), np.zeros((9, 9, 3), np.uint8))
        (tmp_path / 'a.json').write_text('[]')
        with pytest.raises(UserError, match='holds 2 images of this name'):
            read_mmpose_json(str(tmp_path / 'a.json'), str(photos), 2)


class TestTagFile:
    """`predicted_tag_file`."""

    def _found(self, probs=None):
        image = dict(id=5, file_name='a.png', width=80, height=60)
        points = np.array([[1.123456, 2], [3, 4]])
        scores = np.array([0.9, 0.2])
        return PredictedPerson(image, 9, [1, 2, 3, 4], 0.5, points, scores, probs)

    def test_places_above_the_threshold(self):
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
        """No place is left; without probabilities there are no tags."""
        found = self._found(np.array([0.95, 0.4]))
        (person,) = predicted_tag_file([found], NAMES, 'm', tags_only=True).annotations
        assert person['keypoint_tags'] == [1, -1]
        assert not any('keypoint' in k for k in person if k != 'keypoint_tags')
        with pytest.raises(UserError, match='--model CONFIG'):
            predicted_tag_file([self._found()], NAMES, 'm', tags_only=True)


class TestModel:
    """A model run here."""

    def test_is_what_infer_persons_says(self, model, people):
        """Ids of the file, probabilities beside the places."""
        tags = load_tag_file(people / 'annotations' / 'person_keypoints_train.json')
        tags.annotations = tags.annotations[:3]
        found = predict_tag_file(model, tags, str(people / 'train'))
        assert [p.number for p in found] == [a['id'] for a in tags.annotations]
        images = tags.images_by_id()
        for person, truth in zip(found, tags.annotations, strict=True):
            x, y, w, h = truth['bbox']
            path = people / 'train' / images[truth['image_id']]['file_name']
            # MMPose's data sets clip boxes to the image.
            box = np.clip([x, y, x + w, y + h], 0, 175)
            (sample,) = infer_persons(model, path, [box])
            pred = sample.pred_instances
            np.testing.assert_allclose(person.keypoints, pred.keypoints[0], atol=0.01)
            np.testing.assert_allclose(person.probs, pred.keypoint_probs[0], atol=1e-4)

    def test_box_outside_the_image(self, model, people):
        """Named."""
        tags = load_tag_file(people / 'annotations' / 'person_keypoints_train.json')
        tags.annotations = [dict(tags.annotations[0], bbox=[9000, 0, 10, 10])]
        with pytest.raises(UserError, match=r'annotations\[0\].*bbox lies outside'):
            predict_tag_file(model, tags, str(people / 'train'))

    def test_other_keypoints(self, model):
        """Named."""
        with pytest.raises(UserError, match='does not know the keypoints head, tail'):
            predict_tag_file(model, TagFile.new(NAMES), '.')


class TestPreannotate:
    """`preannotate_plan`."""

    @pytest.mark.parametrize('form', ['questions', 'ticks'])
    def test_answers_of_the_pictures(self, model, people, tmp_path, form):
        """Sure answers alone, of the controls of that form, in the plan's order."""
        planned = plan_people(people, tmp_path, budget=6)
        names = planned.plan.names()
        crops = [cv2.imread(str(tmp_path / p.file)) for p in planned.pictures]
        probs = np.stack(list(picture_probabilities(model, crops, names)))
        sure = float(np.quantile(np.maximum(probs, 1 - probs), 0.5))
        tasks = preannotate_plan(str(tmp_path / 'plan.json'), model, 'm', sure, form)
        plain = json.loads((tmp_path / 'label_studio_tasks.json').read_text())
        assert [t['data'] for t in tasks] == [t['data'] for t in plain]
        words = {'visible': 1, 'not visible': 0}
        some = 0
        for task, row in zip(tasks, probs, strict=True):
            (said,) = task['predictions']
            assert said['model_version'] == 'm' and 0.5 <= said['score'] <= 1
            found = {r['from_name']: r['value']['choices'] for r in said['result']}
            wanted = dict(zip(names, tags_of_probabilities(row, sure), strict=True))
            some += len(found)
            if form == 'questions':
                got = {name: words[answer] for name, (answer,) in found.items()}
                assert got == {k: v for k, v in wanted.items() if v != -1}
            else:
                seen = [k for k, v in wanted.items() if v == 1]
                assert found['visible'] == (seen or ['none of these'])
                assert found.get('cannot_tell', []) == [k for k, v in wanted.items() if v == -1]
        assert some

    def test_no_plan(self, model, people):
        """A tag file is none."""
        file = people / 'annotations' / 'person_keypoints_train.json'
        with pytest.raises(UserError, match='no annotation plan'):
            preannotate_plan(str(file), model, 'm')
