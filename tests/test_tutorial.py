"""The tutorial, run as it stands: from pictures to a skeleton without a coordinate."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT

# Fewer pictures and epochs than on the page; all else is the page's.
SMALLER = {
    '--num-train 1200 --num-val 8': '--num-train 60 --num-val 2',
    'num_keypoints = 14': 'num_keypoints = 14  #',
    'epoch_10.pth': 'epoch_1.pth',
    'python tools/train.py my/my_config.py': (
        'sed -i "s/^max_epochs = 10/max_epochs = 1/; s/num_workers=1/num_workers=0/; '
        's/persistent_workers=True/persistent_workers=False/; s/batch_size=32/batch_size=16/" '
        'my/my_config.py\npython tools/train.py my/my_config.py'
    ),
}


def script() -> str:
    """The code blocks of the page, in order, as one shell script."""
    page = (ROOT / 'docs' / 'tutorial.md').read_text()
    blocks = re.findall(r'```(sh|python)\n(.*?)```', page, re.S)
    parts = ['set -e']
    for kind, code in blocks:
        parts.append(code if kind == 'sh' else f"python - <<'END'\n{code}END\n")
    text = '\n'.join(parts)
    for theirs, smaller in SMALLER.items():
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, smaller)
    return text


@pytest.fixture(scope='module')
def done(tmp_path_factory) -> tuple[Path, str]:
    """The page, run in a folder of its own: that folder, and what the screen said."""
    folder = tmp_path_factory.mktemp('tutorial')
    for name in ('tools', 'configs'):
        (folder / name).symlink_to(ROOT / name)
    (folder / 'my').mkdir()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ['PATH']])
    run = subprocess.run(
        ['bash', '-c', script()],
        cwd=folder,
        env={**os.environ, 'PATH': path},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return folder / 'my', run.stdout


class TestTutorial:
    """What a newcomer has at the end."""

    def test_tags_only(self, done):
        """The files that are trained on hold tags of four views and no coordinate."""
        folder, _ = done
        for name in ('tags.json', 'train.json', 'val.json'):
            data = json.loads((folder / name).read_text())
            assert data['annotations']
            for person in data['annotations']:
                assert 'keypoints' not in person and 'num_keypoints' not in person
                assert len(person['tag_views']) <= 3
        whole = json.loads((folder / 'tags.json').read_text())
        assert len(whole['annotations']) == 60

    def test_same_tags_as_the_door(self, done):
        """What came back from the table is what the drawer knows of each whole person."""
        folder, _ = done
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

    def test_skeleton_is_drawn(self, done):
        """Two new pictures are drawn on, with all keypoints in the JSON."""
        folder, _ = done
        drawn = sorted((folder / 'drawn').rglob('*.jpg')) + sorted(
            (folder / 'drawn').rglob('*.png')
        )
        assert len(drawn) == 2
        with Image.open(drawn[0]) as picture:
            assert min(picture.size) > 50
        for path in (folder / 'drawn' / 'predictions').glob('*.json'):
            assert len(json.loads(path.read_text())[0]['keypoints']) == 14
