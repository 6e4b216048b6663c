"""The tutorial, run as it stands: from images to skeletons without a coordinate."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT

# Fewer images and epochs than on the page; all else is the page's.
SMALLER = {
    '--num-train 1200 --num-val 8': '--num-train 60 --num-val 2',
    '--images made/train --out my\n': '--images made/train --out my --epochs 1\n',
}
LFHPE = 'lfhpe() { "$PYTHON" -m lfhpe_mmpose "$@"; }'


def script() -> str:
    """The code blocks of the page, in order, as one shell script."""
    page = (ROOT / 'docs' / 'tutorial.md').read_text()
    blocks = re.findall(r'```(sh|python)\n(.*?)```', page, re.S)
    parts = ['set -e', LFHPE]
    for kind, code in blocks:
        parts.append(code if kind == 'sh' else f'"$PYTHON" - <<\'END\'\n{code}END\n')
    text = '\n'.join(parts)
    for theirs, smaller in SMALLER.items():
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, smaller)
    return text


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """The page, run in a folder of its own."""
    folder = tmp_path_factory.mktemp('tutorial')
    env = {**os.environ, 'PYTHON': sys.executable, 'PYTHONPATH': str(ROOT)}
    run = subprocess.run(
        ['bash', '-c', script()], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return folder


class TestTutorial:
    """What a newcomer has at the end."""

    def test_tags_only(self, folder):
        """The files that are trained on hold tags of four views and no coordinate."""
        for name in ('tags.json', 'my/train.json', 'my/val.json'):
            data = json.loads((folder / name).read_text())
            assert data['annotations']
            for person in data['annotations']:
                assert 'keypoints' not in person and 'num_keypoints' not in person
                assert len(person['tag_views']) <= 3
        whole = json.loads((folder / 'tags.json').read_text())
        assert len(whole['annotations']) == 60

    def test_same_tags_as_the_truth(self, folder):
        """What came back from the table is what the drawer knows of each whole person."""
        tags = json.loads((folder / 'tags.json').read_text())
        truth_file = folder / 'made' / 'annotations' / 'person_keypoints_train.json'
        truth = json.loads(truth_file.read_text())
        names = {i['id']: i['file_name'] for i in truth['images']}
        flags = {names[p['image_id']]: p['keypoints'][2::3] for p in truth['annotations']}
        files = {i['id']: i['file_name'] for i in tags['images']}
        keypoints = tags['categories'][0]['keypoints']
        for person in tags['annotations']:
            given = person['keypoint_tags']
            if isinstance(given, dict):
                given = [given[name] for name in keypoints]
            seen = [int(flag > 0) for flag in flags[files[person['image_id']]]]
            assert given == seen

    def test_skeleton_is_drawn(self, folder):
        """Two new images are drawn on, with all keypoints in the lines."""
        drawn = sorted((folder / 'drawn').glob('*.jpg'))
        assert len(drawn) == 2
        with Image.open(drawn[0]) as picture:
            assert min(picture.size) > 50
        lines = (folder / 'drawn' / 'keypoints.jsonl').read_text().splitlines()
        assert len(json.loads(lines[0])['skeleton_links']) == 19
        for line in lines[1:]:
            (person,) = json.loads(line)['instances']
            assert len(person['keypoints']) == 17

    def test_no_file_by_hand(self):
        """Commands alone, but for the answers, which are an annotator's."""
        page = (ROOT / 'docs' / 'tutorial.md').read_text()
        commands = re.findall(r'^lfhpe (\S+)', page, re.M)
        assert commands == ['prepare', 'plan', 'import', 'check', 'new-config', 'train', 'predict']
        assert page.count('```python') == 1
