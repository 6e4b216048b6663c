"""The whole of `lfhpe plan`."""

import json
import shutil

import cv2
import pytest

from lfhpe_mmpose.annotation.plan import PlanOptions, plan_folder
from lfhpe_mmpose.annotation.plan.plan_folder import describe
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model


def _options(people, out, **options):
    truth = str(people / 'annotations' / 'person_keypoints_train.json')
    options = {'like': truth, 'progress': False, **options}
    return PlanOptions(str(people / 'train'), str(out), **options)


def _plan(people, out, **options):
    planned = plan_folder(_options(people, out, **options))
    return json.loads((out / 'plan.json').read_text()), describe(planned, str(out))


class TestPlanFolder:
    """`plan_folder`."""

    def test_boxes_views_budget_and_summary(self, people, tmp_path):
        """Counts, and the commands that follow."""
        truth = str(people / 'annotations' / 'person_keypoints_train.json')
        out = tmp_path / 'r1'
        plan, text = _plan(people, out, boxes=truth, views=3, budget=10, seed=2)
        assert len(plan['plan']['pictures']) == 10 and plan['plan']['seed'] == 2
        assert all(len(a['tag_views']) == 2 for a in plan['annotations'])
        assert '10 of 144 pictures' in text and '10 x 14 = 140 questions' in text
        assert f'lfhpe import label-studio export.json --plan {out}/plan.json' in text
        assert f'lfhpe import table {out}/questions.csv' in text
        assert f'DOCUMENT_ROOT={tmp_path} label-studio start --internal-host 127.0.0.1' in text
        tasks = json.loads((out / 'label_studio_tasks.json').read_text())
        assert tasks[0]['data']['image'].startswith('/data/local-files/?d=r1/views/')

    def test_sub_crops_alone(self, people, tmp_path):
        """One sub-crop per person, and no picture of the whole."""
        truth = str(people / 'annotations' / 'person_keypoints_train.json')
        plan, text = _plan(people, tmp_path / 'r1', boxes=truth, views=1, whole_person=False)
        assert '48 of 48 pictures' in text
        assert {p['view'] for p in plan['plan']['pictures']} == {1}
        assert all(len(a['tag_views']) == 1 for a in plan['annotations'])
        assert all(path.stem.endswith('_1') for path in (tmp_path / 'r1' / 'views').iterdir())

    def test_whole_images_limit_size_form_and_prefix(self, people, tmp_path):
        """Each image is a person without a box."""
        out = tmp_path / 'r1'
        options = dict(whole_images=True, limit=3, views=1, image_size=40, form='ticks')
        plan, _ = _plan(people, out, image_url_prefix='s3://b/', **options)
        assert len(plan['images']) == 3 and not any('bbox' in a for a in plan['annotations'])
        assert not any('tag_views' in a for a in plan['annotations'])
        assert max(cv2.imread(str(next((out / 'views').iterdir()))).shape) == 40
        assert 'name="cannot_tell"' in (out / 'label_studio_config.xml').read_text()
        tasks = json.loads((out / 'label_studio_tasks.json').read_text())
        assert all(t['data']['image'] == 's3://b/' + t['data']['picture'] for t in tasks)

    def test_rank_and_done(self, people, tmp_path):
        """A model orders the pictures; answered ones are not asked again."""
        tiny = make_tiny_model(tmp_path, 14)
        options = dict(whole_images=True, limit=4, views=2, device='cpu')
        model = dict(rank=tiny.config, weights=str(tiny.weights))
        plan, text = _plan(people, tmp_path / 'r1', **options, **model)
        assert 'expected information' in text
        answered = plan['annotations'][0]
        del plan['plan'], answered['tag_views']
        plan['annotations'] = [dict(answered, keypoint_tags=[1] * 14)]
        (tmp_path / 'done.json').write_text(json.dumps(plan))
        done = str(tmp_path / 'done.json')
        pictures = _plan(people, tmp_path / 'r2', done=done, **options)[0]['plan']['pictures']
        assert len(pictures) == 7
        assert [p['view'] for p in pictures if p['annotation'] == answered['id']] == [1]

    def test_images_that_are_not_read(self, people, tmp_path):
        """Endings that are skipped are counted."""
        folder = tmp_path / 'photos'
        folder.mkdir()
        shutil.copy(people / 'train' / '000000000.jpg', folder)
        (folder / 'a.gif').touch()
        options = PlanOptions(
            str(folder), str(tmp_path / 'r1'), keypoints='a', whole_images=True, progress=False
        )
        assert '1 .gif' in plan_folder(options).remarks[0]

    @pytest.mark.parametrize(
        ('options', 'code', 'place'),
        [
            (dict(detector='x'), 'option', '--detector'),
            (dict(), 'option', '--boxes'),
            (dict(whole_images=True, boxes='x.csv'), 'option', '--boxes'),
            (dict(whole_images=True, weights='x'), 'option', '--weights'),
            (dict(whole_images=True, done='no.json'), 'unreadable-file', 'no.json'),
            (dict(boxes='no.txt'), 'format', 'no.txt'),
        ],
    )
    def test_mistakes(self, people, tmp_path, options, code, place):
        """Nothing is written."""
        with refuses(code, place=place):
            _plan(people, tmp_path / 'r1', **options)
        assert not (tmp_path / 'r1').exists()
