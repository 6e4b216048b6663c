"""Tables and plots."""

import numpy as np
import pandas as pd
import pytest

from lfhpe_mmpose.benchmark.machine import describe_machine, machine_sentence
from lfhpe_mmpose.benchmark.plots import write_plots
from lfhpe_mmpose.benchmark.report import markdown, report, summarise_block


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
    )  # fmt: skip
    return dict(block, **changes)


def make_results(**changes) -> dict:
    """Results of a run of two models, and one that was skipped."""
    model = dict(config='c', input_size=[192, 256], skipped='', parameters=2_000_000,
                 flops=3_000_000_000, attention_flops=0, uncounted=['foo'],
                 left_out_steps=['Albumentation'])  # fmt: skip
    results = dict(
        complete=True,
        machine=describe_machine('cpu', ['--quick']),
        settings=dict(reference='ref', train_batch_size=4),
        models=dict(ref=model, new=model, vit=dict(config='v', skipped='needs mmpretrain')),
        blocks=[make_block()],
        area=dict(
            model='new',
            mode='float32',
            sizes=['64x48', '128x96'],
            pixels=[3072, 12288],
            seconds=dict(ours={'64x48': [0.001], '128x96': [0.004]}),
            slope=dict(ours=1.0),
            upper_slope=dict(ours=1.0),
        ),
    )
    return dict(results, **changes)


class TestSummary:
    """From rounds to rows."""

    def test_rows(self):
        """Percentiles over all calls, ratios within rounds, each at its own best batch."""
        new, ref = (summarise_block(make_block(), 'ref').loc[name] for name in ('new', 'ref'))
        assert (new['p50, ms'], new['p95, ms']) == (pytest.approx(300), pytest.approx(500))
        assert new['ratio'] == pytest.approx(dict(median=3.0, min=2.0, max=4.0))
        assert (new['best batch'], ref['best batch']) == ('8', '1')
        assert new['best images/s'] == pytest.approx(11.5)
        assert new['ratio at best'] == pytest.approx(dict(median=5.0, min=4.0, max=6.0))
        assert new['step ratio'] == pytest.approx(dict(median=1.5, min=1.0, max=2.0))
        assert new['step, ms'] == pytest.approx(750)
        assert new['neck in forward'] == pytest.approx(0.3)
        assert new['neck + head'] == pytest.approx((0.15 + 0.1 + 0.02) / 0.75)
        assert np.isnan(ref['neck in forward']) and np.isnan(ref['neck + head'])

    def test_missing(self):
        """Without the reference there are no ratios, without a measure no columns."""
        rows = summarise_block(make_block(training={}), 'other')
        assert rows['ratio'].isna().all() and rows['ratio at best'].isna().all()
        assert 'step, ms' not in rows and rows['p50, ms'].notna().all()


class TestReport:
    """Markdown."""

    def test_whole(self):
        """Every table, with its figures."""
        text = report(make_results())
        lines = [' '.join(line.replace('|', ' ').split()) for line in text.splitlines()]
        assert 'new c 256x192 2.00 3.00 0.00' in lines
        assert 'vit v skipped: needs mmpretrain - - -' in lines
        assert 'new 300.0 500.0 3.00 (2.00..4.00) 11.5 8 5.00 (4.00..6.00) 10.0 20.0' in lines
        assert 'new 5.5 11.5' in lines
        assert 'new 750.0 1.50 (1.00..2.00) 13% 67% 13% 7% 50% 30% 20% 36%' in lines
        assert 'ref 1000.0 1.00 (1.00..1.00) 10% 30% 40% 20% - - - -' in lines
        assert '64x48 1.00' in lines
        assert '`new`: not counted: foo.' in text and 'without Albumentation' in text
        assert 'Not finished' not in text

    def test_unfinished(self):
        """What is there is shown, and that it is not all."""
        results = make_results(complete=False, blocks=[make_block(training={}, rounds=1)])
        del results['area']
        text = report(results)
        assert 'Not finished' in text and 'Training step' not in text and '1 rounds' in text
        assert report(make_results(models={}, blocks=[]))

    def test_skipped(self):
        """Reasons."""
        block = make_block(skipped=dict(new=dict(training='no GPU')))
        assert '- `new`, training: skipped: no GPU' in report(make_results(blocks=[block]))

    def test_columns_line_up(self):
        """On a screen too, the first column to the left, others to the right."""
        lines = markdown(pd.DataFrame({'long': ['1', '22']}, index=['name', 'n']))
        assert lines == [
            '| model   |   long |',
            '|:--------|-------:|',
            '| name    |      1 |',
            '| n       |     22 |',
            '',
        ]


class TestMachine:
    """What figures belong to."""

    def test_fields(self):
        """Versions and the command."""
        machine = describe_machine('cpu', ['--out', 'a b'])
        assert machine['command'] == "lfhpe benchmark --out 'a b'"
        assert machine['threads'] >= 1 and machine['torch'] and machine['cpu']
        assert 'gpu' not in machine
        assert machine['torch'] in machine_sentence(machine)

    def test_gpu(self):
        """A GPU comes first."""
        machine = describe_machine('cpu', [])
        machine.update(gpu='GPU 9', gpu_memory_gib=80.0, cuda='13.0')
        assert machine_sentence(machine).startswith('GPU 9 (80.0 GiB), CUDA 13.0; ')


class TestPlots:
    """SVG."""

    def test_same_bytes(self, tmp_path):
        """The same results give the same bytes, and no date."""
        names = write_plots(make_results(), tmp_path / 'a')
        assert [path.name for path in names] == ['a.svg', 'a_area.svg']
        write_plots(make_results(), tmp_path / 'b')
        for name in ('', '_area'):
            first, second = (tmp_path / f'{x}{name}.svg' for x in 'ab')
            assert first.read_bytes() == second.read_bytes()
            assert b'dc:date' not in first.read_bytes()

    def test_nothing(self, tmp_path):
        """No picture of nothing."""
        results = make_results(blocks=[make_block(rounds=0)])
        del results['area']
        assert write_plots(results, tmp_path / 'a') == []
