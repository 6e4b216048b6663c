"""``lfhpe demo``, made small."""

import contextlib
import io
import json

import cv2
import pytest
import torch

from .calling import status_of

KEYS = {
    'pck_0.1',
    'pck_0.2',
    'mean_pose_pck_0.2',
    'crop_centre_pck_0.2',
    'location_fraction',
    'views_per_person',
    'seed',
    'seconds',
    'picture',
}


@pytest.fixture(scope='module')
def demo(tmp_path_factory):
    """One small run: its folder and its output."""
    folder = tmp_path_factory.mktemp('demo')
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        status = status_of(
            *('demo', '--seed', 5, '--train-size', 64, '--val-size', 12, '--epochs', 1),
            *('--work-dir', 'out'),
        )
    assert status == 0
    return folder, out.getvalue()


class TestDemo:
    """People, training, table, picture, summary."""

    def test_screen(self, demo):
        """The table names every keypoint, and what was and was not used is said."""
        _, out = demo
        for word in ('right_ankle', 'head_top', 'mean pose', 'crop centre', 'PCK@0.2'):
            assert word in out
        assert 'Not used: coordinates' in out and '4 views of a person' in out
        assert 'of 168 keypoints above 0.5, best ' in out and 'lfhpe calibrate' in out

    def test_summary(self, demo):
        """The summary holds the promised keys; its numbers are those on the screen."""
        folder, out = demo
        summary = json.loads((folder / 'out' / 'summary.json').read_text())
        assert set(summary) >= KEYS
        assert summary['location_fraction'] == 0 and summary['views_per_person'] <= 4
        assert summary['seed'] == 5 and summary['train_persons'] == 64
        mean = next(line for line in out.splitlines() if line.startswith('mean '))
        assert f'{summary["pck_0.2"]:.3f}' in mean
        assert f'{summary["mean_pose_pck_0.2"]:.3f}' in mean
        assert f'{summary["crop_centre_pck_0.2"]:.3f}' in mean

    def test_picture_and_weights(self, demo):
        """The picture has five rows of five columns; the weights load safely."""
        folder, _ = demo
        summary = json.loads((folder / 'out' / 'summary.json').read_text())
        height, width = cv2.imread(str(folder / summary['picture'])).shape[:2]
        assert height > 5 * 190 and width > 5 * 190
        weights = torch.load(folder / summary['weights'], weights_only=True)
        assert len(weights['meta']['dataset_meta']['keypoint_id2name']) == 14

    def test_people_are_not_those_of_the_recipe(self, demo):
        """The demo's people come from seeds on which nothing was tuned."""
        folder, _ = demo
        manifest = json.loads((folder / 'out' / 'data' / 'synthetic.json').read_text())
        assert '1005' in json.dumps(manifest)
