"""Frames of good, odd and damaged videos."""

import struct
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from unittest.mock import MagicMock

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.runtime.video.clip import Clip
from lfhpe_mmpose.runtime.video.sources import is_source, open_source
from tests.refusal import refuses

pytest.importorskip('av', reason='PyAV is not installed')

# An uneven rhythm, as of a telephone in the dark.
TIMES = [0, 0.04, 0.08, 0.2, 0.5, 0.54, 1.0]


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    """Seven frames with a red corner, and a green bar that grows."""
    path = tmp_path_factory.mktemp('clip') / 'a.mp4'
    with Clip(path, 25) as out:
        for i, time in enumerate(TIMES):
            picture = np.zeros((60, 80, 3), np.uint8)
            picture[:20, :30] = (0, 0, 250)
            picture[40:, : 10 + 10 * i] = (0, 200, 0)
            out.write(picture, time)
    return path


@pytest.fixture(scope='module')
def noisy(tmp_path_factory):
    """A hundred frames of noise, in MP4 and Matroska."""
    folder = tmp_path_factory.mktemp('noisy')
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 255, (100, 48, 64, 3), dtype=np.uint8)
    for name in ('a.mp4', 'a.mkv'):
        with Clip(folder / name, 30) as out:
            for i, picture in enumerate(pictures):
                out.write(picture, i / 30)
    return folder


class TestFile:
    """A video file."""

    def test_frames_and_times(self, clip):
        """Each frame, at its own time."""
        source = open_source(str(clip))
        frames = list(source)
        assert (source.live, source.expected, source.damaged) == (False, 7, 0)
        assert [frame.index for frame in frames] == list(range(7))
        np.testing.assert_allclose([frame.time for frame in frames], TIMES, atol=1e-4)
        for i, frame in enumerate(frames):
            assert frame.pixels.shape == (60, 80, 3)
            assert frame.pixels[5, 5, 2] > 200 > 80 > frame.pixels[5, 5, 1]
            green = frame.pixels[50, :, 1] > 100
            assert abs(green.sum() - min(10 + 10 * i, 80)) <= 1

    @pytest.mark.parametrize('turn', [90, 180, 270])
    def test_rotation(self, clip, tmp_path, turn):
        """A file that says how it was held is shown upright, as OpenCV does."""
        content = bytearray(clip.read_bytes())
        place = content.index(b'tkhd') + 8 + 20 + 16
        one, (cos, sin) = 65536, {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[turn]
        x, y = {90: (60, 0), 180: (80, 60), 270: (0, 80)}[turn]
        matrix = [cos * one, sin * one, 0, -sin * one, cos * one, 0, x * one, y * one, 1 << 30]
        content[place : place + 36] = struct.pack('>9i', *matrix)
        path = tmp_path / 'turned.mp4'
        path.write_bytes(content)
        found = next(iter(open_source(str(path)))).pixels
        _, right = cv2.VideoCapture(str(path)).read()
        np.testing.assert_array_equal(found, right)
        assert found.shape[:2] == ((60, 80) if turn == 180 else (80, 60))

    def test_damaged_frames(self, noisy, tmp_path):
        """They are counted, and the others come."""
        content = bytearray((noisy / 'a.mp4').read_bytes())
        start = content.index(b'mdat') + 200
        for place in range(start, start + (len(content) - start) // 2, 4000):
            content[place : place + 60] = bytes(60)
        (tmp_path / 'a.mp4').write_bytes(content)
        source = open_source(str(tmp_path / 'a.mp4'))
        frames = list(source)
        assert 50 < len(frames) <= 100 and source.damaged > 0
        times = [frame.time for frame in frames]
        assert times == sorted(times)

    def test_undecodable_packets(self, noisy, tmp_path):
        """Packets that the decoder refuses are counted too."""
        content = bytearray((noisy / 'a.mp4').read_bytes())
        start = content.index(b'mdat') + 4000
        content[start : start + 8000] = b'\xff' * 8000
        (tmp_path / 'a.mp4').write_bytes(content)
        source = open_source(str(tmp_path / 'a.mp4'))
        frames = list(source)
        assert 80 < len(frames) < 100 and source.damaged > 0

    def test_refused_packets_are_counted(self, clip, monkeypatch):
        """A packet that the decoder refuses costs its picture and no other."""
        source, other = open_source(str(clip)), open_source(str(clip))
        good = list(other._decoded())

        def refuse():
            raise source._av.error.InvalidDataError(1, 'no picture')

        decoders = [lambda: good[:1], refuse, lambda: good[1:2], refuse]
        container = MagicMock()
        container.demux.return_value = iter([SimpleNamespace(decode=d) for d in decoders])
        monkeypatch.setattr(source, '_container', container)
        assert [frame.index for frame in source] == [0, 1]
        assert source.damaged == 2

    def test_ends_early(self, noisy, tmp_path):
        """What is there is read."""
        content = (noisy / 'a.mkv').read_bytes()
        (tmp_path / 'a.mkv').write_bytes(content[: len(content) // 2])
        source = open_source(str(tmp_path / 'a.mkv'))
        frames = list(source)
        assert 20 < len(frames) < 80 and source.expected == 100

    @pytest.mark.parametrize('content', [b'', b'no video', None])
    def test_none(self, noisy, tmp_path, content):
        """Empty, text, and an MP4 without its index."""
        whole = (noisy / 'a.mp4').read_bytes()
        (tmp_path / 'a.mp4').write_bytes(whole[: len(whole) // 2] if content is None else content)
        with refuses('video', 'a.mp4'):
            open_source(str(tmp_path / 'a.mp4'))

    def test_missing(self):
        """No file, no camera, nobody at the address."""
        for path, place in (('a.mp4', 'a.mp4'), ('99', 'camera 99'), ('rtsp://127.0.0.1:9/', '9')):
            assert is_source(path)
            with refuses('video', place):
                open_source(path)


class TestStream:
    """Something that comes over a network."""

    def test_address(self, noisy):
        """It is read once, until it ends, and its length is not known before."""
        handler = partial(SimpleHTTPRequestHandler, directory=str(noisy))
        server = ThreadingHTTPServer(('127.0.0.1', 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            source = open_source(f'http://127.0.0.1:{server.server_port}/a.mkv')
            assert (source.live, source.expected) == (True, None)
            assert len(list(source)) == 100
        finally:
            server.shutdown()


class TestFolder:
    """Pictures as frames."""

    def test_order_rate_and_damage(self, tmp_path):
        """By name, so many a second; a damaged one leaves a gap in time."""
        for i in range(4):
            cv2.imwrite(str(tmp_path / f'{i}.png'), np.full((5, 6, 3), 50 * i, np.uint8))
        (tmp_path / '1.png').write_bytes(b'x')
        source = open_source(str(tmp_path), rate=10)
        frames = list(source)
        assert [int(frame.pixels[0, 0, 0]) for frame in frames] == [0, 100, 150]
        np.testing.assert_allclose([frame.time for frame in frames], [0, 0.2, 0.3])
        assert (source.damaged, source.expected) == (1, 4)
        assert not is_source(str(tmp_path))
