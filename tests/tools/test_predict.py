"""tools/predict.py."""

import json

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.apis import infer_persons, init_model
from lfhpe_mmpose.errors import UserError
from tests.tiny_model import make_tiny_model
from tests.tools.loading import load_tool

tool = load_tool('predict')


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A small model with 14 keypoints."""
    return make_tiny_model(tmp_path_factory.mktemp('predict'), 14)


@pytest.fixture
def photos(tmp_path):
    """A folder with two images and one in a sub-folder."""
    rng = np.random.default_rng(0)
    (tmp_path / 'photos' / 'sub').mkdir(parents=True)
    for name in ('a.png', 'b.png', 'sub/c.png'):
        image = rng.integers(0, 255, (80, 60, 3), np.uint8)
        cv2.imwrite(str(tmp_path / 'photos' / name), image)
    return tmp_path / 'photos'


@pytest.fixture
def run(tiny, photos, tmp_path):
    """Run the tool on the photos; the status and the lines of the file."""

    def call(*options):
        out = tmp_path / 'out' / 'found.jsonl'
        argv = ['--weights', str(tiny.weights), '--out', str(out), '--device', 'cpu']
        status = tool.main([tiny.config, str(photos), *options, *argv])
        lines = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
        return status, lines

    return call


class TestListImages:
    """`list_images`."""

    def test_files_and_folders(self, photos):
        """Each once; names below the folder that was given."""
        found = tool.list_images([f'{photos}/sub/c.png', str(photos), f'{photos}/sub'])
        assert list(found) == [f'{photos}/{n}' for n in ('sub/c.png', 'a.png', 'b.png')]

    def test_missing(self, photos):
        """Named."""
        with pytest.raises(UserError, match=r'no\.jpg: no such image or folder'):
            tool.list_images([str(photos), 'no.jpg'])

    def test_two_pictures_of_one_name(self, photos):
        """Drawn into one file."""
        (photos / 'sub' / 'a.png').write_bytes((photos / 'a.png').read_bytes())
        tool.check_pictures(tool.list_images([str(photos)]), 'drawn')
        both = tool.list_images([f'{photos}/a.png', f'{photos}/sub/a.png'])
        with pytest.raises(UserError, match=r'would both be drawn as drawn/a\.png'):
            tool.check_pictures(both, 'drawn')


class TestMain:
    """`main`."""

    def test_folder_gives_lines_and_pictures(self, run, tiny, photos, tmp_path, capsys):
        """One an image, in order, with the numbers of `infer_persons`; and how fast it was."""
        status, lines = run('--draw', str(tmp_path / 'drawn'), '--kpt-thr', '0', '--fuse-bn')
        assert status == 0
        assert len(lines[0]['keypoint_names']) == 14
        assert [line['image'] for line in lines[1:]] == [
            f'{photos}/{n}' for n in ('a.png', 'b.png', 'sub/c.png')
        ]
        model = init_model(tiny.config, tiny.weights)
        for line in lines[1:]:
            (person,), (wanted,) = line['instances'], infer_persons(model, line['image'])
            np.testing.assert_allclose(
                person['keypoints'], wanted.pred_instances.keypoints[0], atol=1e-3
            )
        assert cv2.imread(str(tmp_path / 'drawn' / 'sub' / 'c.png')).shape == (80, 60, 3)
        printed = capsys.readouterr().out
        assert '3 images, 3 persons in' in printed
        assert 'images/s' in printed

    def test_damaged_image_and_resume(self, run, photos, capsys):
        """It is named and the others go on; mended, it alone is looked at again."""
        whole = (photos / 'b.png').read_bytes()
        (photos / 'b.png').write_bytes(whole[:-700])
        status, first = run()
        assert status == 0
        assert 'b.png: the file is no image' in first[2]['error']
        assert '1 images could not be read' in capsys.readouterr().err
        assert run()[0] == 2
        assert 'found.jsonl: is there already' in capsys.readouterr().err
        (photos / 'b.png').write_bytes(whole)
        status, second = run('--resume')
        assert status == 0
        assert second[:3] == [first[0], first[1], first[3]]
        assert second[3]['image'] == f'{photos}/b.png'
        assert len(second) == 4
        printed = capsys.readouterr().out
        assert '2 of 3 images are in' in printed
        assert '\n1 images, 1 persons' in printed

    def test_interrupted(self, run, monkeypatch, capsys):
        """What was found stays in the file, and the remedy is told."""
        write = tool.PredictionFile.write

        def stop_after_one(self, result):
            write(self, result)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(tool.PredictionFile, 'write', stop_after_one)
            status, lines = run()
        assert status == 130
        assert len(lines) == 2
        assert '--resume' in capsys.readouterr().err
        status, lines = run('--resume')
        assert status == 0
        assert len(lines) == 4

    def test_mistake_gives_a_message_and_status_2(self, run, capsys):
        """Nothing is written; an option is named."""
        assert run('--det-config', 'rtmdet_nano_320-8xb32_coco-person') == (2, [])
        assert capsys.readouterr().err.startswith('error: a detector needs both')

    def test_other_settings(self, run, capsys):
        """Do not go on with a file."""
        run()
        assert run('--resume', '--bbox-thr', '0.5')[0] == 2
        assert 'other settings' in capsys.readouterr().err

    def test_detector(self, run, data_dir, weights_dir):
        """A real image with five people, besides the photos of noise without any."""
        image = str(data_dir / 'coco_mini' / 'val2017' / '000000034417.jpg')
        detector = ['--det-config', 'rtmdet_nano_320-8xb32_coco-person']
        detector += ['--det-weights', str(weights_dir / 'rtmdet_nano_person.pth')]
        status, lines = run(image, *detector)
        assert status == 0
        assert [len(line['instances']) for line in lines[1:4]] == [0, 0, 0]
        assert len(lines[4]['instances']) >= 4
