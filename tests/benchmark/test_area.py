"""Cost of the necks against the area."""

import pytest

from lfhpe_mmpose.benchmark import area
from lfhpe_mmpose.benchmark.settings import Settings
from tests.refusal import refuses


def test_exponent():
    """Of exact powers."""
    assert area.fit_exponent([1, 2, 4], [3, 6, 12]) == pytest.approx(1)
    assert area.fit_exponent([1, 2, 4], [3, 12, 48]) == pytest.approx(2)


def test_summary():
    """Medians of the rounds are fitted; the larger sizes once more alone."""
    sizes = [(1, 1), (1, 2), (2, 2), (2, 4)]
    found = {('ours', f'{h}x{w}'): [h * w, 3.0 * h * w, 99.0 * h * w] for h, w in sizes}
    found.update({('plain', f'{h}x{w}'): [max(2.0, (h * w) ** 2 / 2)] * 3 for h, w in sizes})
    result = area.summarise_area(found, sizes)
    assert result['pixels'] == [1, 2, 4, 8]
    assert result['seconds']['ours']['2x2'] == [4, 12.0, 396.0]
    assert result['slope']['ours'] == pytest.approx(1)
    assert result['slope']['plain'] < result['upper_slope']['plain'] == pytest.approx(2)


def test_sweep(ours, monkeypatch):
    """Real necks at two sizes, in turn."""
    turns = []
    timed = area.time_stream

    def note(call, number, clock):
        turns.append(call)
        return timed(call, number, clock)

    monkeypatch.setattr(area, 'time_stream', note)
    said = []
    settings = Settings(rounds=2, seconds=0.001)
    result = area.sweep_area(ours, settings, [(64, 48), (128, 96)], said.append)
    assert len(turns) == 8 and turns[:4] == turns[4:] and len(set(turns)) == 4
    assert (result['model'], result['mode']) == (ours.name, 'float32')
    assert list(result['seconds']) == ['ours', 'plain'] and len(said) == 2
    assert all(len(v) == 2 for sizes in result['seconds'].values() for v in sizes.values())


def test_no_neck(theirs):
    """Nothing to measure."""
    with refuses('option', '--sweep-area'):
        area.sweep_area(theirs, Settings())
