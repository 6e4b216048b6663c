"""Keypoints in videos: into a file of JSON lines and a drawn video."""

import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.runtime.drawing import draw_persons
from lfhpe_mmpose.runtime.prediction_lines import rounded
from lfhpe_mmpose.runtime.results import FoundPerson, ImagePoses
from lfhpe_mmpose.scores import SCORE_THRESHOLD

from .clip import Clip
from .clip_lists import ClipNames
from .frame_lines import FrameFile, frame_entry, other_video, persons_of
from .smoothing import OneEuro
from .sources import Frame, Source, open_source
from .tracks import Tracks

Predictor: TypeAlias = Callable[[Iterable[Any]], Iterator[ImagePoses]]
# Seconds after which a person who is no longer seen begins anew.
_FORGOTTEN = 3.0


@dataclass
class VideoSettings:
    """What is done with the frames.

    Attributes:
        skeleton: Limbs as pairs of indices of keypoints.
        detected: Whether boxes come from a detector; else one person fills each frame.
        smooth: Smooth the keypoints.
        kpt_thr: Minimum score of a drawn keypoint.
        resume: Continue the files.
        rate: Frames a second of a folder of pictures.
    """

    skeleton: list[list[int]]
    detected: bool
    smooth: bool = False
    kpt_thr: float = SCORE_THRESHOLD
    resume: bool = False
    rate: float | None = None


def predict_videos(
    predictor: Predictor,
    clips: list[ClipNames],
    header: dict[str, Any],
    settings: VideoSettings,
) -> None:
    """Find the keypoints in videos, one after the other, and write them.

    Args:
        predictor: An ``OnnxPredictor`` or a ``PosePredictor``.
        clips: What is read and written.
        header: From ``header_of``; the names of the source and the smoothing are added.
        settings: See there.

    Raises:
        UserError: If a source or a file cannot be used.
    """
    for clip in clips:
        # A folder of pictures gives other times at another rate.
        source = open_source(clip.source, settings.rate)
        own = dict(video=clip.name, smooth=settings.smooth, rate=settings.rate)
        full = {**header, 'settings': {**header['settings'], **own}}
        file = FrameFile(clip.out, full, settings.resume)
        try:
            _predict(predictor, source, file, clip, settings)
        finally:
            file.close()


def _predict(
    predictor: Predictor, source: Source, file: FrameFile, clip: ClipNames, settings: VideoSettings
) -> None:
    before, start = file.count, time.perf_counter()
    if before:
        print(f'{before} frames are in {file.path} already')
    people = _People(settings, source.rate)
    frames = 0
    with ExitStack() as stack:
        drawn = None
        if clip.draw is not None:
            drawn = stack.enter_context(Clip(clip.draw, source.rate))
        elif file.complete:
            print(f'keypoints (JSON lines): {file.path}')
            return
        bar = stack.enter_context(tqdm(total=source.expected, desc=clip.name, unit='frame'))
        stream = _entries(predictor, source, file)
        stack.callback(stream.close)
        try:
            for frame, entry in stream:
                persons, numbers = people.number(entry)
                if frame.index >= before:
                    file.write(entry)
                if drawn is not None:
                    picture = people.draw(frame.pixels, persons, numbers)
                    drawn.write(picture, frame.time)
                frames += 1
                bar.update()
        except KeyboardInterrupt:
            if not source.live:
                raise
            print('Stopped.', file=sys.stderr)
    if frames < before:
        raise other_video(file.path, before - frames)
    file.end(frames, source.damaged)
    _tell(source, frames, frames - before, people, time.perf_counter() - start, settings.kpt_thr)
    if clip.draw is not None:
        print(f'video (without sound): {clip.draw}')
    print(f'keypoints (JSON lines): {file.path}')


