"""Tables and plots."""

from lfhpe_mmpose.benchmark.machine import describe_machine, machine_sentence
from lfhpe_mmpose.benchmark.plots import write_plots
from lfhpe_mmpose.benchmark.report import report, table

from .test_summary import make_block


def make_results(**changes) -> dict:
    """Results of a run of two models, and one that was skipped."""
    model = dict(config='c', input_size=[192, 256], skipped='', parameters=2_000_000,
                 flops=3_000_000_000, attention_flops=0, uncounted=['foo'],
                 left_out_steps=['Albumentation'])  # fmt: skip
    results = dict(
        complete=True,
        machine=describe_machine('cpu', ['/some/where/tools/benchmark.py', '--quick']),
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
        loaders=[
            dict(name='plain', workers=0, samples_per_second=[10.0, 1.0]),
            dict(name='cache', workers=0, samples_per_second=[30.0, 3.0]),
        ],
        peak=dict(float32=72e9),
    )
    return dict(results, **changes)


class TestReport:
    """Markdown."""

    def test_whole(self):
        """Every table, with its figures."""
        text = report(make_results())
        lines = [' '.join(line.replace('|', ' ').split()) for line in text.splitlines()]
        assert 'new c 256x192 2.00 3.00 0.00' in lines
        assert 'vit v skipped: needs mmpretrain' in lines
        assert 'new 300.0 500.0 3.00 (2.00..4.00) 11.5 (8) 5.00 (4.00..6.00) 10 20' in lines
        assert 'new 5.5 11.5' in lines
        # 3 forward passes of 3 G for 4 persons in 0.75 s are 48 G a second, of 72 G.
        assert 'new 750.0 1.50 (1.00..2.00) 13% 67% 13% 7% 50% 30% 20% 36% 67%' in lines
        assert '64x48 1.00' in lines and 'cache 0 16.5 3.00 (3.00..3.00)' in lines
        assert 'float32 0.144' in lines
        assert '`new`: not counted: foo.' in text and 'without Albumentation' in text
        assert 'Not finished' not in text

    def test_unfinished(self):
        """What is there is shown, and that it is not all."""
        results = make_results(complete=False, blocks=[make_block(training={}, rounds=1)])
        for key in ('area', 'loaders', 'peak'):
            del results[key]
        text = report(results)
        assert 'Not finished' in text and 'Training step' not in text and '1 rounds' in text
        assert report(make_results(models={}, blocks=[]))

    def test_skipped_and_compiled(self):
        """Reasons, and what compilation took."""
        found = dict(warm_up_seconds=3.0, graphs=2, graph_breaks=1, reasons=['numpy'])
        block = make_block(skipped=dict(new=dict(training='no GPU')), compile=dict(ref=found),
                           recompiled_in_rounds=7)  # fmt: skip
        text = report(make_results(blocks=[block]))
        assert '- `new`, training: skipped: no GPU' in text
        assert 'Compiled again after the warm-up: 7 graphs' in text

    def test_table(self):
        """Columns line up."""
        lines = table(['a', 'long'], [['name', '1'], ['n', '22']])
        assert lines == [
            '| a    | long |', '| ---- | ---: |', '| name |    1 |', '| n    |   22 |', ''
        ]  # fmt: skip


class TestMachine:
    """What figures belong to."""

    def test_fields(self):
        """Versions and the command, without this machine's paths."""
        machine = describe_machine('cpu', ['/some/where/tools/benchmark.py', '--out', 'a b'])
        assert machine['command'] == "python tools/benchmark.py --out 'a b'"
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
