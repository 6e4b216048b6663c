"""tools/train.py as a user calls it."""

import json
import subprocess
import time
from pathlib import Path

import pytest
import torch

from .conftest import run


@pytest.fixture(scope='module')
def trained(tiny) -> subprocess.CompletedProcess:
    """One run of the script."""
    return run('train.py', tiny, '--work-dir', 'run', cwd=tiny.parent)


def state(work_dir: Path) -> dict[str, float]:
    """Every file of a folder with the time it was written."""
    return {str(p): p.stat().st_mtime for p in sorted(work_dir.rglob('*'))}


class TestTrain:
    """A training from the first step to the last."""

    def test_trains(self, trained, tiny):
        """The script ends well, having checked, trained and evaluated."""
        assert trained.returncode == 0, trained.stderr[-3000:]
        assert 'weights checked in' in trained.stdout
        assert 'Epoch(train) [1][6/6]' in trained.stdout
        assert 'category/mAP' in trained.stdout
        assert (tiny.parent / 'run' / 'tiny.py').is_file()

    def test_checkpoint_is_plain(self, trained, tiny):
        """The checkpoint loads with weights_only=True, all of it."""
        checkpoint = torch.load(tiny.parent / 'run' / 'epoch_1.pth', weights_only=True)
        assert checkpoint['meta']['dataset_meta']['num_keypoints'] == 14
        assert {'optimizer', 'param_schedulers', 'message_hub'} <= set(checkpoint)

    def test_resume(self, trained, tiny):
        """--resume goes on where the run ended, with its log history."""
        result = run(
            'train.py', tiny, '--work-dir', 'run', '--resume', '--no-validate',
            '--cfg-options', 'train_cfg.max_epochs=2', cwd=tiny.parent,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr[-3000:]
        assert 'resumed epoch: 1, iter: 6' in result.stdout
        assert 'Epoch(train) [2][6/6]' in result.stdout
        assert 'Epoch(train) [1]' not in result.stdout
        assert 'metainfo from the resumed checkpoint is different' not in result.stdout
        checkpoint = torch.load(tiny.parent / 'run' / 'epoch_2.pth', weights_only=True)
        history = checkpoint['message_hub']['log_scalars']['train/loss']['history_buffer']
        assert len(history['log']) == 12
        assert not list((tiny.parent / 'run').glob('earlier_*'))

    def test_help(self, tiny):
        """`mim` reads the help first and must not find --gpus; it is fast."""
        start = time.monotonic()
        result = run('train.py', '-h', cwd=tiny.parent)
        assert result.returncode == 0
        assert '--launcher' in result.stdout
        assert '--gpus' not in result.stdout
        assert time.monotonic() - start < 30


class TestMistake:
    """A mistake ends a run before it starts."""

    def test_bad_data(self, trained, tiny, people, tmp_path):
        """A bad box: status 2, the message alone, and the earlier run is untouched."""
        path = people / 'annotations' / 'person_keypoints_train.json'
        data = json.loads(path.read_text())
        data['annotations'][0]['bbox'][2] = float('nan')
        bad = tmp_path / 'bad.json'
        bad.write_text(json.dumps(data))
        before = state(tiny.parent / 'run')
        result = run(
            'train.py', tiny, '--work-dir', 'run',
            '--cfg-options', f'train_dataloader.dataset.ann_file={bad}', cwd=tiny.parent,
        )  # fmt: skip
        assert result.returncode == 2
        assert 'Traceback' not in result.stderr
        for word in (
            str(bad),
            'annotations[0] (id ',
            '.bbox',
            'train_dataloader.dataset.ann_file',
        ):
            assert word in result.stderr
        assert '[not-finite]' in result.stderr
        assert state(tiny.parent / 'run') == before
