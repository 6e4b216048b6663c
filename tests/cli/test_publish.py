"""``lfhpe publish``."""

import subprocess
import sys

import pytest
import torch

from tests.conftest import ROOT
from tests.tiny_model import make_tiny_model


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A small model with 14 keypoints."""
    return make_tiny_model(tmp_path_factory.mktemp('publish'), 14)


class TestPublish:
    """Options, output, mistakes."""

    def test_writes_and_reports(self, lfhpe, trained, tmp_path):
        """The path, both sizes, and how it loads."""
        done = lfhpe('publish', trained[1], 'out.pth')
        (path,) = tmp_path.iterdir()
        assert done.status == 0 and path.name in done.out
        assert 'MB' in done.out and 'weights_only=True' in done.out

    def test_half(self, lfhpe, trained, tmp_path):
        """The option arrives."""
        assert lfhpe('publish', trained[1], tmp_path, '--half').status == 0
        (path,) = tmp_path.iterdir()
        state = torch.load(path, weights_only=True)['state_dict']
        assert state['head.cam.weight'].dtype == torch.float16

    def test_script(self, tmp_path):
        """MMPose's name of it works from a checkout, in any folder."""
        done = subprocess.run(
            [sys.executable, str(ROOT / 'tools' / 'publish_model.py'), 'no.pth'],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert 'no.pth: ' in done.stderr and '[checkpoint-missing]' in done.stderr
        assert 'Traceback' not in done.stderr
