"""A model's predictions of a tag file and of a plan."""

import json

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.annotation.plan.ranking import picture_probabilities
from lfhpe_mmpose.annotation.predictions import (
    preannotate_plan,
    predict_tag_file,
    tags_of_probabilities,
)
from lfhpe_mmpose.apis import infer_persons, init_model
from lfhpe_mmpose.tags import TagFile, load_tag_file
from tests.annotation.plan.people import plan_people
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    """A small random model with the 14 keypoints of LSP."""
    tiny = make_tiny_model(tmp_path_factory.mktemp('predictions'), 14)
    return init_model(tiny.config, tiny.weights)


@pytest.fixture
def tags(people):
    """The training people."""
    return load_tag_file(people / 'annotations' / 'person_keypoints_train.json')


class TestTagFile:
    """`predict_tag_file`."""

    def test_is_what_infer_persons_predicts(self, model, people, tags):
        """Ids are those of the file; probabilities come with the coordinates."""
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

    @pytest.mark.parametrize(
        ('change', 'code', 'place'),
        [
            (dict(bbox=[9000, 0, 10, 10]), 'box-outside', 'annotations[0]'),
            (dict(image_id=999), 'unknown-image', 'annotations[0]'),
        ],
    )
    def test_wrong_person(self, model, people, tags, change, code, place):
        """The entry is named before the model runs."""
        tags.annotations = [dict(tags.annotations[0], **change)]
        with refuses(code, place=place):
            predict_tag_file(model, tags, str(people / 'train'))

    @pytest.mark.parametrize('name', ['../train/000000000.jpg', '/dev/zero'])
    def test_image_outside_the_folder(self, model, people, tags, name):
        """A tag file of somebody else cannot name it."""
        tags.images[0]['file_name'] = name
        with refuses('outside-folder', place='image 1'):
            predict_tag_file(model, tags, str(people / 'train'))
        del tags.images[0]['file_name']
        with refuses('malformed', place='images[0] (id 1).file_name'):
            predict_tag_file(model, tags, str(people / 'train'))

    def test_other_keypoints(self, model):
        """The model must know them."""
        with refuses('unknown-keypoint', place='model'):
            predict_tag_file(model, TagFile.new(['head', 'tail']), '.')


class TestPreannotate:
    """`preannotate_plan`."""

    @pytest.mark.parametrize('form', ['questions', 'ticks'])
    def test_answers_of_the_pictures(self, model, people, tmp_path, form):
        """Sure answers only, of the controls of that form, in the plan's order."""
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

    def test_picture_outside_the_folder(self, model, people, tmp_path):
        """A plan of somebody else cannot name it."""
        plan_people(people, tmp_path, budget=1)
        text = (tmp_path / 'plan.json').read_text()
        (tmp_path / 'plan.json').write_text(text.replace('"views/', '"../views/'))
        with refuses('outside-folder', place='plan.json'):
            preannotate_plan(str(tmp_path / 'plan.json'), model, 'm')

    def test_no_plan(self, model, people):
        """A tag file is not a plan."""
        file = people / 'annotations' / 'person_keypoints_train.json'
        with refuses('plan', place=file):
            preannotate_plan(str(file), model, 'm')
