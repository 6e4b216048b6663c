"""A file of predictions: what a line holds, and how a run goes on with it."""

import json
import os

import numpy as np
import pytest

from lfhpe_mmpose.apis import ImagePoses, PosePredictor, init_model
from lfhpe_mmpose.runtime.prediction_lines import PredictionFile, header_of, line_of
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model

HEADER = dict(keypoint_names=['a'], settings=dict(config='c', bbox_thr=0.3))


@pytest.fixture(scope='module')
def predictor(tmp_path_factory):
    """A small model."""
    tiny = make_tiny_model(tmp_path_factory.mktemp('lines'), 14)
    return PosePredictor(init_model(tiny.config, tiny.weights))


def _read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


class TestLineOf:
    """`line_of`."""

    def test_persons_in_mmposes_form(self, predictor):
        """With the size of the image and the probabilities of the keypoints."""
        image = np.zeros((80, 60, 3), np.uint8)
        (result,) = predictor([(image, [[1, 2, 31, 42], [0, 0, 60, 80]])])
        line = json.loads(json.dumps(line_of(result)))
        assert (line['image'], line['width'], line['height']) == (None, 60, 80)
        first, _ = line['instances']
        assert first['bbox'] == [[1, 2, 31, 42]]
        assert first['bbox_score'] == 1
        found = result.persons[0].sample.pred_instances
        for key in ('keypoints', 'keypoint_scores', 'keypoint_probs'):
            np.testing.assert_allclose(first[key], found[key][0], atol=6e-4)

    def test_damaged_image(self):
        """Its fault and no persons."""
        result = ImagePoses(0, 'a.jpg', error='cut off')
        assert line_of(result) == dict(image='a.jpg', error='cut off')

    def test_header_names_the_keypoints(self):
        """In the order of the numbers."""
        header = header_of(['right_ankle', 'neck'], [(0, 1)], config='tiny')
        assert header['keypoint_names'] == ['right_ankle', 'neck']
        assert header['skeleton_links'] == [[0, 1]]
        assert header['settings'] == dict(config='tiny')
        json.dumps(header)


class TestPredictionFile:
    """`PredictionFile`."""

    def _write(self, path, *names, error=''):
        file = PredictionFile(path, HEADER, resume=True)
        for name in names:
            file.write(ImagePoses(0, name, (1, 1), error=error))
        file.close()

    def test_one_process_at_a_time(self, tmp_path):
        """A second run, resumed or not, stops and leaves the file of the first as it is."""
        path = tmp_path / 'a.jsonl'
        file = PredictionFile(path, HEADER)
        file.write(ImagePoses(0, 'a.jpg', (1, 1)))
        before = path.read_bytes()
        with refuses('locked', path):
            PredictionFile(path, HEADER, resume=True)
        assert path.read_bytes() == before
        file.close()
        self._write(path, 'b.jpg')
        assert [line.get('image') for line in _read(path)] == [None, 'a.jpg', 'b.jpg']

    def test_a_line_is_there_at_once(self, tmp_path):
        """An interruption loses nothing that was written."""
        file = PredictionFile(tmp_path / 'new' / 'out.jsonl', HEADER)
        file.write(ImagePoses(0, 'ä.jpg', (3, 4)))
        lines = _read(tmp_path / 'new' / 'out.jsonl')
        assert lines == [HEADER, dict(image='ä.jpg', width=3, height=4, instances=[])]
        file.close()

    def test_goes_on(self, tmp_path):
        """Without the line that was cut off, and without the damaged images."""
        path = tmp_path / 'out.jsonl'
        self._write(path, 'a.jpg', 'b.jpg')
        self._write(path, 'c.jpg', error='cut off')
        with open(path, 'a') as file:
            file.write('{"image": "d.jp')
        file = PredictionFile(path, HEADER, resume=True)
        file.close()
        assert file.done == {'a.jpg', 'b.jpg'}
        self._write(path, 'c.jpg')
        assert [line['image'] for line in _read(path)[1:]] == ['a.jpg', 'b.jpg', 'c.jpg']

    @pytest.mark.parametrize(
        'name', ['größe.jpg', '\U0001f600.jpg', os.fsdecode(b'a\xff\xfe.jpg')]
    )
    def test_torn_anywhere(self, tmp_path, name):
        """Wherever the last line was cut off, also inside a letter, the others are kept."""
        path = tmp_path / 'out.jsonl'
        self._write(path, 'a.jpg')
        whole = path.read_bytes()
        self._write(path, name)
        added = path.read_bytes()[len(whole) :]
        for cut in range(len(added)):
            path.write_bytes(whole + added[:cut])
            file = PredictionFile(path, HEADER, resume=True)
            file.close()
            assert file.done == {'a.jpg'}
            assert path.read_bytes() == whole
        path.write_bytes(whole + added)
        file = PredictionFile(path, HEADER, resume=True)
        file.close()
        assert file.done == {'a.jpg', name}

    def test_torn_first_line(self, tmp_path):
        """Nothing was predicted yet."""
        path = tmp_path / 'out.jsonl'
        self._write(path, 'a.jpg')
        first = path.read_bytes().partition(b'\n')[0]
        for cut in range(len(first)):
            path.write_bytes(first[:cut])
            PredictionFile(path, HEADER, resume=True).close()
            assert path.read_bytes() == first + b'\n'

    def test_file_that_is_there(self, tmp_path):
        """Is not overwritten without being asked."""
        self._write(tmp_path / 'out.jsonl', 'a.jpg')
        with refuses('output-exists', 'out.jsonl'):
            PredictionFile(tmp_path / 'out.jsonl', HEADER)

    @pytest.mark.parametrize(
        ('text', 'code'),
        [
            (json.dumps({**HEADER, 'settings': {}}) + '\n', 'other-predictions'),
            ('no json\n', 'not-predictions'),
            ('\xff\n', 'not-predictions'),
            (json.dumps(HEADER) + '\n[1]\n', 'not-predictions'),
        ],
    )
    def test_another_file(self, tmp_path, text, code):
        """Is left as it is."""
        path = tmp_path / 'out.jsonl'
        path.write_text(text)
        with refuses(code, 'out.jsonl'):
            PredictionFile(path, HEADER, resume=True)
        assert path.read_text() == text

    def test_cannot_be_written(self, tmp_path):
        """The reason is reported."""
        (tmp_path / 'file').write_text('')
        with refuses('not-writable', 'out.jsonl'):
            PredictionFile(tmp_path / 'file' / 'out.jsonl', HEADER)
