"""tools/plan_tags.py."""

import json
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.annotation.plan.detector import PersonDetector, detect
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import find_images
from tests.conftest import ROOT
from tests.tiny_model import make_tiny_model
from tests.tools.loading import load_tool

tool = load_tool('plan_tags')


def _args(people, out, *more):
    truth = str(people / 'annotations' / 'person_keypoints_train.json')
    return [str(people / 'train'), '--out', str(out), '--like', truth, *map(str, more)]


def _run(*args):
    tool.main(tool.parse_args([*args]))


def _plan(out):
    return json.loads((out / 'plan.json').read_text())


class TestPlanTags:
    """Every option does what it says."""

    def test_boxes_views_budget_and_what_is_printed(self, people, tmp_path, capsys):
        """Counts, and the commands that follow."""
        truth = people / 'annotations' / 'person_keypoints_train.json'
        out = tmp_path / 'r1'
        _run(*_args(people, out, '--boxes', truth, '--views', 3, '--budget', 10, '--seed', 2))
        plan = _plan(out)
        assert len(plan['plan']['pictures']) == 10 and plan['plan']['seed'] == 2
        assert all(len(a['tag_views']) == 2 for a in plan['annotations'])
        text = capsys.readouterr().out
        assert '10 of 144 pictures' in text and '10 x 14 = 140 questions' in text
        assert f'tools/import_tags.py label-studio export.json --plan {out}/plan.json' in text
        assert f'tools/import_tags.py table {out}/questions.csv' in text

    def test_sub_crops_alone(self, people, tmp_path, capsys):
        """One sub-crop a person, and no picture of the whole."""
        truth = people / 'annotations' / 'person_keypoints_train.json'
        more = ['--views', 1, '--no-whole-person']
        _run(*_args(people, tmp_path / 'r1', '--boxes', truth, *more))
        assert '48 of 48 pictures' in capsys.readouterr().out
        plan = _plan(tmp_path / 'r1')
        assert {p['view'] for p in plan['plan']['pictures']} == {1}
        assert all(len(a['tag_views']) == 1 for a in plan['annotations'])
        assert all(path.stem.endswith('_1') for path in (tmp_path / 'r1' / 'views').iterdir())

    def test_whole_images_limit_size_form_and_prefix(self, people, tmp_path):
        """Each image a person without a box."""
        out = tmp_path / 'r1'
        more = ['--whole-images', '--limit', 3, '--views', 1, '--image-size', 40]
        _run(*_args(people, out, *more, '--form', 'ticks', '--image-url-prefix', 's3://b/'))
        plan = _plan(out)
        assert len(plan['images']) == 3 and not any('bbox' in a for a in plan['annotations'])
        assert not any('tag_views' in a for a in plan['annotations'])
        assert max(cv2.imread(str(next((out / 'views').iterdir()))).shape) == 40
        assert 'name="cannot_tell"' in (out / 'label_studio_config.xml').read_text()
        tasks = json.loads((out / 'label_studio_tasks.json').read_text())
        assert all(t['data']['image'] == 's3://b/' + t['data']['picture'] for t in tasks)

    def test_rank_and_done(self, people, tmp_path, capsys):
        """A model orders; what is answered is not asked again."""
        tiny = make_tiny_model(tmp_path, 14)
        more = ['--whole-images', '--limit', 4, '--views', 2, '--device', 'cpu']
        model = ['--rank', tiny.config, '--weights', tiny.weights]
        _run(*_args(people, tmp_path / 'r1', *more, *model))
        assert 'expected information' in capsys.readouterr().out
        plan = _plan(tmp_path / 'r1')
        answered = plan['annotations'][0]
        del plan['plan'], answered['tag_views']
        plan['annotations'] = [dict(answered, keypoint_tags=[1] * 14)]
        (tmp_path / 'done.json').write_text(json.dumps(plan))
        _run(*_args(people, tmp_path / 'r2', *more, '--done', tmp_path / 'done.json'))
        pictures = _plan(tmp_path / 'r2')['plan']['pictures']
        assert len(pictures) == 7
        assert [p['view'] for p in pictures if p['annotation'] == answered['id']] == [1]

    @pytest.mark.parametrize(
        ('more', 'message'),
        [
            (['--det-config', 'x'], 'both --det-config and --det-weights'),
            (['--whole-images', '--weights', 'x'], 'Give --rank'),
            (['--whole-images', '--done', 'no.json'], 'no.json: cannot be read'),
            (['--boxes', 'no.txt'], 'no.txt: boxes come from'),
            (['--whole-images', '--rank', 'lfhpe_nothing'], 'lfhpe_nothing: no '),
        ],
    )
    def test_mistakes(self, people, tmp_path, more, message):
        """Nothing is written."""
        with pytest.raises(UserError, match=message):
            _run(*_args(people, tmp_path / 'r1', *more))
        assert not (tmp_path / 'r1').exists()

    def test_mistake_ends_with_status_2(self, tmp_path):
        """From the command line: the message alone."""
        command = [sys.executable, str(ROOT / 'tools' / 'plan_tags.py'), 'no_folder']
        command += ['--out', str(tmp_path / 'r1'), '--keypoints', 'a', '--whole-images']
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 2
        assert 'no_folder: no such folder' in done.stderr and 'Traceback' not in done.stderr


