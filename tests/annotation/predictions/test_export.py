"""Exported predictions: MMPose's own JSON, a model on a tag file, a model on a plan."""

import json

import pytest
from mmpose.apis import MMPoseInferencer

from lfhpe_mmpose.annotation.converters import label_studio, table
from lfhpe_mmpose.annotation.predictions import ExportOptions, export_predictions
from lfhpe_mmpose.tags import load_tag_file
from tests.annotation.plan.people import plan_people
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A small random model with the 14 keypoints of LSP."""
    return make_tiny_model(tmp_path_factory.mktemp('export'), 14)


@pytest.fixture(scope='module')
def predicted(tiny, people, tmp_path_factory):
    """What MMPose's inferencer writes about two images."""
    out = tmp_path_factory.mktemp('predicted')
    inferencer = MMPoseInferencer(
        pose2d=tiny.config,
        pose2d_weights=str(tiny.weights),
        det_model='whole_image',
        device='cpu',
    )
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


def _export(source, kind, out, **options):
    options = {k: v if isinstance(v, bool | float | int) else str(v) for k, v in options.items()}
    return export_predictions(
        ExportOptions(str(source), kind, str(out), progress=False, **options)
    )


class TestMMPoseJson:
    """JSON of MMPose's inferencer."""

    def _args(self, people):
        like = people / 'annotations' / 'person_keypoints_train.json'
        return dict(images=people / 'train', like=like)

    def test_to_coco(self, predicted, people, tmp_path):
        """Coordinates above the threshold, no tags."""
        out = tmp_path / 'found.json'
        (line,) = _export(predicted, 'coco', out, score_thr=0.0, **self._args(people))
        tags = load_tag_file(out)
        written = json.loads((predicted / '000000001.json').read_text())[0]
        person = tags.annotations[1]
        assert person['num_keypoints'] == 14 and 'keypoint_tags' not in person
        assert person['keypoints'][0] == pytest.approx(written['keypoints'][0][0], abs=0.01)
        x1, y1, x2, y2 = written['bbox'][0]
        assert person['bbox'] == pytest.approx([x1, y1, x2 - x1, y2 - y1], abs=0.01)
        assert '2 persons in 2 images, 28 located keypoints' in line

    def test_to_label_studio(self, predicted, people, tmp_path):
        """They are predictions, not annotations."""
        out = tmp_path / 'tasks.json'
        _export(predicted, 'label-studio', out, score_thr=0, **self._args(people))
        tasks = json.loads(out.read_text())
        assert all('annotations' not in t for t in tasks)
        (said,) = tasks[0]['predictions']
        assert sum(r['type'] == 'keypointlabels' for r in said['result']) == 14
        assert said['model_version'] == 'mmpose' and said['score'] == 1.0

    def test_to_a_table(self, predicted, people, tmp_path):
        """A table holds tags, which coordinates do not give."""
        with refuses('no-probabilities'):
            _export(predicted, 'csv', tmp_path / 'x.csv', **self._args(people))
        assert not (tmp_path / 'x.csv').exists()

    def test_image_without_a_person(self, predicted, people, tmp_path):
        """It is reported."""
        (tmp_path / '000000000.json').write_text('[]')
        lines = _export(tmp_path, 'coco', tmp_path / 'o.json', **self._args(people))
        assert '000000000.jpg' in lines[0]


class TestModel:
    """A model run here."""

    def _args(self, tiny):
        return dict(model=tiny.config, weights=tiny.weights, device='cpu', sure=0.501)

    def test_formats_agree(self, few, tiny, people, tmp_path):
        """COCO, table and Label Studio hold the same tags."""
        args = dict(self._args(tiny), images=people / 'train', tags_only=True)
        for form, name in (('coco', 'c.json'), ('csv', 'c.csv'), ('label-studio', 'l.json')):
            _export(few, form, tmp_path / name, **args)
        coco = load_tag_file(tmp_path / 'c.json')
        wanted = [a['keypoint_tags'] for a in coco.annotations]
        assert {t for tags in wanted for t in tags} >= {0, 1}
        rows = table.read(str(tmp_path / 'c.csv'), names=coco.names())
        assert [a['keypoint_tags'] for a in rows.annotations] == wanted
        tasks = json.loads((tmp_path / 'l.json').read_text())
        for task in tasks:  # as if an annotator had accepted them
            task['annotations'] = task.pop('predictions')
        (tmp_path / 'l.json').write_text(json.dumps(tasks))
        tags = label_studio.read(str(tmp_path / 'l.json'), names=coco.names())
        assert [a['keypoint_tags'] for a in tags.annotations] == wanted

    def test_tags_only_has_no_coordinate(self, few, tiny, people, tmp_path):
        """Without it there are coordinates."""
        args = dict(self._args(tiny), images=people / 'train', score_thr=0)
        _export(few, 'coco', tmp_path / 'a.json', tags_only=True, **args)
        _export(few, 'coco', tmp_path / 'b.json', **args)
        a, b = (load_tag_file(tmp_path / n).annotations[0] for n in ('a.json', 'b.json'))
        assert not {'keypoints', 'num_keypoints', 'keypoint_scores'} & set(a)
        assert b['num_keypoints'] == 14 and b['keypoint_tags'] == a['keypoint_tags']

    def test_plan(self, tiny, people, tmp_path):
        """The plan's pictures are answered without the images."""
        plan_people(people, tmp_path, budget=5)
        args = dict(self._args(tiny), form='ticks', image_url_prefix='x/')
        out = tmp_path / 'tasks.json'
        (line,) = _export(tmp_path / 'plan.json', 'label-studio', out, **args)
        tasks = json.loads(out.read_text())
        assert len(tasks) == 5 and '5 pictures' in line
        assert tasks[0]['data']['image'] == 'x/' + tasks[0]['data']['picture']
        assert 'visible' in [r['from_name'] for r in tasks[0]['predictions'][0]['result']]

    @pytest.mark.parametrize(
        ('options', 'code', 'place'),
        [
            (dict(weights='w'), 'option', '--weights'),
            (dict(), 'option', '--images'),
            (dict(images='.'), 'option', '--keypoints'),
            (dict(model='c', keypoints='a'), 'option', '--keypoints'),
            (dict(model='c'), 'unreadable-file', 'x.json'),
        ],
    )
    def test_mistakes(self, options, code, place, tmp_path):
        """The option or the file is named."""
        with refuses(code, place=place):
            _export('x.json', 'coco', tmp_path / 'o.json', **options)
