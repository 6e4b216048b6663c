"""Numbers of persons."""

import numpy as np
import pytest

from lfhpe_mmpose.runtime.results import FoundPerson
from lfhpe_mmpose.runtime.video.memory import Memory
from lfhpe_mmpose.runtime.video.tracks import Tracks

pytest.importorskip('trackers', reason='the package trackers is not installed')


def person(left, score=0.8, top=50, width=40, height=120):
    """A person by the box."""
    box = np.array([left, top, left + width, top + height], dtype=np.float64)
    return FoundPerson(np.zeros((1, 2)), np.ones(1), None, box, score)


class TestTracks:
    """Persons who walk, hide and come."""

    def test_order_does_not_matter(self):
        """The number follows the place, not the place in the list."""
        tracks = Tracks(25)
        for i in range(20):
            both = [person(10 + 2 * i), person(400 - 2 * i)]
            numbers = tracks(both if i % 2 else both[::-1], i / 25)
            if i:
                assert (numbers if i % 2 else numbers[::-1]) == [1, 2]

    def test_hidden_behind_another(self):
        """Who is covered for a while, and whose box shrinks before, keeps the number."""
        tracks = Tracks(25)
        numbers = {}
        for i in range(120):
            left, right = 40 + 3 * i, 400 - 3 * i
            gap = right - left
            seen = [('near', person(right))]
            if abs(gap) >= 40:
                seen.append(('far', person(left)))
            elif gap > 0:  # being covered
                seen.append(('far', person(left, 0.5, 110 - gap, max(gap, 4), 10 + gap)))
            for (name, _), number in zip(seen, tracks([p for _, p in seen], i / 25)):
                if number is not None:
                    numbers.setdefault(name, set()).add(number)
        assert numbers == {'near': {1}, 'far': {2}}

    def test_uncertain_and_new(self):
        """A box of a low score begins nothing; somebody who comes elsewhere gets a new number."""
        tracks = Tracks(25)
        assert tracks([], 0.0) == []
        for i in range(1, 5):
            assert tracks([person(100, 0.35)], i / 25) == [None]
        found = [tracks([person(100), person(500)][: 1 + (i > 8)], i / 25) for i in range(5, 12)]
        assert found[-1] == [1, 2]

    def test_a_track_whose_number_was_given_away(self, monkeypatch):
        """Track 7 is lost, track 8 goes on as its person; then 7 is somebody else."""
        tracks = Tracks(25)
        frames = [{0: 7}, {0: 7}, {0: 8}, {0: 8, 1: 7}, {0: 8, 1: 7}]
        monkeypatch.setattr(tracks, '_follow', lambda persons, time: frames.pop(0))
        found = [tracks([person(100)], 0.0), tracks([person(100)], 0.04)]
        found.append(tracks([person(101)], 0.08))
        found += [tracks([person(101), person(500)], time) for time in (0.12, 0.16)]
        assert found == [[1], [1], [1], [1, 2], [1, 2]]

    def test_nobody_comes_back_after_long(self):
        """After more than the memory a person is a new one."""
        tracks = Tracks(25)
        for i in range(10):
            tracks([person(100)], i / 25)
        for i in range(10, 100):
            tracks([], i / 25)
        later = [tracks([person(100)], 4 + i / 25) for i in range(3)]
        assert later[-1] == [2]


class TestMemory:
    """Who a box may be."""

    def test_expected_place(self):
        """On the way the person went, not where the person was last."""
        memory = Memory()
        for i in range(25):
            memory.note(7, person(10 * i).box, i / 25)
        there = person(10 * 45).box
        assert memory.owner(there, 45 / 25, set()) == 7
        assert memory.owner(there, 45 / 25, {7}) is None
        assert memory.owner(person(240 - 200).box, 45 / 25, set()) is None
        small = person(10 * 45, height=50, top=90).box
        assert memory.owner(small, 45 / 25, set()) is None
