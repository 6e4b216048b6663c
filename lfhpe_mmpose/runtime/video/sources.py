"""Where frames come from: a video file, a network stream, a camera, or a folder of pictures."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.image_folders import VIDEO_ENDINGS, find_images
from lfhpe_mmpose.files.images import read_image

from .packages import load_av

# Frames a second of a folder of pictures, unless the user says otherwise.
FOLDER_RATE = 25.0
# Seconds without an answer after which a network stream has ended.
_TIMEOUT = 15.0


@dataclass
class Frame:
    """A picture of a video.

    Attributes:
        index: Place among the frames that could be decoded, from 0.
        time: Seconds since the first frame.
        pixels: BGR uint8 (H, W, 3), upright.
    """

    index: int
    time: float
    pixels: np.ndarray


class Source(Protocol):
    """What gives frames, once.

    Attributes:
        name: What the user gave.
        rate: Frames a second; on average, if they vary.
        expected: Number of frames, if it is known before.
        live: Whether it cannot be read again, and ends when the user says so.
        damaged: Frames so far that could not be decoded, or only in part.
    """

    name: str
    rate: float
    expected: int | None
    live: bool
    damaged: int

    def __iter__(self) -> Iterator[Frame]: ...


def is_source(path: str) -> bool:
    """Whether something that is given is a video, an address or the number of a camera."""
    if path.isdecimal() and not Path(path).exists():
        return True
    return _is_address(path) or path.lower().endswith(VIDEO_ENDINGS)


def open_source(path: str, rate: float | None = None) -> Source:
    """Open a source by what the user gives.

    Args:
        path: A video file, an address such as 'rtsp://...', the number of a camera, or a folder
            of pictures in the order of their names.
        rate: Frames a second of a folder. Defaults to 25.

    Raises:
        UserError: 'video' if it cannot be opened, 'package' without PyAV.
    """
    if Path(path).is_dir():
        return FolderSource(path, FOLDER_RATE if rate is None else rate)
    if path.isdecimal() and not Path(path).exists():
        return CameraSource(int(path))
    return FileSource(path)


class FileSource:
    """A video file or a network stream, read by PyAV."""

    def __init__(self, path: str) -> None:
        self.name, self.live, self.damaged = path, _is_address(path), 0
        self._av = load_av()
        if not self.live and not Path(path).is_file():
            raise UserError('video', path, 'There is no such file.', 'Check the name.')
        try:
            options: Any = dict(timeout=_TIMEOUT) if self.live else {}
            self._container = self._av.open(path, metadata_errors='replace', **options)
        except (self._av.FFmpegError, OSError) as error:
            raise self._refused(f'It cannot be opened ({_reason(error)}).') from None
        if not self._container.streams.video:
            self._container.close()
            raise self._refused('It holds no pictures.')
        self._stream = self._container.streams.video[0]
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.rate = float(rate) if rate else FOLDER_RATE
        self.expected = None if self.live else self._count()

    def __iter__(self) -> Iterator[Frame]:
        self._stream.thread_type = 'AUTO'
        index, first, last = 0, None, -1.0
        with self._container:
            for picture in self._decoded():
                time = picture.time
                first = time if first is None else first
                # Without a time stamp, or with one that runs backwards, a frame follows the last.
                time = None if time is None or first is None else float(time - first)
                if time is None or time <= last:
                    time = last + 1 / self.rate if index else 0.0
                last = time
                yield Frame(index, time, _upright(picture))
                index += 1

    def _decoded(self) -> Iterator[Any]:
        """Pictures of the decoder; what cannot be decoded is counted."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
                pictures = packet.decode()
            except StopIteration:
                return
            except self._av.error.InvalidDataError:
                self.damaged += 1
                continue
            except (self._av.FFmpegError, OSError):
                self.damaged += 1  # a stream that broke off
                return
            for picture in pictures:
                self.damaged += bool(getattr(picture, 'is_corrupt', False))
                yield picture

    def _count(self) -> int | None:
        if self._stream.frames:
            return int(self._stream.frames)
        if self._container.duration:
            return round(self._container.duration / self._av.time_base * self.rate)
        return None

    def _refused(self, fault: str) -> UserError:
        remedy = 'Check that a player shows it; a video that was cut off may lack its index.'
        return UserError('video', self.name, fault, remedy)


class CameraSource:
    """A camera, read by OpenCV."""

    live: bool = True
    expected: int | None = None
    damaged: int = 0

    def __init__(self, number: int) -> None:
        self.name = str(number)
        level = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(0)  # the error below says all
        self._camera = cv2.VideoCapture(number)
        cv2.utils.logging.setLogLevel(level)
        if not self._camera.isOpened():
            fault = 'There is no such camera, or another program uses it.'
            raise UserError('video', f'camera {number}', fault, 'Try another number, from 0.')
        self.rate = float(self._camera.get(cv2.CAP_PROP_FPS)) or FOLDER_RATE

    def __iter__(self) -> Iterator[Frame]:
        import time

        start, index = None, 0
        try:
            while True:
                there, pixels = self._camera.read()
                if not there:
                    return
                now = time.monotonic()
                start = now if start is None else start
                yield Frame(index, now - start, pixels)
                index += 1
        finally:
            self._camera.release()


class FolderSource:
    """Pictures of a folder, as the frames of a video."""

    live: bool = False
    damaged: int = 0

    def __init__(self, folder: str, rate: float) -> None:
        self.name, self.rate = folder, rate
        self._names = find_images(folder)
        self.expected: int | None = len(self._names)

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        for place, name in enumerate(self._names):
            try:
                pixels = read_image(os.path.join(self.name, name))
            except UserError:
                self.damaged += 1
                continue
            yield Frame(index, place / self.rate, pixels)
            index += 1


def _is_address(path: str) -> bool:
    return '://' in path and not Path(path).exists()


def _upright(picture: Any) -> np.ndarray:
    """The pixels of a decoded frame, turned as the file's rotation entry says."""
    pixels = picture.to_ndarray(format='bgr24')
    turns = round(getattr(picture, 'rotation', 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else np.asarray(pixels)


def _reason(error: BaseException) -> str:
    return str(getattr(error, 'strerror', '') or error).split('\n', 1)[0][:200]
