"""``lfhpe predict``, and ``tools/demo.py``, which calls it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.apis import infer_persons, inference, init_model, predict_files
from lfhpe_mmpose.runtime.image_lists import list_images, picture_paths
from lfhpe_mmpose.runtime.prediction_lines import PredictionFile
from lfhpe_mmpose.scores import NOT_CALIBRATED
from tests.conftest import ROOT
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A small model with 14 keypoints."""
    return make_tiny_model(tmp_path_factory.mktemp('predict'), 14)


@pytest.fixture
def photos(tmp_path):
    """A folder with two images, a text, and an image in a sub-folder."""
    rng = np.random.default_rng(0)
    (tmp_path / 'photos' / 'sub').mkdir(parents=True)
    for name in ('a.JPG', 'b.png', 'sub/c.png'):
        image = rng.integers(0, 255, (80, 60, 3), np.uint8)
        encoded = cv2.imencode(name[-4:].lower(), image)[1]
        (tmp_path / 'photos' / name).write_bytes(encoded.tobytes())
    (tmp_path / 'photos' / 'notes.txt').write_text('no image')
    return tmp_path / 'photos'


@pytest.fixture
def predict(lfhpe, tiny, photos, tmp_path):
    """Predict the photos; how the call ended, and the lines of the file."""

    def call(*options):
        argv = ['--weights', tiny.weights, '--out', 'out/found.jsonl', '--device', 'cpu']
        done = lfhpe('predict', tiny.config, 'photos', *options, *argv)
        path = tmp_path / 'out' / 'found.jsonl'
        lines = path.read_text().splitlines() if path.exists() else []
        return done, [json.loads(line) for line in lines]

    return call


class TestImages:
    """Which images are read, and which pictures are written."""

    def test_files_and_folders(self, photos):
        """Each once; names below the folder that was given."""
        found = list_images([f'{photos}/sub/c.png', str(photos), f'{photos}/sub'])
        assert list(found) == [f'{photos}/{n}' for n in ('sub/c.png', 'a.JPG', 'b.png')]

    def test_missing(self, photos):
        """Named."""
        with refuses('missing-image', 'no.jpg'):
            list_images([str(photos), 'no.jpg'])

    def test_two_pictures_of_one_name(self, photos):
        """Both would be drawn into one file."""
        (photos / 'sub' / 'b.png').write_bytes((photos / 'b.png').read_bytes())
        assert len(picture_paths(list_images([str(photos)]), 'drawn')) == 4
        both = list_images([f'{photos}/b.png', f'{photos}/sub/b.png'])
        with refuses('same-picture', 'drawn/b.png'):
            picture_paths(both, 'drawn')


