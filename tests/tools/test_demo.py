"""tools/demo.py."""

import json

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.errors import UserError
from tests.tiny_model import make_tiny_model
from tests.tools.loading import load_tool

tool = load_tool('demo')


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """A small model with 14 keypoints."""
    return make_tiny_model(tmp_path_factory.mktemp('demo'), 14)


@pytest.fixture
def photos(tmp_path):
    """A folder with two images and a text file."""
    folder = tmp_path / 'photos'
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in ('b.png', 'a.JPG'):
        image = rng.integers(0, 255, (80, 60, 3), np.uint8)
        (folder / name).write_bytes(cv2.imencode(name[-4:].lower(), image)[1].tobytes())
    (folder / 'notes.txt').write_text('no image')
    return folder


class TestFindImages:
    """`find_images`."""

    def test_folder_gives_its_images(self, photos):
        """Sorted, capital endings too, other files left alone."""
        assert tool.find_images(str(photos)) == ([f'{photos}/a.JPG', f'{photos}/b.png'], [])

    def test_single_image(self, photos):
        """A file is taken as it is."""
        assert tool.find_images(f'{photos}/b.png') == ([f'{photos}/b.png'], [])

    def test_damaged_image_of_a_folder_is_left_out(self, photos):
        """And named with its fault."""
        (photos / 'a.JPG').write_bytes((photos / 'a.JPG').read_bytes()[:-700])
        good, bad = tool.find_images(str(photos))
        assert good == [f'{photos}/b.png']
        assert len(bad) == 1
        assert bad[0].startswith(f'{photos}/a.JPG: left out, ')

    def test_missing_path(self, tmp_path):
        """The name is repeated."""
        with pytest.raises(UserError, match=r'no\.jpg: no such image or folder'):
            tool.find_images(str(tmp_path / 'no.jpg'))

    def test_file_that_is_no_image(self, photos):
        """MMPose would stop in the middle of its own code."""
        with pytest.raises(UserError, match=r'notes\.txt: cannot identify.*Give an image'):
            tool.find_images(str(photos / 'notes.txt'))

    def test_folder_without_images(self, tmp_path):
        """The endings that count are listed."""
        with pytest.raises(UserError, match=r'holds no images \(\.bmp'):
            tool.find_images(str(tmp_path))

    def test_two_images_with_one_name(self, photos):
        """The second would overwrite the first one's JSON."""
        (photos / 'b.bmp').write_bytes((photos / 'b.png').read_bytes())
        with pytest.raises(UserError, match=r'would both write b\.json'):
            tool.find_images(str(photos))


class TestDescribe:
    """`describe`."""

    def test_counts_persons(self):
        """Singular and plural."""
        person = dict(bbox_score=0.9)
        assert tool.describe([person], True) == '1 person'
        assert tool.describe([person, person], True) == '2 persons'

    def test_says_when_nobody_was_detected(self):
        """MMPose takes the whole image then, and does not tell."""
        assert 'no person detected' in tool.describe([dict(bbox_score=np.float32(1))], True)
        assert tool.describe([dict(bbox_score=np.float32(1))], False) == 'taken as one person'


class TestMain:
    """`main`."""

    def test_folder_gives_pictures_and_json(self, tiny, photos, tmp_path, capsys):
        """One of each an image, with heatmaps below, and where they are."""
        out = tmp_path / 'out'
        argv = [str(photos), tiny.config, str(tiny.weights), '--device', 'cpu']
        assert tool.main([*argv, '--out-dir', str(out), '--draw-heatmap', '--kpt-thr', '0']) == 0
        for stem, name in (('a', 'a.JPG'), ('b', 'b.png')):
            (person,) = json.loads((out / 'predictions' / f'{stem}.json').read_text())
            assert np.shape(person['keypoints']) == (14, 2)
            assert cv2.imread(str(out / 'visualizations' / name)).shape == (160, 60, 3)
        printed = capsys.readouterr().out
        assert f'{photos}/a.JPG: taken as one person' in printed
        assert str(out / 'predictions') in printed

    @pytest.mark.parametrize(
        ('position', 'value', 'message'),
        [
            (0, 'no.jpg', 'no.jpg: no such image'),
            (1, 'lfhpe_nothing', 'lfhpe_nothing: no such config'),
            (2, 'no.pth', 'no.pth: no such checkpoint'),
        ],
    )
    def test_mistake_gives_a_message_and_status_2(
        self, tiny, photos, tmp_path, capsys, position, value, message
    ):
        """Nothing is written."""
        argv = [str(photos), tiny.config, str(tiny.weights)]
        argv[position] = value
        out = tmp_path / 'out'
        assert tool.main([*argv, '--out-dir', str(out), '--device', 'cpu']) == 2
        assert message in capsys.readouterr().err
        assert not out.exists()

    def test_detector_finds_persons(self, tiny, data_dir, weights_dir, tmp_path, capsys):
        """A real image with five people; the detector by its short name."""
        image = data_dir / 'coco_mini' / 'val2017' / '000000034417.jpg'
        detector = ['--det-config', 'rtmdet_nano_320-8xb32_coco-person']
        detector += ['--det-weights', str(weights_dir / 'rtmdet_nano_person.pth')]
        argv = [str(image), tiny.config, str(tiny.weights), '--out-dir', str(tmp_path)]
        assert tool.main([*argv, *detector, '--device', 'cpu']) == 0
        persons = json.loads((tmp_path / 'predictions' / '000000034417.json').read_text())
        assert len(persons) >= 4
        assert f'{len(persons)} persons' in capsys.readouterr().out