def _entries(
    predictor: Predictor, source: Source, file: FrameFile
) -> Generator[tuple[Frame, dict[str, Any]], None, None]:
    """Frames with their lines: first those of the file, then those that are predicted."""
    frames = iter(source)
    for entry in file.kept():
        frame = next(frames, None)
        if frame is None:
            return
        yield frame, entry
    waiting: deque[Frame] = deque()

    def pixels() -> Iterator[np.ndarray]:
        for frame in frames:
            waiting.append(frame)
            yield frame.pixels

    results = predictor(pixels())
    try:
        for result in results:
            frame = waiting.popleft()
            size = frame.pixels.shape[1], frame.pixels.shape[0]
            yield frame, frame_entry(frame.index, frame.time, size, result.persons)
    finally:
        results.close()  # type: ignore[attr-defined]


@dataclass
class _People:
    """The persons of the frames so far. All is computed from lines, so that resuming is exact."""

    settings: VideoSettings
    rate: float
    count: int = 0
    numbers: set[int] = field(default_factory=set)
    above: list[int] = field(default_factory=lambda: [0, 0])

    def __post_init__(self) -> None:
        self._tracks = Tracks(self.rate) if self.settings.detected else None
        self._smoothers: dict[int, tuple[float, OneEuro]] = {}

    def number(self, entry: dict[str, Any]) -> tuple[list[FoundPerson], list[int | None]]:
        """Add the numbers, and the smoothed keypoints, to a line.

        Returns:
            The persons as they are drawn, and their numbers.
        """
        persons = persons_of(entry)
        numbers: list[int | None] = [1] * len(persons)
        if self._tracks is not None:
            numbers = self._tracks(persons, entry['time'])
        for person, found, number in zip(persons, entry['instances'], numbers):
            found['track_id'] = number
            if self.settings.smooth:
                found['smoothed'] = rounded(self._smooth(person, number, entry['time']), 3)
                person.keypoints = np.array(found['smoothed'])
            self.above[0] += int((person.scores >= self.settings.kpt_thr).sum())
        self.above[1] += sum(len(person.scores) for person in persons)
        self.count += len(persons)
        self.numbers.update(number for number in numbers if number is not None)
        return persons, numbers

    def draw(
        self, pixels: np.ndarray, persons: list[FoundPerson], numbers: list[int | None]
    ) -> np.ndarray:
        """Draw the persons of a frame; their numbers only if they were followed."""
        shown = numbers if self.settings.detected else None
        return draw_persons(pixels, persons, self.settings.skeleton, self.settings.kpt_thr, shown)

    def _smooth(self, person: FoundPerson, number: int | None, now: float) -> list[Any]:
        if number is None:
            return person.keypoints.tolist()
        last, smoother = self._smoothers.get(number, (now, OneEuro()))
        if now - last > _FORGOTTEN:
            smoother = OneEuro()
        self._smoothers = {
            key: kept for key, kept in self._smoothers.items() if now - kept[0] <= _FORGOTTEN
        }
        self._smoothers[number] = now, smoother
        size = float(max(person.box[2:] - person.box[:2]))
        return smoother(person.keypoints, size, now).tolist()


def _tell(
    source: Source, frames: int, new: int, people: _People, seconds: float, kpt_thr: float
) -> None:
    """Print what was found and what was wrong with the video."""
    numbered = f' with {len(people.numbers)} numbers' if people.settings.detected else ''
    print(
        f'{frames} frames, {people.count} persons{numbered} in {seconds:.1f} s'
        + (f': {new / max(seconds, 1e-9):.1f} frames/s' if new else '')
    )
    good, all_ = people.above
    if all_:
        print(f'{good} of {all_} keypoints have a score of {kpt_thr:g} or more')
    if source.damaged:
        print(f'warning: {source.damaged} frames were damaged', file=sys.stderr)
    if source.expected and not source.live and frames + source.damaged < 0.98 * source.expected:
        said = f'the video ends early: {frames} of {source.expected} frames are there'
        print(f'warning: {said}', file=sys.stderr)
