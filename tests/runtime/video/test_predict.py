"""From a video to lines and a drawn video."""

import json

import numpy as np
import pytest

from lfhpe_mmpose.runtime.prediction_lines import header_of
from lfhpe_mmpose.runtime.results import FoundPerson, ImagePoses
from lfhpe_mmpose.runtime.video.clip import Clip
from lfhpe_mmpose.runtime.video.clip_lists import ClipNames, find_clips
from lfhpe_mmpose.runtime.video.predict import VideoSettings, predict_videos
from lfhpe_mmpose.runtime.video.sources import open_source
from tests.refusal import refuses

pytest.importorskip('av', reason='PyAV is not installed')
pytest.importorskip('trackers', reason='the package trackers is not installed')

HEADER = header_of(['head', 'foot'], [[0, 1]], model='m.onnx')


class Predictor:
    """Finds the bright columns of a picture, and keeps count of what it was asked."""

    def __init__(self, fail_at=None):
        self.asked, self.fail_at = 0, fail_at

    def __call__(self, images):
        """Two at a time, as a predictor does."""
        waiting = []
        for pixels in images:
            self.asked += 1
            if self.asked == self.fail_at:
                raise KeyboardInterrupt
            waiting.append(self._found(pixels))
            if len(waiting) == 2:
                yield from waiting
                waiting = []
        yield from waiting

    def _found(self, pixels):
        bright = np.flatnonzero(pixels[60, :, 2] > 128)
        persons = []
        for run in np.split(bright, np.flatnonzero(np.diff(bright) > 5) + 1):
            box = np.array([run[0] - 5, 20, run[-1] + 5, 100]) + 1 / 3
            points = np.array([[box[0], 25.0], [box[2], 95.0]])
            persons.append(FoundPerson(points, np.array([0.9, 0.2]), None, box, 0.7 + 1 / 7000))
        return ImagePoses(0, None, pixels.shape[1::-1], persons)


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    """Two bright columns that move, 30 frames."""
    path = tmp_path_factory.mktemp('video') / 'walk.mp4'
    with Clip(path, 25) as out:
        for i in range(30):
            picture = np.zeros((120, 300, 3), np.uint8)
            picture[20:100, 20 + 3 * i : 50 + 3 * i] = 200
            picture[20:100, 240 - 2 * i : 270 - 2 * i] = 200
            out.write(picture, i / 25)
    return path


def run(video, folder, predictor=None, draw=True, resume=False, **options):
    """Predict, and return the lines."""
    names = ClipNames(
        str(video), video.name, folder / 'a.jsonl', folder / 'a.mp4' if draw else None
    )
    settings = VideoSettings([[0, 1]], True, smooth=True, resume=resume, **options)
    predict_videos(predictor or Predictor(), [names], HEADER, settings)
    return (folder / 'a.jsonl').read_bytes()


