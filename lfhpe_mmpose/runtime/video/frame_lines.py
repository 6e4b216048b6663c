"""A file of predictions in a video: JSON lines, one a frame, that an interrupted run continues.

The first line describes the model, its settings and the video, as in ``prediction_lines``; each
further one a frame, and the last one the end:

    {"frame": 0, "time": 0.0, "width": 640, "height": 480, "instances": [{..., "track_id": 1}]}
    {"frames": 900, "damaged": 0}

``instances`` has the form of ``prediction_lines`` with ``track_id`` (null where a person has no
number yet) and, if asked for, ``smoothed``, the keypoints after smoothing.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import lock_file, writing
from lfhpe_mmpose.runtime.prediction_lines import (
    damaged_file,
    dump,
    existing_file,
    instance_of,
    other_settings,
)
from lfhpe_mmpose.runtime.results import FoundPerson


class FrameFile:
    """A file of predictions of a video that is being written; never in memory as a whole.

    Args:
        path: The file.
        header: From ``header_of``.
        resume: Continue an existing file.

    Attributes:
        path (Path): The file.
        count (int): Frames that it holds already.
        complete (bool): Whether it holds the end of the video.

    Raises:
        UserError: As ``PredictionFile``.
    """

    def __init__(self, path: str | Path, header: dict[str, Any], resume: bool = False) -> None:
        self.path, self.count, self.complete = Path(path), 0, False
        existing_file(self.path, resume)
        with ExitStack() as stack:
            stack.enter_context(lock_file(self.path))
            with writing(self.path):
                self._file = stack.enter_context(open(self.path, 'a+b'))
            end = self._scan(header)
            with writing(self.path):
                # What follows the last whole line is one that an interruption cut off.
                self._file.truncate(end)
                if not end:
                    self._write(header)
            self._open = stack.pop_all()

    def kept(self) -> Iterator[dict[str, Any]]:
        """The frames that the file held when it was opened, one by one."""
        with open(self.path, 'rb') as file:
            file.readline()
            for _, line in zip(range(self.count), file):
                yield json.loads(line)

    def write(self, entry: dict[str, Any]) -> None:
        """Add a frame; its line is in the file when this returns."""
        with writing(self.path):
            self._write(entry)

    def end(self, frames: int, damaged: int) -> None:
        """Note that the video has ended."""
        if not self.complete:
            self.write(dict(frames=frames, damaged=damaged))

    def close(self) -> None:
        """Close the file, and let other processes write it."""
        self._open.close()

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(dump(entry).encode() + b'\n')
        self._file.flush()

    def _scan(self, header: dict[str, Any]) -> int:
        """Check the lines that are there, and return where the last whole one ends."""
        self._file.seek(0)
        end = 0
        for number, line in enumerate(self._file):
            if not line.endswith(b'\n'):
                break
            try:
                entry = json.loads(line)
                if number and not self.complete and 'frames' in entry:
                    self.complete = True
                elif number and (self.complete or entry['frame'] != self.count):
                    raise ValueError('frames are missing')
                elif number:
                    persons_of(entry)
                    self.count += 1
            except (ValueError, TypeError, KeyError):
                raise damaged_file(self.path) from None
            if number == 0 and entry != json.loads(dump(header)):
                raise other_settings(self.path, line.decode()[:300])
            end += len(line)
        return end


def frame_entry(
    index: int, time: float, size: tuple[int, int], persons: list[FoundPerson]
) -> dict[str, Any]:
    """The line of a frame, before the persons are numbered."""
    return dict(
        frame=index,
        time=round(time, 6),
        width=size[0],
        height=size[1],
        instances=[instance_of(person) for person in persons],
    )


def persons_of(entry: dict[str, Any]) -> list[FoundPerson]:
    """The persons of a frame's line."""
    return [
        FoundPerson(
            np.array(found['keypoints'], dtype=np.float64).reshape(-1, 2),
            np.array(found['keypoint_scores'], dtype=np.float64),
            None,
            np.array(found['bbox'][0], dtype=np.float64),
            float(found['bbox_score']),
        )
        for found in entry['instances']
    ]


def other_video(path: Path, missing: int) -> UserError:
    """The error of a file that holds more frames than the video."""
    fault = f'The file has {missing} more frames than the video: it is of another one.'
    return UserError('other-predictions', str(path), fault, 'Give another --out.')
