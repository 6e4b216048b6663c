"""tools/show_cases.py."""

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from lfhpe_mmpose.apis import publish_model

from .conftest import run, write_tiny_cfg


@pytest.fixture(scope='module')
def trained(tmp_path_factory, people):
    """A tiny config and published weights."""
    folder = tmp_path_factory.mktemp('cases')
    config = write_tiny_cfg(folder, people)
    done = run('train.py', config, '--no-validate', cwd=folder)
    assert done.returncode == 0, done.stderr[-3000:]
    return config, publish_model(folder / 'work_dir' / 'epoch_1.pth', folder / 'weights.pth')


class TestShowCases:
    """Persons from wrong to right."""

    def test_picture(self, trained, tmp_path):
        """A row a rank; without photographs the input column is plain grey."""
        config, weights = trained
        heights = []
        for ranks in (['0.5'], ['0', '1']):
            command = ['show_cases.py', config, weights, '--no-photo', '--ranks', *ranks]
            done = run(*command, '--out', 'cases.png', cwd=tmp_path)
            assert done.returncode == 0, done.stderr[-3000:]
            assert f'{len(ranks)} of 16 persons: cases.png' in done.stdout
            picture = cv2.imread(str(tmp_path / 'cases.png'))
            heights.append(picture.shape[0])
        assert heights[1] > 1.7 * heights[0]
        side = Config.fromfile(config).codec.input_size[0]
        assert (picture[-side:-10, 10:side] == 128).all()
        assert np.ptp(picture) > 0

    def test_wrong_rank(self, trained, tmp_path):
        """Ranks are shares."""
        config, weights = trained
        done = run('show_cases.py', config, weights, '--ranks', '7', cwd=tmp_path)
        assert done.returncode == 2
        assert '--ranks must lie between 0 and 1' in done.stderr