class _Fake:
    """A detector that counts."""

    def __init__(self, threshold=0.3, boxes=((1, 2, 30, 40),)):
        self.settings = dict(threshold=threshold)
        self.boxes = [list(map(float, b)) for b in boxes]
        self.seen = 0

    def __call__(self, image):
        assert image.dtype == np.uint8
        self.seen += 1
        if self.seen == 4:
            raise KeyboardInterrupt
        return self.boxes


class TestDetector:
    """Boxes of a detector."""

    def test_interrupted_search_goes_on(self, people, tmp_path):
        """What was found is kept, a line that was cut off is not."""
        folder, memory = str(people / 'train'), tmp_path / 'plan' / 'detections.jsonl'
        names = find_images(folder)[:5]
        with pytest.raises(KeyboardInterrupt):
            detect(_Fake(), folder, names, memory)
        with open(memory, 'a') as file:
            file.write('["cut o')
        again = _Fake()
        found = detect(again, folder, names, memory)
        assert again.seen == 2 and found == {n: [[1, 2, 30, 40]] for n in names}
        assert len(memory.read_text().splitlines()) == 6
        with pytest.raises(UserError, match='another detector'):
            detect(_Fake(threshold=0.5), folder, names, memory)

    def test_mmdets(self, data_dir, weights_dir, tmp_path, capsys):
        """On a real image with five people."""
        folder = tmp_path / 'photos'
        folder.mkdir()
        image = data_dir / 'coco_mini' / 'val2017' / '000000034417.jpg'
        shutil.copy(image, folder)
        weights = str(weights_dir / 'rtmdet_nano_person.pth')
        more = ['--det-config', 'rtmdet_nano_320-8xb32_coco-person', '--det-weights', weights]
        args = [str(folder), '--out', str(tmp_path / 'r1'), '--metainfo', 'coco', *more]
        _run(*args, '--views', '2', '--device', 'cpu')
        plan = _plan(tmp_path / 'r1')
        assert len(plan['annotations']) >= 4
        assert len(plan['plan']['pictures']) == 2 * len(plan['annotations'])
        before = (tmp_path / 'r1' / 'plan.json').read_bytes()
        _run(*args, '--views', '2', '--device', 'cpu')
        assert (tmp_path / 'r1' / 'plan.json').read_bytes() == before

    def test_threshold_and_categories(self, data_dir, weights_dir):
        """A higher threshold keeps fewer boxes; another category none."""
        from lfhpe_mmpose.files.images import read_image

        image = read_image(data_dir / 'coco_mini' / 'val2017' / '000000034417.jpg')
        name, weights = 'rtmdet_nano_320-8xb32_coco-person', weights_dir / 'rtmdet_nano_person.pth'
        many = PersonDetector(name, weights, device='cpu')(image)
        few = PersonDetector(name, weights, threshold=0.6, device='cpu')(image)
        assert len(many) > len(few) and all(box in many for box in few)
        assert PersonDetector(name, weights, categories=[1], device='cpu')(image) == []
