"""A drawn video, written frame by frame."""

import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import writing

from .packages import load_av

# Time stamps of the file are whole numbers of this part of a second, as in MPEG.
_TICK = Fraction(1, 90_000)


class Clip:
    """Writes an MP4 in H.264 without sound; the file gets its name when it is closed.

    Each frame keeps its time, so that the video is as fast as its source, also where the rate of
    the source varies. Frames of another size than the first are resized to it.

    Args:
        path: The file, ending in .mp4, .mkv or .mov.
        rate: Frames a second, on average.

    Raises:
        UserError: 'clip' if the ending is another one or the encoder is missing, 'package'.
    """

    ENDINGS = ('.mp4', '.mkv', '.mov')

    def __init__(self, path: str | os.PathLike[str], rate: float) -> None:
        self.path = Path(path)
        self._partial = self.path.with_name(f'.{self.path.stem}.partial{self.path.suffix}')
        self._av = load_av()
        self.check_ending(self.path)
        if 'libx264' not in self._av.codecs_available:
            fault = 'This build of PyAV has no H.264 encoder.'
            raise UserError('clip', str(path), fault, 'Install PyAV by pip.')
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._container = self._av.open(os.fspath(self._partial), 'w')
        self._rate = Fraction(rate).limit_denominator(1001)
        self._stream: Any = None
        self._size = (0, 0)
        self._last = -1

    @classmethod
    def check_ending(cls, path: Path) -> None:
        """Refuse a name of another form.

        Raises:
            UserError: 'clip'.
        """
        if path.suffix.lower() not in cls.ENDINGS:
            remedy = f'Give one that ends in {", ".join(cls.ENDINGS)}.'
            raise UserError('clip', str(path), 'Videos are not written in this form.', remedy)

    def write(self, pixels: np.ndarray, time: float) -> None:
        """Add a frame.

        Args:
            pixels: BGR uint8 (H, W, 3).
            time: Seconds since the first frame.
        """
        if self._stream is None:
            self._stream = self._begin(pixels)
        if pixels.shape[1::-1] != self._size:
            pixels = cv2.resize(pixels, self._size, interpolation=cv2.INTER_AREA)
        even = np.ascontiguousarray(np.pad(pixels, _to_even(pixels), mode='edge'))
        picture = self._av.VideoFrame.from_ndarray(even, format='bgr24')
        self._last = max(self._last + 1, round(time / _TICK))
        picture.pts, picture.time_base = self._last, _TICK
        with writing(self.path):
            self._container.mux(self._stream.encode(picture))

    def close(self) -> None:
        """Finish the file and give it its name; without a frame there is none."""
        with writing(self.path):
            if self._stream is not None:
                self._container.mux(self._stream.encode(None))
            self._container.close()
            if self._stream is None:
                self._partial.unlink(missing_ok=True)
            else:
                os.replace(self._partial, self.path)

    def __enter__(self) -> 'Clip':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Also after Ctrl-C: what is there can be looked at.
        self.close()

    def _begin(self, pixels: np.ndarray) -> Any:
        height, width = pixels.shape[:2]
        self._size = (width, height)
        stream = self._container.add_stream('libx264', rate=self._rate)
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = 'yuv420p'  # what browsers play
        stream.options = dict(preset='veryfast', crf='20')
        stream.codec_context.time_base = _TICK
        return stream


def _to_even(pixels: np.ndarray) -> list[tuple[int, int]]:
    """Padding to even sides, which the colours of H.264 need."""
    return [(0, pixels.shape[0] % 2), (0, pixels.shape[1] % 2), (0, 0)]