class TestPredict:
    """From images to lines and pictures."""

    def test_folder_gives_lines_and_pictures(self, predict, tiny, photos, tmp_path):
        """One an image, in order, with the numbers of `infer_persons`; and how fast it was."""
        done, lines = predict('--draw', 'drawn', '--kpt-thr', '0', '--fuse-bn')
        assert done.status == 0, done.err
        assert len(lines[0]['keypoint_names']) == 14
        names = ('a.JPG', 'b.png', 'sub/c.png')
        assert [line['image'] for line in lines[1:]] == [f'photos/{n}' for n in names]
        model = init_model(tiny.config, tiny.weights)
        for line in lines[1:]:
            (person,), (wanted,) = line['instances'], infer_persons(model, line['image'])
            np.testing.assert_allclose(
                person['keypoints'], wanted.pred_instances.keypoints[0], atol=1e-3
            )
        for name in names:
            picture = cv2.imread(str(tmp_path / 'drawn' / name)).astype(int)
            assert picture.shape == (80, 60, 3)
            assert np.abs(picture - cv2.imread(str(photos / name))).max() > 100
        assert '3 images, 3 persons in' in done.out and 'images/s' in done.out

    def test_nothing_to_draw(self, predict, monkeypatch):
        """Said for each image and for all; and once that the scores are not calibrated."""
        logged = []
        monkeypatch.setattr(inference, 'print_log', lambda text, *_, **__: logged.append(text))
        done, _ = predict('--draw', 'drawn', '--kpt-thr', '0.99')
        for name in ('a.JPG', 'b.png', 'sub/c.png'):
            assert f'drawn: photos/{name}: 0 of 14 keypoints above 0.99, best 0.' in done.err
        assert '\n0 of 42 keypoints above 0.99, best 0.' in done.out
        assert logged == [NOT_CALIBRATED]
        done, _ = predict('--draw', 'drawn', '--kpt-thr', '0', '--resume')
        assert 'keypoints above' not in done.out + done.err

    def test_each_image_is_decoded_once(self, predict, monkeypatch):
        """Pictures are drawn on the pixels that were predicted."""
        read = []
        from lfhpe_mmpose.apis import inference
        from lfhpe_mmpose.runtime import inputs

        for module in (inference, inputs):
            real = module.read_image
            monkeypatch.setattr(
                module, 'read_image', lambda path, real=real: (read.append(path), real(path))[1]
            )
        done, _ = predict('--draw', 'drawn')
        assert done.status == 0 and len(read) == 3

    def test_heatmaps(self, predict, tmp_path):
        """The refined maps are put below each picture."""
        assert predict('--draw', 'drawn', '--draw-heatmap')[0].status == 0
        assert cv2.imread(str(tmp_path / 'drawn' / 'b.png')).shape == (160, 60, 3)

    def test_pictures_alone(self, lfhpe, tiny, photos, tmp_path):
        """The lines go beside them."""
        argv = [tiny.config, photos / 'b.png', '--weights', tiny.weights]
        assert lfhpe('predict', *argv, '--draw', 'drawn').status == 0
        assert {p.name for p in (tmp_path / 'drawn').iterdir()} == {'b.png', 'keypoints.jsonl'}
        assert '[no-output]' in lfhpe('predict', *argv).err

    def test_damaged_image_and_resume(self, predict, photos):
        """It is named and the others go on; repaired, it alone is predicted again."""
        whole = (photos / 'b.png').read_bytes()
        (photos / 'b.png').write_bytes(whole[:-700])
        done, first = predict('--draw', 'drawn')
        assert done.status == 0
        assert 'photos/b.png: ' in first[2]['error']
        assert '1 images could not be read' in done.err
        assert '[output-exists]' in predict()[0].err
        (photos / 'b.png').write_bytes(whole)
        done, second = predict('--resume', '--draw', 'drawn')
        assert done.status == 0
        assert second[:3] == [first[0], first[1], first[3]]
        assert second[3]['image'] == 'photos/b.png' and len(second) == 4
        assert '2 of 3 images are in' in done.out and '\n1 images, 1 persons' in done.out

    def test_interrupted(self, predict, monkeypatch):
        """What was found stays in the file, and the message says how to continue."""
        write = PredictionFile.write

        def stop_after_one(self, result):
            write(self, result)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(predict_files.PredictionFile, 'write', stop_after_one)
            done, lines = predict()
        assert done.status == 130 and '--resume' in done.err
        assert len(lines) == 2
        done, lines = predict('--resume')
        assert done.status == 0 and len(lines) == 4

    def test_mistake(self, predict):
        """Nothing is written."""
        done, lines = predict('--detector', 'rtmdet-nano')
        assert (done.status, lines) == (2, [])
        assert '[detector-weights]' in done.err

    @pytest.mark.parametrize(
        ('position', 'value', 'code'),
        [(0, 'lfhpe_nothing', 'config-missing'), (1, 'no.jpg', 'missing-image'),
         (2, 'no.pth', 'checkpoint-missing')],
    )  # fmt: skip
    def test_missing(self, lfhpe, tiny, photos, tmp_path, position, value, code):
        """A config, an image or weights: named, and nothing is written."""
        argv = [tiny.config, photos, tiny.weights]
        argv[position] = value
        done = lfhpe('predict', *argv[:2], '--weights', argv[2], '--draw', 'drawn')
        assert done.status == 2 and f'[{code}]' in done.err and value in done.err
        assert not (tmp_path / 'drawn').exists()

    def test_other_settings(self, predict):
        """A file of other settings is not continued."""
        predict()
        assert '[other-predictions]' in predict('--resume', '--bbox-thr', '0.5')[0].err

    def test_detector(self, predict, data_dir, weights_dir):
        """A real image with five people, besides the photos of noise without any."""
        image = data_dir / 'coco_mini' / 'val2017' / '000000034417.jpg'
        detector = ['--detector', 'rtmdet-nano']
        detector += ['--detector-weights', weights_dir / 'rtmdet_nano_person.pth']
        done, lines = predict(image, *detector)
        assert done.status == 0, done.err
        assert [len(line['instances']) for line in lines[1:4]] == [0, 0, 0]
        assert len(lines[4]['instances']) >= 4


