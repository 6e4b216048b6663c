"""``lfhpe calibrate``: from tagged windows to weights whose scores are probabilities."""

import json
import shutil

import numpy as np
import pytest
import torch

from lfhpe_mmpose.apis import infer_persons, init_model, publish_model
from lfhpe_mmpose.apis.calibrate import calibrate_weights
from lfhpe_mmpose.apis.inference import is_calibrated
from lfhpe_mmpose.files.images import read_image
from lfhpe_mmpose.launch.checkpoints import load_published
from lfhpe_mmpose.tags.views import dataset_box, draw_views, view_tags, window_box
from tests.cli.calling import status_of
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model


@pytest.fixture(scope='module')
def tiny(tmp_path_factory, people):
    """A small model of 14 keypoints, and persons with tagged views beside it."""
    folder = tmp_path_factory.mktemp('calibrate')
    model = make_tiny_model(folder, 14)
    shutil.copytree(people / 'val', folder / 'images')
    return model


def write_tags(people, path, noise=0.0, views=5):
    """A file of answered views; the coordinates are there, and may be noise."""
    data = json.loads((people / 'annotations' / 'person_keypoints_val.json').read_text())
    sizes = {image['id']: (image['width'], image['height']) for image in data['images']}
    rng = np.random.default_rng(0)
    for ann in data['annotations']:
        points = np.array(ann['keypoints'], dtype=np.float64).reshape(-1, 3)
        box = dataset_box(ann['bbox'], *sizes[ann['image_id']])
        windows = draw_views(box, views, 0, ann['image_id'], ann['id'])
        tags = view_tags(windows, points[:, :2], (points[:, 2] > 0).astype(np.float32))
        ann['keypoint_tags'] = tags[0].astype(int).tolist()
        ann['tag_views'] = [
            dict(bbox=window_box(w), keypoint_tags=row.astype(int).tolist())
            for w, row in zip(windows[1:], tags[1:])
        ]
        points[:, :2] += noise * rng.uniform(-50, 50, points[:, :2].shape)
        ann['keypoints'] = points.round(2).flatten().tolist()
    path.write_text(json.dumps(data))
    return str(path)


@pytest.fixture(scope='module')
def report(tiny, people, tmp_path_factory):
    """What a calibration reports."""
    folder = tmp_path_factory.mktemp('calibrated')
    tags = write_tags(people, folder / 'tags.json')
    return calibrate_weights(tiny.config, tags, str(tiny.weights), str(folder / 'new.pth'))


class TestCalibrateWeights:
    """The new weights."""

    def test_scores_alone_change(self, tiny, people, report):
        """Keypoints stay, scores are the probabilities of the old ones."""
        image = read_image(next((people / 'val').iterdir()))
        old, new = init_model(tiny.config, tiny.weights), init_model(tiny.config, report.path)
        assert is_calibrated(new) and not is_calibrated(old)
        (before,), (after,) = infer_persons(old, image), infer_persons(new, image)
        before, after = before.pred_instances, after.pred_instances
        np.testing.assert_array_equal(before.keypoints, after.keypoints)
        np.testing.assert_allclose(
            after.keypoint_scores, report.calibration(before.keypoint_scores), atol=1e-5
        )
        np.testing.assert_array_equal(before.keypoint_probs, after.keypoint_probs)

    def test_file(self, tiny, people, report):
        """It loads without running code, holds the old weights, and says what it was made from."""
        content = torch.load(report.path, weights_only=True)
        old = torch.load(tiny.weights, weights_only=True)
        assert all(torch.equal(content['state_dict'][k], v) for k, v in old['state_dict'].items())
        persons = len(list((people / 'val').iterdir()))
        note = content['meta']['calibration']
        assert (note['persons'], note['answers'], note['radius']) == (persons, persons * 70, 0.1)
        assert report.path.name != tiny.weights.name and report.warning == ''

    def test_published_again(self, tiny, report, tmp_path):
        """``lfhpe publish`` keeps the calibration, in full precision."""
        again = publish_model(report.path, tmp_path / 'half.pth', half=True)
        state = load_published(again)['state_dict']
        assert state['head.cam.weight'].dtype == torch.float16
        wanted = init_model(tiny.config, report.path).head.calibration
        found = init_model(tiny.config, again).head.calibration
        assert torch.equal(found.raw, wanted.raw)
        assert torch.equal(found.probability, wanted.probability)
        assert load_published(again)['meta']['calibration']

    def test_calibrated_again(self, tiny, people, report, tmp_path):
        """The scores of calibrated weights are calibrated from the raw ones again."""
        tags = write_tags(people, tmp_path / 'tags.json')
        again = calibrate_weights(tiny.config, tags, str(report.path), str(tmp_path / 'new.pth'))
        assert again.path.read_bytes() == report.path.read_bytes()

    def test_blind(self, tiny, people, report, tmp_path):
        """Coordinates beside the answers change no byte; answers do."""
        tags = write_tags(people, tmp_path / 'noise.json', noise=1)
        out = str(tmp_path / 'new.pth')
        same = calibrate_weights(tiny.config, tags, str(tiny.weights), out)
        assert same.path.read_bytes() == report.path.read_bytes()
        tags = write_tags(people, tmp_path / 'fewer.json', views=4)
        other = calibrate_weights(tiny.config, tags, str(tiny.weights), out)
        assert other.path.read_bytes() != report.path.read_bytes()

    def test_training_removes_it(self, tiny, report):
        """A step of training makes other scores."""
        model = init_model(tiny.config, report.path)
        with pytest.raises(IndexError):  # there is no person; the calibration goes before
            model.head.loss((torch.zeros(1, 32, 4, 3),), [])
        assert not is_calibrated(model)


class TestCommand:
    """``lfhpe calibrate``."""

    def test_prints(self, tiny, people, tmp_path, capsys):
        """The probabilities, the error, and a warning about the training set."""
        tags = people / 'annotations' / 'person_keypoints_val.json'
        words = ['calibrate', tiny.config, tags, '--weights', tiny.weights, '--out', tmp_path]
        options = ['--cfg-options', f'train_dataloader.dataset.ann_file={tags}']
        assert status_of(*words, '--persons', 6, '--views', 5, *options) == 0
        done = capsys.readouterr()
        assert '6 persons, 420 answers, no location' in done.out
        assert 'too few persons to estimate the calibration error' in done.out
        assert 'is the training set of the config' in done.err
        assert len(list(tmp_path.glob('weights-????????.pth'))) == 1

    def test_whole_persons_alone(self, tiny, people, tmp_path):
        """Tags of whole persons do not say where a keypoint is."""
        tags = write_tags(people, tmp_path / 'whole.json', views=1)
        with refuses('no-windows', 'whole.json'):
            calibrate_weights(tiny.config, tags, str(tiny.weights), views=1)
