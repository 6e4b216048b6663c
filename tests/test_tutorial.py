"""The tutorial, run as it stands: from photographs to skeletons without a coordinate."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lfhpe_mmpose.annotation.asking import AskSession, SimulatedAnnotator
from tests.conftest import ROOT

PAGE = ROOT / 'docs' / 'tutorial.md'
PHOTOS, NEW = 40, 2
# What the page does not do: shorten the training, and draw what it does not know yet.
SHORTER = {
    '--images photos --out my\n': '--images photos --out my --epochs 1\n',
    '--draw drawn\n': '--draw drawn --kpt-thr 0\n',
}
LFHPE = 'lfhpe() { "$PYTHON" -m lfhpe_mmpose "$@"; }'


def scripts() -> tuple[str, str]:
    """The commands of the page, before and after those that wait for a person."""
    blocks = re.findall(r'```sh\n(.*?)```', PAGE.read_text(), re.S)
    text = ''.join(blocks)
    for theirs, shorter in SHORTER.items():
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, shorter)
    before, asked, after = text.partition('lfhpe ask round1 --images photos\n')
    assert asked
    return before, after


def run(script: str, folder: Path) -> None:
    """Run commands of the page in a folder."""
    env = {**os.environ, 'PYTHON': sys.executable, 'PYTHONPATH': str(ROOT)}
    text = '\n'.join(['set -e', LFHPE, script])
    done = subprocess.run(
        ['bash', '-c', text], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def answer(folder: Path, truth: dict[str, np.ndarray]) -> int:
    """What a person does on the page of ``lfhpe ask``, by a simulated annotator.

    Returns:
        int: Number of answers.
    """
    plan, images = folder / 'round1', folder / 'photos'
    with AskSession(plan, plan / 'answers.jsonl', images=images) as session:
        files = {p: session.image_path(p).name for p in session.plan.persons}
        annotator = SimulatedAnnotator({p: truth[name] for p, name in files.items()}, 0.02)
        total = 0
        while (question := session.next('anna')) is not None:
            said = annotator(question)
            session.answer('anna', question.id, said.values, said.seconds)
            total += said.known()
    return total


def photographs(data_dir: Path, folder: Path) -> dict[str, np.ndarray]:
    """Copy photographs of animals, some of them into ``new``; returns their keypoints."""
    animals = data_dir / 'animals'
    labels = sorted((animals / 'annotations').glob('*val*.json'))[0]
    content = json.loads(labels.read_text())
    files = {image['id']: Path(image['file_name']).name for image in content['images']}
    truth = {
        files[entry['image_id']]: np.array(entry['keypoints'], dtype=float).reshape(-1, 3)
        for entry in content['annotations'][: PHOTOS + NEW]
    }
    names = list(truth)
    with tarfile.open(animals / 'images_val.tar') as archive:
        for member in archive:
            name = Path(member.name).name
            if name in truth:
                out = folder / ('photos' if names.index(name) < PHOTOS else 'new') / name
                out.parent.mkdir(exist_ok=True)
                with archive.extractfile(member) as source, open(out, 'wb') as file:
                    shutil.copyfileobj(source, file)
    return truth


@pytest.fixture(scope='module')
def folder(data_dir, tmp_path_factory) -> Path:
    """The page, run in a folder of its own."""
    folder = tmp_path_factory.mktemp('tutorial')
    truth = photographs(data_dir, folder)
    before, after = scripts()
    run(before, folder)
    assert answer(folder, truth) > PHOTOS * 20
    run(after, folder)
    return folder


class TestTutorial:
    """What a newcomer has at the end."""

    def test_tags_only(self, folder):
        """The files that are trained on hold answers and no coordinate."""
        for name in ('tags.json', 'my/train.json', 'my/val.json'):
            data = json.loads((folder / name).read_text())
            assert data['annotations']
            for person in data['annotations']:
                assert 'keypoints' not in person and 'num_keypoints' not in person
        whole = json.loads((folder / 'tags.json').read_text())
        assert len(whole['annotations']) == PHOTOS
        assert whole['info']['answer_error'] < 0.1

    def test_skeleton_is_drawn(self, folder):
        """The new photographs are drawn on, with all keypoints in the lines."""
        drawn = sorted((folder / 'drawn').glob('*.jpg'))
        assert len(drawn) == NEW
        with Image.open(drawn[0]) as picture:
            assert min(picture.size) > 50
        lines = (folder / 'drawn' / 'keypoints.jsonl').read_text().splitlines()
        for line in lines[1:]:
            (animal,) = json.loads(line)['instances']
            assert len(animal['keypoints']) == 20

    def test_no_file_by_hand(self):
        """Commands alone."""
        commands = re.findall(r'^lfhpe (\S+)', PAGE.read_text(), re.M)
        expected = ['plan', 'ask', 'ask', 'check', 'new-config', 'train', 'calibrate', 'predict']
        assert commands == expected
        assert '```python' not in PAGE.read_text()