class TestOddFiles:
    """File names and contents from public reports."""

    def test_names_that_are_not_utf8(self, predict, photos):
        """The image is predicted and drawn; another run knows it."""
        odd = os.fsencode(photos) + b'/caf\xe9 \xff.png'
        os.rename(photos / 'b.png', odd)
        done, lines = predict('--draw', 'drawn')
        assert done.status == 0, done.err
        names = [line['image'] for line in lines[1:]]
        assert os.fsdecode(b'photos/caf\xe9 \xff.png') in names
        assert os.path.exists(os.fsencode(photos.parent / 'drawn') + b'/caf\xe9 \xff.png')
        assert '3 of 3 images are in' in predict('--resume')[0].out
        Path(os.fsdecode(odd)).write_bytes(b'damaged')
        (photos.parent / 'out' / 'found.jsonl').unlink()
        done, lines = predict()
        assert done.status == 0 and 'Traceback' not in done.err

    def test_nothing_could_be_read(self, lfhpe, tiny, tmp_path):
        """Status 2, with the reasons in the file."""
        (tmp_path / 'a.png').write_bytes(b'no image')
        done = lfhpe(
            'predict', tiny.config, 'a.png', '--weights', tiny.weights, '--out', 'o.jsonl'
        )
        assert done.status == 2 and '[unreadable-image]' in done.err
        assert 'error' in json.loads((tmp_path / 'o.jsonl').read_text().splitlines()[1])

    def test_video(self, lfhpe, tiny, tmp_path):
        """The message says what to do with it."""
        (tmp_path / 'a.MP4').write_bytes(b'video')
        done = lfhpe(
            'predict', tiny.config, 'a.MP4', '--weights', tiny.weights, '--out', 'o.jsonl'
        )
        assert done.status == 2 and 'a.MP4: ' in done.err and '[video]' in done.err
        assert not (tmp_path / 'o.jsonl').exists()

    def test_skipped_endings(self, predict, photos):
        """Images that are not read are counted."""
        for name in ('c.gif', 'd.AVIF', 'e.mp4'):
            (photos / name).write_bytes(b'x')
        done, lines = predict()
        assert done.status == 0 and len(lines) == 4
        assert '1 .avif, 1 .gif, 1 .mp4 files are not read' in done.err

    def test_twelve_bits(self, predict, photos):
        """A warning for 12 bits in the lower part of 16, and for nothing else."""
        rng = np.random.default_rng(0)
        low = rng.integers(0, 4096, (80, 60, 3)).astype(np.uint16)
        for name, image in {
            'low': low,
            'high': low * 16,
            'dark': (low // 300).astype(np.uint8),
        }.items():
            cv2.imwrite(str(photos / f'{name}.png'), image)
        done, _ = predict()
        text = done.out + done.err
        assert text.count('read nearly black') == 1 and 'low.png: The image has 16 bits' in text

    def test_disk(self, lfhpe, tiny, photos, tmp_path):
        """An output that cannot be written ends it with a message."""
        argv = ['predict', tiny.config, photos, '--weights', tiny.weights]
        for out in ('/dev/full', photos):
            done = lfhpe(*argv, '--out', out, '--resume')
            assert done.status == 2 and f'{out}: ' in done.err and '[not-writable]' in done.err
        (tmp_path / 'file').write_text('')
        done = lfhpe(*argv, '--out', 'o.jsonl', '--draw', 'file/drawn')
        assert done.status == 2 and '[not-writable]' in done.err


class TestDemoScript:
    """``tools/demo.py IMAGES CONFIG WEIGHTS``."""

    def run(self, tmp_path, *words):
        """Run it as a user does."""
        command = [sys.executable, str(ROOT / 'tools' / 'demo.py'), *map(str, words)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    def test_pictures(self, tiny, photos, tmp_path):
        """The order of MMPose's demo, and a folder of its own."""
        done = self.run(tmp_path, photos, tiny.config, tiny.weights, '--device', 'cpu')
        assert done.returncode == 0, done.stderr
        drawn = tmp_path / 'work_dirs' / 'predictions'
        assert (drawn / 'sub' / 'c.png').is_file() and (drawn / 'keypoints.jsonl').is_file()

    def test_usage(self, tmp_path):
        """Too few words."""
        done = self.run(tmp_path, 'a.jpg', '--draw', 'x')
        assert done.returncode == 1 and 'usage: demo.py IMAGES CONFIG WEIGHTS' in done.stderr
