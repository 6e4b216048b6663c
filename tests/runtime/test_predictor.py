"""An exported model finds what the trained one finds, without PyTorch."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.apis import PosePredictor
from lfhpe_mmpose.apis.export_onnx import export_onnx
from lfhpe_mmpose.cli import main
from lfhpe_mmpose.runtime import OnnxPredictor
from tests.exported import exported_model
from tests.refusal import refuses

pytest.importorskip('onnxruntime', reason='ONNX Runtime is not installed')
onnx = pytest.importorskip('onnx', reason='onnx is not installed')
pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A small model, and its exported file."""
    found = exported_model(tmp_path_factory)
    return found.model, found.path


@pytest.fixture(scope='module')
def pictures():
    """Noise of several sizes, with none to three boxes each, and one without boxes."""
    rng = np.random.default_rng(0)
    out = [(rng.integers(0, 255, (50, 70, 3), np.uint8), None)]
    for i in range(9):
        h, w = rng.integers(40, 90, 2)
        corner = rng.uniform(0, 10, (i % 4, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(20, 30, (i % 4, 2))], axis=1)
        out.append((rng.integers(0, 255, (h, w, 3), np.uint8), boxes.astype(np.float32)))
    return [image if boxes is None else (image, boxes) for image, boxes in out]


class TestSame:
    """Against ``PosePredictor``."""

    @pytest.mark.parametrize('batch_size', [1, 4, 32])
    def test_keypoints_scores_probabilities(self, tiny, pictures, batch_size):
        """To a thousandth of a pixel, whatever the batch."""
        model, path = tiny
        right = list(PosePredictor(model)(pictures))
        found = list(OnnxPredictor(path, batch_size)(pictures))
        assert [r.size for r in found] == [r.size for r in right]
        for a, b in zip(right, found):
            assert len(a.persons) == len(b.persons)
            for one, two in zip(a.persons, b.persons):
                np.testing.assert_allclose(two.keypoints, one.keypoints, atol=1e-3)
                np.testing.assert_allclose(two.scores, one.scores, atol=1e-5)
                np.testing.assert_allclose(two.probs, one.probs, atol=1e-5)
                np.testing.assert_allclose(two.box, one.box)

    def test_files_of_predictions(self, tiny, tmp_path, pictures):
        """`lfhpe predict model.onnx` writes what the config's model writes, and draws."""
        (tmp_path / 'in').mkdir()
        for i, item in enumerate(pictures[1:4]):
            cv2.imwrite(str(tmp_path / 'in' / f'{i}.png'), item[0])
        (tmp_path / 'in' / '9.png').write_bytes(b'no image')
        _, path = tiny
        out, drawn = tmp_path / 'a.jsonl', tmp_path / 'drawn'
        main(['predict', str(path), str(tmp_path / 'in'), '--out', str(out), '--draw', str(drawn)])
        header, *lines = [json.loads(line) for line in out.read_text().splitlines()]
        assert header['keypoint_names'][0] == 'right_ankle'
        assert [bool(line.get('error')) for line in lines] == [False, False, False, True]
        (right,) = PosePredictor(tiny[0])(str(tmp_path / 'in' / '0.png'))
        np.testing.assert_allclose(
            lines[0]['instances'][0]['keypoints'], right.persons[0].keypoints, atol=2e-3
        )
        assert sorted(p.name for p in drawn.iterdir()) == ['0.png', '1.png', '2.png']

    def test_metadata(self, tiny):
        """Names, limbs and geometry are in the file."""
        model, path = tiny
        about = OnnxPredictor(path).about
        assert about.keypoints == list(model.dataset_meta['keypoint_id2name'].values())
        assert about.flip_indices == model.dataset_meta['flip_indices']
        assert about.padding == 1.25 and about.precision == 'float32'
        assert about.input_size == list(model.head.decoder.input_size)


class TestWithoutTorch:
    """What a server or a robot has."""

    def test_import_and_prediction(self, tiny):
        """Neither PyTorch nor OpenMMLab is loaded, and the start takes little."""
        script = f"""
import resource, sys
for name in ('torch', 'mmengine', 'mmcv', 'mmpose', 'mmdet', 'pandas', 'onnx'):
    sys.modules[name] = None  # an import of it fails
import numpy as np
from lfhpe_mmpose.runtime import OnnxPredictor
predictor = OnnxPredictor({str(tiny[1])!r}, threads=1)
(result,) = predictor(np.zeros((60, 40, 3), np.uint8))
assert result.persons[0].keypoints.shape == (14, 2)
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""
        done = subprocess.run(
            [sys.executable, '-c', script], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        assert float(done.stdout) < 1.5


class TestFaults:
    """Files that are none."""

    def test_no_model(self, tiny, tmp_path):
        """Missing, not ONNX, cut off, and ONNX of somebody else."""
        with refuses('unreadable-file', 'none.onnx'):
            OnnxPredictor(tmp_path / 'none.onnx')
        for name, content in (('text', b'hello'), ('cut', tiny[1].read_bytes()[:5000])):
            (tmp_path / name).write_bytes(content)
            with refuses('onnx-file', name):
                OnnxPredictor(tmp_path / name)
        other = onnx.load(tiny[1])
        del other.metadata_props[:]
        onnx.save(other, tmp_path / 'other.onnx')
        with refuses('onnx-file', 'other.onnx'):
            OnnxPredictor(tmp_path / 'other.onnx')

    def test_options_that_need_the_config(self, tiny, tmp_path, capsys):
        """A detector or a device belong to PyTorch."""
        with pytest.raises(SystemExit):
            main(['predict', str(tiny[1]), 'x.png', '--out', 'o', '--device', 'cpu'])
        assert '[option]' in capsys.readouterr().err

    def test_an_export_that_differs_is_not_written(self, tiny, tmp_path, monkeypatch):
        """The file is compared before it gets its name."""
        from lfhpe_mmpose.apis import export_onnx as module

        def broken(wrapped, example, name, outputs, path):
            content = onnx.load(tiny[1])
            scale = next(i for i in content.graph.initializer if i.name.endswith('cam.bias'))
            scale.raw_data = (onnx.numpy_helper.to_array(scale) + 3).tobytes()
            onnx.save(content, path)

        monkeypatch.setattr(module, 'export_graph', broken)
        flips = bool(tiny[0].test_cfg.get('flip_test'))
        with refuses('export-differs', 'model.onnx'):
            export_onnx(tiny[0], tmp_path / 'x.onnx', flip_test=flips, say=lambda _: None)
        assert not list(tmp_path.iterdir())


def test_openvino_computes_the_same(tiny):
    """OpenVINO was wrong above batch 1 with a product that the graph avoids."""
    openvino = pytest.importorskip('openvino', reason='OpenVINO is not installed')
    core = openvino.Core()
    options = {'INFERENCE_PRECISION_HINT': 'f32'}
    compiled = core.compile_model(core.read_model(str(tiny[1])), 'CPU', options)
    session = OnnxPredictor(tiny[1])._session
    height, width = session.get_inputs()[0].shape[2:]
    for batch in (1, 3, 16):
        crops = np.random.default_rng(batch).uniform(0, 255, (batch, 3, height, width))
        crops = crops.astype(np.float32)
        right, found = session.run(None, {'crops': crops}), compiled({'crops': crops})
        np.testing.assert_allclose(found[2], right[2], atol=1e-4)