class TestPredict:
    """Lines, drawing, interruption."""

    def test_lines(self, video, tmp_path, capsys):
        """A line a frame with times and numbers; the end; what is said."""
        header, *lines, end = map(json.loads, run(video, tmp_path).splitlines())
        assert header['settings']['video'] == 'walk.mp4' and header['settings']['smooth']
        assert [line['frame'] for line in lines] == list(range(30))
        np.testing.assert_allclose([line['time'] for line in lines], np.arange(30) / 25, atol=1e-3)
        numbers = [[found['track_id'] for found in line['instances']] for line in lines]
        assert numbers[0] == [None, None] and numbers[1:] == [[1, 2]] * 29
        assert len(lines[5]['instances'][0]['smoothed']) == 2
        assert end == dict(frames=30, damaged=0)
        said = capsys.readouterr().out
        assert '30 frames, 60 persons with 2 numbers' in said and 'without sound' in said
        assert '60 of 120 keypoints have a score of 0.5 or more' in said
        drawn = list(open_source(str(tmp_path / 'a.mp4')))
        assert len(drawn) == 30
        # The number at the box, and the point of the score above the threshold.
        assert np.ptp(drawn[9].pixels.astype(int), axis=2).max() > 60

    @pytest.mark.parametrize('cut', [1, 700, 3000])
    def test_resume(self, video, tmp_path, cut):
        """Continued wherever it was cut off, even inside a line: the same bytes, half the work."""
        right = run(video, tmp_path, draw=False)
        (tmp_path / 'a.jsonl').write_bytes(right[: len(right) // 2 + cut])
        predictor = Predictor()
        assert run(video, tmp_path, predictor, resume=True) == right
        assert 5 < predictor.asked < 20
        assert len(list(open_source(str(tmp_path / 'a.mp4')))) == 30
        predictor = Predictor()
        (tmp_path / 'a.mp4').unlink()
        assert run(video, tmp_path, predictor, resume=True) == right
        assert predictor.asked == 0 and (tmp_path / 'a.mp4').exists()

    def test_interrupted(self, video, tmp_path):
        """After Ctrl-C the lines and the video so far are there, and it goes on."""
        whole = tmp_path / 'whole'
        whole.mkdir()
        right = run(video, whole)
        with pytest.raises(KeyboardInterrupt):
            run(video, tmp_path, Predictor(fail_at=12))
        assert len(list(open_source(str(tmp_path / 'a.mp4')))) == 10
        assert run(video, tmp_path, resume=True) == right

    def test_other_video_or_settings(self, video, tmp_path):
        """A file of something else is not continued."""
        run(video, tmp_path, draw=False)
        with refuses('output-exists'):
            run(video, tmp_path)
        with refuses('other-predictions'):
            run(video, tmp_path, resume=True, rate=3.0)
        (tmp_path / 'a.jsonl').write_text('{"some": "thing"}\nx\n')
        with refuses('other-predictions'):
            run(video, tmp_path, resume=True)
        short = tmp_path / 'walk.mp4'
        with Clip(short, 25) as out:
            for i in range(5):
                out.write(np.zeros((120, 300, 3), np.uint8), i / 25)
        (tmp_path / 'a.jsonl').unlink()
        run(video, tmp_path, draw=False)
        with refuses('other-predictions', 'a.jsonl'):
            run(short, tmp_path, resume=True)


class TestFindClips:
    """What is a video, and where its results go."""

    def test_kinds(self, tmp_path):
        """Files, folders of videos, folders of pictures, cameras."""
        (tmp_path / 'clips').mkdir()
        (tmp_path / 'pictures').mkdir()
        for name in ('clips/b.mp4', 'clips/a.MOV', 'pictures/1.png'):
            (tmp_path / name).touch()
        clips, pictures = str(tmp_path / 'clips'), str(tmp_path / 'pictures')
        (one,) = find_clips([f'{clips}/b.mp4'], None, 'out/x.mp4')
        assert (str(one.out), str(one.draw)) == ('out/x.jsonl', 'out/x.mp4')
        two = find_clips([clips], 'out', 'drawn')
        assert [(c.name, str(c.out), str(c.draw)) for c in two] == [
            ('a.MOV', 'out/a.jsonl', 'drawn/a.mp4'),
            ('b.mp4', 'out/b.jsonl', 'drawn/b.mp4'),
        ]
        assert find_clips([pictures], None, 'drawn') == []
        assert find_clips([pictures], None, 'drawn.mp4')[0].source == pictures
        assert find_clips(['0'], 'o.jsonl', None)[0].source == '0'
        with refuses('clip', 'd.gif'):
            find_clips(['0'], 'o.jsonl', 'd.gif')
        with refuses('mixed', pictures):
            find_clips([clips, pictures], 'out', None)
        with refuses('no-output'):
            find_clips([clips], None, None)
        (tmp_path / 'clips' / 'b.mkv').touch()
        with refuses('same-picture'):
            find_clips([clips], 'out', None)
