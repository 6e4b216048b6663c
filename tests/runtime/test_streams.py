"""Lazy streams: order, limits, errors, ends."""

import threading
import time

import pytest

from lfhpe_mmpose.runtime.streams import close, group, map_ahead


def _count(drawn, stop=None):
    """Numbers from 0; `drawn` tells how many were asked for."""
    i = 0
    while stop is None or i < stop:
        drawn.append(i)
        yield i
        i += 1


class TestMapAhead:
    """`map_ahead`."""

    @pytest.mark.parametrize('workers', [1, 4])
    def test_keeps_the_order(self, workers):
        """Also where an early item takes longest."""

        def slow_first(i):
            time.sleep(0.05 if i == 0 else 0)
            return -i

        assert list(map_ahead(slow_first, range(20), workers, 6)) == [-i for i in range(20)]

    def test_draws_no_more_than_it_may(self):
        """The source may be endless."""
        drawn = []
        stream = map_ahead(lambda i: i, _count(drawn), 2, 3)
        assert [next(stream) for _ in range(5)] == [0, 1, 2, 3, 4]
        assert len(drawn) == 5 + 3
        stream.close()

    def test_works_while_the_reader_does(self):
        """What follows is done before it is asked for."""
        done = threading.Event()
        stream = map_ahead(lambda i: done.set() if i == 2 else None, range(9), 1, 3)
        next(stream)
        assert done.wait(5)
        stream.close()

    def test_error_comes_when_its_turn_does(self):
        """The results before it are handed out; the threads end."""
        before = threading.active_count()
        stream = map_ahead(lambda i: 1 // (3 - i), range(9), 2, 4)
        assert [next(stream) for _ in range(3)] == [0, 0, 1]
        with pytest.raises(ZeroDivisionError):
            next(stream)
        assert threading.active_count() == before

    @pytest.mark.parametrize('started', [True, False])
    def test_closing_ends_threads_and_stages_before(self, started):
        """An inner stage and its threads as well."""
        before = threading.active_count()
        inner = map_ahead(lambda i: i, _count([]), 2, 3)
        groups = group(inner, 2)
        outer = map_ahead(lambda some: some, groups, 2, 3)
        if started:
            assert next(outer) == [0, 1]
            assert threading.active_count() > before
        outer.close()
        assert threading.active_count() == before

    def test_error_of_the_source(self):
        """It reaches the reader, and threads end."""

        def broken():
            yield 1
            raise ValueError('source')

        before = threading.active_count()
        with pytest.raises(ValueError, match='source'):
            list(map_ahead(lambda i: i, broken(), 2, 3))
        assert threading.active_count() == before


class TestGroup:
    """`group`."""

    def test_last_one_is_shorter(self):
        """Nothing is left out."""
        assert list(group(range(5), 2)) == [[0, 1], [2, 3], [4]]
        assert list(group([], 2)) == []

    def test_is_lazy(self):
        """One list is drawn at a time."""
        drawn = []
        next(group(_count(drawn), 3))
        assert drawn == [0, 1, 2]


class TestClose:
    """`close`."""

    def test_leaves_what_is_no_generator(self):
        """A list has no end, and a file is no generator of ours to end."""
        close([1, 2])
        close(iter([1, 2]))
