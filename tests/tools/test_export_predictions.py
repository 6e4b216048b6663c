"""tools/export_predictions.py."""

import json

import pytest

from lfhpe_mmpose.apis import make_inferencer
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.annotation.converters import label_studio, table
from tests.annotation.plan.people import plan_people
from tests.tiny_model import make_tiny_model
from tests.tools.loading import load_tool

tool = load_tool('export_predictions')


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A small random model with the 14 keypoints of LSP."""
    return make_tiny_model(tmp_path_factory.mktemp('export'), 14)


@pytest.fixture(scope='module')
def predicted(tiny, people, tmp_path_factory):
    """What MMPose's inferencer writes about two images."""
    out = tmp_path_factory.mktemp('predicted')
    inferencer = make_inferencer(tiny.config, tiny.weights, device='cpu')
    for name in ('000000000.jpg', '000000001.jpg'):
        next(inferencer(str(people / 'train' / name), pred_out_dir=str(out)))
    return out


@pytest.fixture
def few(people, tmp_path):
    """A tag file of three persons."""
    tags = load_tag_file(people / 'annotations' / 'person_keypoints_train.json')
    tags.annotations = tags.annotations[:3]
    tags.save(tmp_path / 'few.json')
    return tmp_path / 'few.json'


def _run(*args):
    tool.main(tool.parse_args([str(a) for a in args]))


class TestGenuineJson:
    """MMPose's own files."""

    def test_to_coco(self, predicted, people, tmp_path, capsys):
        """Places above the threshold, no tags."""
        like = people / 'annotations' / 'person_keypoints_train.json'
        source = ['--images', people / 'train', '--like', like]
        out = tmp_path / 'found.json'
        _run(predicted, *source, '--format', 'coco', '--out', out, '--score-thr', 0.0)
        tags = load_tag_file(out)
        written = json.loads((predicted / '000000001.json').read_text())[0]
        person = tags.annotations[1]
        assert person['num_keypoints'] == 14 and 'keypoint_tags' not in person
        assert person['keypoints'][0] == pytest.approx(written['keypoints'][0][0], abs=0.01)
        x1, y1, x2, y2 = written['bbox'][0]
        assert person['bbox'] == pytest.approx([x1, y1, x2 - x1, y2 - y1], abs=0.01)
        assert '2 persons in 2 images, 28 places' in capsys.readouterr().out

    def test_to_label_studio(self, predicted, people, tmp_path):
        """Predictions, not annotations: nobody has answered."""
        like = people / 'annotations' / 'person_keypoints_train.json'
        source = ['--images', people / 'train', '--like', like, '--score-thr', 0]
        out = tmp_path / 'tasks.json'
        _run(predicted, *source, '--format', 'label-studio', '--out', out)
        tasks = json.loads(out.read_text())
        assert all('annotations' not in t for t in tasks)
        (said,) = tasks[0]['predictions']
        assert sum(r['type'] == 'keypointlabels' for r in said['result']) == 14
        assert said['model_version'] == 'mmpose' and said['score'] == 1.0

    def test_to_a_table(self, predicted, people, tmp_path):
        """A table holds tags, which places do not tell."""
        like = people / 'annotations' / 'person_keypoints_train.json'
        source = ['--images', people / 'train', '--like', like]
        with pytest.raises(UserError, match='--model CONFIG'):
            _run(predicted, *source, '--format', 'csv', '--out', tmp_path / 'x.csv')
        assert not (tmp_path / 'x.csv').exists()


class TestModel:
    """A model run here."""

    def _args(self, few, tiny, people, *more):
        model = ['--model', tiny.config, '--weights', tiny.weights, '--device', 'cpu']
        return [few, '--images', people / 'train', *model, '--sure', 0.501, *more]

    def test_formats_agree(self, few, tiny, people, tmp_path):
        """COCO, table and Label Studio hold the same tags."""
        args = self._args(few, tiny, people)
        for form, name in (('coco', 'c.json'), ('csv', 'c.csv'), ('label-studio', 'l.json')):
            _run(*args, '--format', form, '--out', tmp_path / name, '--tags-only')
        coco = load_tag_file(tmp_path / 'c.json')
        wanted = [a['keypoint_tags'] for a in coco.annotations]
        assert {t for tags in wanted for t in tags} >= {0, 1}
        rows = table.read(str(tmp_path / 'c.csv'), names=coco.names())
        assert [a['keypoint_tags'] for a in rows.annotations] == wanted
        tasks = json.loads((tmp_path / 'l.json').read_text())
        for task in tasks:  # as if somebody had accepted them
            task['annotations'] = task.pop('predictions')
        (tmp_path / 'l.json').write_text(json.dumps(tasks))
        tags = label_studio.read(str(tmp_path / 'l.json'), names=coco.names())
        assert [a['keypoint_tags'] for a in tags.annotations] == wanted

    def test_tags_only_has_no_place(self, few, tiny, people, tmp_path):
        """And without it there are places."""
        args = self._args(few, tiny, people, '--format', 'coco', '--score-thr', 0)
        _run(*args, '--out', tmp_path / 'a.json', '--tags-only')
        _run(*args, '--out', tmp_path / 'b.json')
        a, b = (load_tag_file(tmp_path / n).annotations[0] for n in ('a.json', 'b.json'))
        assert not {'keypoints', 'num_keypoints', 'keypoint_scores'} & set(a)
        assert b['num_keypoints'] == 14 and b['keypoint_tags'] == a['keypoint_tags']

    def test_plan(self, tiny, people, tmp_path, capsys):
        """The plan's pictures are answered, ready to import, without the images."""
        plan_people(people, tmp_path, budget=5)
        args = ['--model', tiny.config, '--weights', tiny.weights, '--device', 'cpu']
        out = tmp_path / 'tasks.json'
        _run(
            *(tmp_path / 'plan.json', *args, '--format', 'label-studio', '--out', out),
            *('--sure', 0.501, '--form', 'ticks', '--image-url-prefix', 'x/'),
        )
        tasks = json.loads(out.read_text())
        assert len(tasks) == 5
        assert tasks[0]['data']['image'] == 'x/' + tasks[0]['data']['picture']
        assert 'visible' in [r['from_name'] for r in tasks[0]['predictions'][0]['result']]
        assert '5 pictures' in capsys.readouterr().out

    @pytest.mark.parametrize(
        ('args', 'message'),
        [
            (['x.json', '--weights', 'w'], 'Give --model'),
            (['x.json'], '--images'),
            (['x.json', '--images', '.'], 'one of --keypoints'),
            (['x.json', '--model', 'c', '--keypoints', 'a'], 'leave them out'),
            (['x.json', '--model', 'c'], 'cannot be read'),
        ],
    )
    def test_mistakes(self, args, message, tmp_path):
        """Each said."""
        with pytest.raises(UserError, match=message):
            _run(*args, '--format', 'coco', '--out', tmp_path / 'o.json')
