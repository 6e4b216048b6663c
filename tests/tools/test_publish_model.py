"""tools/publish_model.py."""

import subprocess
import sys

import pytest
import torch

from tests.tiny_model import make_tiny_model
from tests.tools.loading import TOOLS, load_tool

tool = load_tool('publish_model')


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A small model with 14 keypoints."""
    return make_tiny_model(tmp_path_factory.mktemp('tool'), 14)


class TestPublishModel:
    """`main`."""

    def test_writes_and_says_what(self, tiny, tmp_path, capsys):
        """The path, both sizes, and how it loads."""
        assert tool.main([str(tiny.run_checkpoint), str(tmp_path / 'out.pth')]) == 0
        (path,) = tmp_path.iterdir()
        printed = capsys.readouterr().out
        assert str(path) in printed
        assert 'MB' in printed
        assert 'weights_only=True' in printed
        assert path.read_bytes() == tiny.weights.read_bytes()

    def test_half(self, tiny, tmp_path):
        """The option arrives."""
        assert tool.main([str(tiny.run_checkpoint), str(tmp_path), '--half']) == 0
        (path,) = tmp_path.iterdir()
        state = torch.load(path, weights_only=True)['state_dict']
        assert state['head.cam.weight'].dtype == torch.float16

    def test_mistake_gives_a_message_and_status_2(self, tmp_path):
        """From a checkout, in any directory, without a stack of frames."""
        done = subprocess.run(
            [sys.executable, str(TOOLS / 'publish_model.py'), 'no.pth'],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert 'error: no.pth: no such file' in done.stderr
        assert 'Traceback' not in done.stderr

    def test_help_warns_of_checkpoints_of_others(self, capsys):
        """Reading a run's checkpoint may run code from it."""
        with pytest.raises(SystemExit):
            tool.main(['--help'])
        assert 'Publish only checkpoints that you trained' in capsys.readouterr().out
