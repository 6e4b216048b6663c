"""A detector in a file finds what the detector finds."""

import json

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.apis import PosePredictor
from lfhpe_mmpose.apis.export_detector import export_detector
from lfhpe_mmpose.apis.person_detector import BoxDetector
from lfhpe_mmpose.cli import main
from lfhpe_mmpose.runtime import OnnxPredictor
from lfhpe_mmpose.runtime.detector import OnnxDetector, fit
from lfhpe_mmpose.runtime.video.clip import Clip
from tests.exported import exported_model
from tests.refusal import refuses
from tests.runtime.video.walkers import walk

pytest.importorskip('onnxruntime', reason='ONNX Runtime is not installed')
onnx = pytest.importorskip('onnx', reason='onnx is not installed')
pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def photos(data_dir):
    """Twenty photographs of COCO."""
    return sorted((data_dir / 'coco_mini' / 'val2017').iterdir())[:20]


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A small pose model, and its exported file."""
    return exported_model(tmp_path_factory)


@pytest.fixture(scope='module')
def weights(weights_dir):
    """Weights of RTMDet-nano."""
    return str(weights_dir / 'rtmdet_nano_person.pth')


@pytest.fixture(scope='module')
def file(weights, tmp_path_factory):
    """Its exported file."""
    out = tmp_path_factory.mktemp('detector') / 'persons.onnx'
    (said,) = export_detector('rtmdet-nano', weights, out, say=lambda _: None)
    assert '3 pictures' in said
    return out


class TestSame:
    """Against MMDet."""

    def test_boxes(self, file, photos, weights):
        """To a hundredth of a pixel, one by one and together."""
        pictures = [cv2.imread(str(path)) for path in photos]
        right = BoxDetector('rtmdet-nano', weights, device='cpu')
        other = OnnxDetector(file)
        boxes = [right.detect([right.prepare(picture)])[0] for picture in pictures]
        assert sum(map(len, boxes)) > 20
        together = other.detect(pictures)
        for picture, a, b in zip(pictures, boxes, together):
            np.testing.assert_allclose(b, a, atol=0.01)
            np.testing.assert_allclose(other.detect([picture])[0], b, atol=0.01)

    def test_predictors(self, file, tiny, photos, weights):
        """Both predictors find the same keypoints behind their detectors."""
        right = PosePredictor(tiny.model, detector='rtmdet-nano', detector_weights=weights)
        other = OnnxPredictor(tiny.path, detector=file, det_batch_size=3)
        for a, b in zip(right(photos[:6]), other(photos[:6]), strict=True):
            assert len(a.persons) == len(b.persons)
            for one, two in zip(a.persons, b.persons):
                np.testing.assert_allclose(two.keypoints, one.keypoints, atol=0.02)
                np.testing.assert_allclose(two.box_score, one.box_score, atol=1e-4)


class TestFit:
    """A picture in the detector's input."""

    def test_as_mmdet_does(self, weights):
        """The very pixels of MMDet's pipeline."""
        right = BoxDetector('rtmdet-nano', weights, device='cpu')
        rng = np.random.default_rng(0)
        for shape in ((100, 333, 3), (500, 120, 3), (7, 9, 3), (320, 320, 3)):
            picture = rng.integers(0, 255, shape, dtype=np.uint8)
            pixels, _ = fit(picture, (320, 320))
            expected = right.prepare(picture)['inputs'].numpy()[::-1]
            np.testing.assert_array_equal(pixels, expected)


class TestFaults:
    """Files and options that do not go together."""

    def test_no_detector(self, file, tmp_path, capsys):
        """A detector as a pose model, a file of another form, options of a pose model."""
        with refuses('onnx-file', 'persons.onnx'):
            OnnxPredictor(file)
        content = onnx.load(file)
        del content.graph.output[0]
        onnx.save(content, tmp_path / 'other.onnx')
        with refuses('onnx-file', 'other.onnx'):
            OnnxDetector(tmp_path / 'other.onnx')
        for extra in (['--precision', 'int8', '--weights', 'w.pth'], []):
            with pytest.raises(SystemExit):
                main(['export', 'rtmdet-nano', '--out', str(tmp_path / 'x.onnx'), *extra])
            said = capsys.readouterr().err
            assert ('[option]' if extra else '[detector-weights]') in said


class TestVideo:
    """Two people of photographs who walk past each other."""

    def test_numbers_and_both_predictors(self, file, tiny, weights, data_dir, tmp_path):
        """Each keeps one number, and PyTorch finds what the exported files find."""
        pytest.importorskip('trackers', reason='the package trackers is not installed')
        video = str(tmp_path / 'walk.mp4')
        with Clip(video, 25) as out:
            for i, picture in enumerate(walk(data_dir / 'coco_mini', 100)):
                out.write(picture, i / 25)
        found = {}
        detectors = dict(onnx=[str(file)], torch=['rtmdet-nano', '--detector-weights', weights])
        models = dict(
            onnx=[str(tiny.path)],
            torch=[str(tiny.config), '--weights', str(tiny.weights)],
        )
        for kind in ('onnx', 'torch'):
            model, *options = models[kind]
            drawn, lines = tmp_path / f'{kind}.mp4', tmp_path / f'{kind}.jsonl'
            call = ['predict', model, video, *options, '--detector', *detectors[kind]]
            main([*call, '--draw', str(drawn)])
            found[kind] = [json.loads(line) for line in lines.read_text().splitlines()[1:-1]]
        assert len(found['onnx']) == 100
        places, apart = {}, []
        for a, b in zip(found['onnx'], found['torch']):
            assert len(a['instances']) == len(b['instances'])
            for one, two in zip(a['instances'], b['instances']):
                assert one['track_id'] == two['track_id']
                apart.append(np.array(one['keypoints']) - two['keypoints'])
                if one['track_id']:
                    places.setdefault(one['track_id'], []).append(one['bbox'][0][0])
        # An untrained model has peaks that rounding may move.
        assert (np.abs(np.concatenate(apart)).max(-1) < 0.05).mean() > 0.98
        assert sorted(places) == [1, 2]
        # One goes to the right, the other to the left.
        ways = sorted(np.sign(path[-1] - path[0]) for path in places.values())
        assert ways == [-1, 1]
