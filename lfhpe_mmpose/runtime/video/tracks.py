"""The same number for the same person in all frames."""

from collections.abc import Sequence

import numpy as np

from lfhpe_mmpose.runtime.results import FoundPerson

from .memory import Memory
from .packages import load_trackers

# A box of this score begins a track; a lower one continues one only. RTMDet-nano's scores of
# persons in full view lie between 0.5 and 0.9.
_BEGIN = 0.45
# Seconds for which ByteTrack looks for a lost person.
_MEMORY = 2.0


class Tracks:
    """Numbers persons from frame to frame.

    ByteTrack (Zhang et al., ECCV 2022) joins the boxes of frame after frame. A new one of its
    tracks that begins where a lost person is expected continues that person; see ``Memory``.

    Args:
        rate: Frames a second.

    Raises:
        UserError: 'package' without the package ``trackers``.
    """

    def __init__(self, rate: float) -> None:
        package = load_trackers()
        from supervision import Detections

        self._detections = Detections
        self._tracker = package.ByteTrackTracker(
            # In frames at 30 a second, as the package counts.
            lost_track_buffer=round(30 * _MEMORY),
            frame_rate=rate,
            track_activation_threshold=_BEGIN,
            high_conf_det_threshold=_BEGIN,
            minimum_consecutive_frames=1,
        )
        self._memory = Memory()
        # Our number of each track of ByteTrack.
        self._numbers: dict[int, int] = {}
        self._next = 1

    def __call__(self, persons: Sequence[FoundPerson], time: float) -> list[int | None]:
        """Number the persons of the next frame.

        Args:
            persons: Their boxes and scores are used.
            time: Seconds since the first frame.

        Returns:
            list[int | None]: A number from 1 for each; None in the first frame of a person, and
            for boxes that are too uncertain.
        """
        tracks = self._follow(persons, time)
        present = {self._numbers[track] for track in tracks.values() if track in self._numbers}
        numbers: list[int | None] = [None] * len(persons)
        for row, track in sorted(tracks.items()):
            box = persons[row].box
            if track not in self._numbers:
                self._numbers[track] = self._begin(box, time, present)
            number = self._numbers[track]
            present.add(number)
            numbers[row] = number
            self._memory.note(number, box, time)
        return numbers

    def _follow(self, persons: Sequence[FoundPerson], time: float) -> dict[int, int]:
        """ByteTrack's track of each person who has one."""
        found = self._tracker.update(
            self._detections(
                xyxy=np.array([p.box for p in persons], dtype=np.float32).reshape(-1, 4),
                confidence=np.array([p.box_score for p in persons], dtype=np.float32),
                data=dict(row=np.arange(len(persons))),
            ),
            timestamp=time,
        )
        rows = found.data.get('row', ())
        return {int(row): int(track) for row, track in zip(rows, found.tracker_id) if track >= 0}

    def _begin(self, box: np.ndarray, time: float, present: set[int]) -> int:
        """The number of a new track: that of a lost person, or the next one."""
        owner = self._memory.owner(box, time, present)
        if owner is not None:
            # If the old track comes back, it is somebody else's.
            self._numbers = {t: number for t, number in self._numbers.items() if number != owner}
            return owner
        self._next += 1
        return self._next - 1
