"""The order of measuring, and ratios within a round."""

import pytest

from lfhpe_mmpose.benchmark.timing import (
    Clock,
    calls_for,
    interleave,
    ratios,
    time_calls,
    time_stream,
)


class TestInterleave:
    """Every task once a round."""

    def test_order(self):
        """A, B, C, and again; none runs twice before the others ran."""
        order, seen = [], []
        tasks = {name: (lambda n=name: order.append(n) or len(order)) for name in 'abc'}
        found = interleave(tasks, 3, lambda number, so_far: seen.append((number, dict(so_far))))
        assert ''.join(order) == 'abcabcabc'
        assert found == dict(a=[1, 4, 7], b=[2, 5, 8], c=[3, 6, 9])
        assert [number for number, _ in seen] == [1, 2, 3]


class TestRatios:
    """A quotient a round."""

    def test_within_rounds(self):
        """A machine that slows down after the first round does not change the ratio."""
        ratio = ratios([1.0, 10.0, 100.0], [2.0, 20.0, 200.0])
        assert ratio == dict(median=0.5, min=0.5, max=0.5)

    def test_spread(self):
        """Median, least and greatest quotient; the quotient of the medians is another one."""
        assert ratios([1.0, 6.0, 3.0], [1.0, 2.0, 6.0]) == dict(median=1.0, min=0.5, max=3.0)

    def test_unfinished(self):
        """Rounds without the reference do not count; without any there is no ratio."""
        assert ratios([2.0, 100.0], [1.0])['max'] == 2.0
        assert ratios([2.0], []) is None


class TestCalls:
    """Calls and their number."""

    def test_number(self):
        """They fill the time, within bounds."""
        assert calls_for(1.0, 0.3) == 4
        assert calls_for(1.0, 5.0, least=3) == 3
        assert calls_for(1.0, 0.0, most=7) == 7

    def test_called(self):
        """As often as asked."""
        calls = []
        assert len(time_calls(lambda: calls.append(0), 3, Clock('cpu'))) == 3
        assert time_stream(lambda: calls.append(0), 4, Clock('cpu')) > 0
        assert len(calls) == 7

    def test_clock(self):
        """Seconds between marks on a CPU."""
        clock = Clock('cpu')
        assert clock.seconds(1.0, 3.5) == pytest.approx(2.5)
        assert clock.seconds(clock.mark(), clock.mark()) >= 0
