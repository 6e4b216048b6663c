"""From rounds to rows."""

import numpy as np
import pytest

from lfhpe_mmpose.benchmark.summary import best_batch, summarise_block


def make_block(**changes) -> dict:
    """Two rounds of two models; the machine is ten times as slow in the second."""
    block = dict(
        mode='float32',
        rounds=2,
        skipped={},
        latency=dict(ref=[[0.2, 0.2, 0.2], [2.0, 2.0, 2.0]], new=[[0.1] * 3, [0.5] * 3]),
        throughput={
            '1': dict(ref=[5.0, 0.5], new=[10.0, 1.0]),
            '8': dict(ref=[4.0, 0.4], new=[20.0, 3.0]),
        },
        training={
            'ref': [dict(data=0.1, forward=0.3, backward=0.4, optimizer=0.2, step=1.0)] * 2,
            'new': [
                dict(data=0.1, forward=0.2, backward=0.1, optimizer=0.1, step=0.5,
                     forward_backbone=0.1, forward_neck=0.06, forward_head=0.04,
                     backward_backbone=0.08, backward_neck=0.01, backward_head=0.01),
                dict(data=0.1, forward=0.8, backward=0.1, optimizer=0.0, step=1.0,
                     forward_backbone=0.4, forward_neck=0.24, forward_head=0.16,
                     backward_backbone=0.08, backward_neck=0.01, backward_head=0.01),
            ],
        },
        memory=dict(new=dict(inference=10.0, training=20.0)),
        parameter_share={n: dict(backbone=1.0, neck=0.0, head=0.0) for n in ('ref', 'new')},
        compile={},
    )  # fmt: skip
    return dict(block, **changes)


def test_rows():
    """Percentiles over all calls, ratios within rounds, each at its own best batch."""
    rows = summarise_block(make_block(), 'ref')
    new = rows['new']
    assert new.p50_ms == pytest.approx(300) and new.p95_ms == pytest.approx(500)
    assert new.latency_ratio == pytest.approx(dict(median=3.0, min=2.0, max=4.0))
    assert (new.best_batch, rows['ref'].best_batch) == ('8', '1')
    assert new.best == pytest.approx(11.5)
    assert new.best_ratio == pytest.approx(dict(median=5.0, min=4.0, max=6.0))
    assert new.step_ratio == pytest.approx(dict(median=1.5, min=1.0, max=2.0))
    assert new.parts['step'] == pytest.approx(0.75)
    assert new.forward_share('neck') == pytest.approx(0.3)
    assert rows['ref'].forward_share('neck') is None and rows['ref'].neck_head is None
    assert new.neck_head == pytest.approx((0.15 + 0.1 + 0.02) / 0.75)


def test_missing():
    """Without the reference there are no ratios; what was not measured is None."""
    rows = summarise_block(make_block(training={}), 'other')
    assert rows['new'].latency_ratio is None and rows['new'].best_ratio is None
    assert rows['new'].parts is None and rows['new'].p50_ms is not None
    assert best_batch({}, 'new') is None
    assert np.isfinite(rows['ref'].best)
