"""Tests of the checker's command line."""

import json
import os
import subprocess
import sys

import pytest
from PIL import Image

from tests.annotation.check.files import NAMES, good


@pytest.fixture
def call(lfhpe):
    """Run the check in this process: status, output, errors."""

    def call(*arguments):
        done = lfhpe('check', *arguments)
        return done.status, done.out, done.err

    return call


def write(path, change=lambda data: None):
    """The good file, changed."""
    data = good()
    change(data)
    path.write_text(json.dumps(data), encoding='utf-8')
    return path


def fault(data):
    """An error."""
    data['annotations'][0]['keypoint_tags'] = {'left_wirst': 1}


class TestCheck:
    """Exit status, output, files."""

    def test_as_a_user(self, tmp_path):
        """The command, its status and its last line; no traceback."""
        write(tmp_path / 'tags.json', fault)
        command = [sys.executable, '-m', 'lfhpe_mmpose', 'check', 'tags.json', '--quiet']
        env = {**os.environ, 'PYTHONIOENCODING': 'ascii'}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 1, done.stderr
        assert done.stdout == 'tags.json: 1 error, 0 warnings\n'
        assert 'Traceback' not in done.stderr

    def test_good(self, call, tmp_path):
        """Nothing wrong: status 0."""
        write(tmp_path / 'tags.json')
        status, out, _ = call('tags.json')
        assert status == 0 and out.endswith('tags.json: 0 errors, 0 warnings\n')

    def test_fault(self, call, tmp_path):
        """An error: status 1 and the entry; ignored it is 0."""
        write(tmp_path / 'tags.json', fault)
        status, out, _ = call('tags.json')
        assert status == 1
        assert "annotations[0] (id 11).keypoint_tags['left_wirst']" in out
        assert "Did you mean 'left_wrist'?" in out
        assert call('tags.json', '--ignore', 'unknown-keypoint')[0] == 0
        assert 'left_wirst' not in call('tags.json', '--max-shown', 0)[1]

    def test_strict(self, call, tmp_path):
        """A warning is an error if asked for."""
        write(tmp_path / 'tags.json', lambda d: d['annotations'][0].update(keypoint_tags=[-1] * 3))
        assert call('tags.json')[0] == 0
        assert call('tags.json', '--strict')[0] == 1

    def test_broken(self, call, tmp_path):
        """What is no JSON is an error of the file, with a report."""
        (tmp_path / 'tags.json').write_text('{"images": [')
        status, out, err = call('tags.json', '--report', 'r.json', '--picture', 'h.png')
        assert status == 1 and 'cut-off' in out and 'h.png: not drawn' in out and not err
        assert json.loads((tmp_path / 'r.json').read_text())['complete'] is False
        assert not (tmp_path / 'h.png').exists()

    def test_outputs(self, call, tmp_path):
        """Report and picture."""
        write(tmp_path / 'tags.json')
        assert call('tags.json', '--report', 'r.json', '--picture', 'h.png')[0] == 0
        report = json.loads((tmp_path / 'r.json').read_text())
        assert list(report['keypoint_sets'][0]['keypoints']) == NAMES
        with Image.open(tmp_path / 'h.png') as image:
            assert image.width > 500

    def test_occluded(self, call, tmp_path):
        """Flag 1 as the training takes it."""
        write(tmp_path / 'tags.json')
        for occluded, seen in (('positive', 3), ('negative', 2)):
            call('tags.json', '--occluded', occluded, '--report', 'r.json')
            report = json.loads((tmp_path / 'r.json').read_text())
            assert report['keypoint_sets'][0]['keypoints']['left_wrist']['seen'] == seen

    def test_images(self, call, tmp_path):
        """Image files, opened or only looked for."""
        write(tmp_path / 'tags.json')
        (tmp_path / 'a').mkdir()
        (tmp_path / 'a' / '1.jpg').write_bytes(b'no image')
        status, out, _ = call('tags.json', '--images', tmp_path)
        assert status == 1 and 'missing-image (1)' in out and 'unreadable-image (1)' in out
        _, out, _ = call('tags.json', '--images', tmp_path, '--no-decode')
        assert 'unreadable-image' not in out
        _, out, _ = call('tags.json', '--images', tmp_path, '--image-seconds', 0)
        assert 'unreadable-image' not in out and '0 opened in the given time' in out

    def test_against(self, call, tmp_path):
        """Images of a validation file, with folders and bytes."""
        write(tmp_path / 'tags.json')
        write(tmp_path / 'val.json', lambda d: d.update(images=d['images'][:1]))
        status, out, _ = call('tags.json', '--against', 'val.json')
        assert status == 1 and 'shared-image (1)' in out
        for folder in ('train', 'val'):
            (tmp_path / folder / 'a').mkdir(parents=True)
            Image.new('RGB', (640, 480)).save(tmp_path / folder / 'a' / '1.jpg')
            Image.new('RGB', (64, 60)).save(tmp_path / folder / 'a' / '2.jpg')
        folders = ['--images', 'train', '--against', 'val.json', '--against-images', 'val']
        status, out, _ = call('tags.json', *folders)
        assert status == 0 and 'shared-name (1)' in out
        status, out, _ = call('tags.json', *folders, '--same-bytes')
        assert status == 1 and 'byte by byte' in out

    def test_metainfo(self, call, tmp_path):
        """The keypoints of a data set."""
        write(tmp_path / 'tags.json')
        status, out, _ = call('tags.json', '--metainfo', 'CocoDataset')
        assert status == 1 and 'metainfo-names (14)' in out

    @pytest.mark.parametrize(
        'arguments, code',
        [
            (['none.json'], 'unreadable-file'),
            (['tags.json', '--images', 'none'], 'folder-missing'),
            (['tags.json', '--ignore', 'bx'], 'option'),
            (['tags.json', '--metainfo', 'x.py'], 'metainfo'),
            (['tags.json', '--report', 'none/r.json'], 'option'),
            (['tags.json', '--picture', 'h.png', '--report', 'h.png'], 'option'),
            (['tags.json', '--against', 'none.json'], 'unreadable-file'),
            (['tags.json', '--same-bytes'], 'option'),
        ],
    )
    def test_usage(self, call, tmp_path, arguments, code):
        """Wrong usage: status 2, a message, and nothing written or lost."""
        write(tmp_path / 'tags.json')
        before = (tmp_path / 'tags.json').read_bytes()
        status, out, err = call(*arguments)
        assert status == 2 and f'[{code}]' in err and not out
        assert [p.name for p in tmp_path.iterdir()] == ['tags.json']
        assert (tmp_path / 'tags.json').read_bytes() == before
