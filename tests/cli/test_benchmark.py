"""``lfhpe benchmark``."""

import json
import sys

import pytest

from lfhpe_mmpose.benchmark import block
from lfhpe_mmpose.benchmark.command import read_settings
from lfhpe_mmpose.cli import benchmark, make_parser
from tests.benchmark.conftest import write_tiny_configs
from tests.tools.conftest import run


@pytest.fixture(scope='module')
def configs(tmp_path_factory) -> tuple[str, str]:
    """Our tiny model and MMPose's."""
    return write_tiny_configs(tmp_path_factory.mktemp('benchmark'))


def quick(configs, *more) -> list:
    """A small run of the two models, without the processes that measure memory."""
    measures = ['--measures', 'latency', 'throughput', 'training']
    size = ['--input-size', '64x48', '--threads', 1]
    return ['--quick', *size, *measures, '--out', 'out/b', '--models', *configs, *more]


class TestRun:
    """A whole run."""

    def test_files(self, lfhpe, configs, tmp_path, monkeypatch):
        """Figures, tables and plots; the table is also on the screen, progress is apart."""
        monkeypatch.setattr(sys, 'argv', ['lfhpe', 'benchmark', '--quick'])
        done = lfhpe('benchmark', *quick(configs, '--sweep-area'))
        assert done.status == 0, done.err
        text, progress = done.out, done.err
        names = ['b.json', 'b.md', 'b.svg', 'b_area.svg']
        assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == names
        results = json.loads((tmp_path / 'out' / 'b.json').read_text())
        assert results['complete'] and results['settings']['reference'] == configs[0]
        assert results['machine']['command'] == 'lfhpe benchmark --quick'
        assert results['machine']['threads'] == results['settings']['threads'] == 1
        block = results['blocks'][0]
        assert block['mode'] == 'float32' and block['rounds'] == 2 and not block['skipped']
        assert set(block['throughput']) == {'1', '2'}
        assert results['area']['slope']
        assert (tmp_path / 'out' / 'b.md').read_text() in text
        assert 'round 2/2' in progress and 'round 2/2' not in text

    def test_interrupted(self, lfhpe, configs, tmp_path, monkeypatch):
        """Ctrl-C in the second mode keeps the first, and says that it is not all."""
        real = block.Block.run

        def interrupt(self, after_round):
            if self.mode.channels_last:
                raise KeyboardInterrupt
            return real(self, after_round)

        monkeypatch.setattr(block.Block, 'run', interrupt)
        modes = ['--modes', 'float32', 'float32,channels-last']
        done = lfhpe('benchmark', *quick(configs, *modes))
        assert done.status == 130 and 'Not finished' in done.out
        results = json.loads((tmp_path / 'out' / 'b.json').read_text())
        assert not results['complete']
        assert [b['rounds'] for b in results['blocks']] == [2, 0]
        assert 'Not finished' in (tmp_path / 'out' / 'b.md').read_text()


class TestGpuScript:
    """tools/benchmark_gpu.sh, with a stub in the place of Python."""

    def test_arguments(self, tmp_path):
        """Its command line is understood; variables and arguments change it."""
        stub = tmp_path / 'stub'
        stub.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        stub.chmod(0o755)
        words = run('benchmark_gpu.sh', cwd=tmp_path, PYTHON=str(stub))
        settings, args = read(*words.stdout.splitlines()[1:])
        assert settings.device == 'cuda' and settings.models[0] == 'ours'
        names = {mode.name for mode in settings.modes}
        assert {'float32', 'bf16', 'fp16', 'bf16,channels-last,compile'} < names
        assert settings.batch_sizes[-1] == 256 and args.out == 'docs/benchmark/gpu'
        assert args.sweep_area and not args.quick

        words = run('benchmark_gpu.sh', '--threads', '1', cwd=tmp_path, PYTHON=str(stub),
                    DEVICE='cpu', QUICK='1', MODELS='a b', MODES='bf16', ROUNDS='3')  # fmt: skip
        settings, args = read(*words.stdout.splitlines()[1:])
        assert settings.device == 'cpu' and settings.models == ['a', 'b']
        assert args.quick and settings.rounds == 3 and settings.threads == 1
        assert [m.name for m in settings.modes] == ['bf16']

    def test_help(self, tmp_path):
        """Its head."""
        assert 'QUICK=1' in run('benchmark_gpu.sh', '--help', cwd=tmp_path).stdout


def read(*arguments):
    """Settings and arguments of a command line."""
    args = make_parser('benchmark', benchmark).parse_args(arguments)
    return read_settings(args), args


class TestSettings:
    """What the command line means."""

    def test_defaults(self):
        """Ours and its peers, against MMPose's ResNet-50."""
        settings, _ = read()
        assert {'ours', 'ours+plain', 'vitpose-b'} < set(settings.models)
        assert settings.reference == 'td-hm_res50' and settings.rounds == 5
        assert [m.name for m in settings.modes] == ['float32']

    def test_flags(self):
        """Flags go with each precision; the input size has the height first."""
        settings, _ = read('--precision', 'float32', 'bf16', '--channels-last',
                             '--fuse-bn', '--compile', '--input-size', '256x192')  # fmt: skip
        assert [m.name for m in settings.modes] == [
            'float32,channels-last,fuse-bn,compile', 'bf16,channels-last,fuse-bn,compile'
        ]  # fmt: skip
        assert settings.input_size == (192, 256)

    def test_quick(self):
        """Small, where nothing else is said."""
        settings, _ = read('--quick', '--rounds', '7')
        assert settings.rounds == 7 and settings.input_size == (64, 64)


class TestMistakes:
    """Status 2 and a message alone."""

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (['--models', 'td-hm_res5'], "Did you mean 'td-hm_res50"),
            (['--models', 'ours', '--reference', 'nobody'], '--reference: nobody'),
            (['--modes', 'int8'], 'int8'),
            (['--modes', 'bf16', '--compile'], '--modes: '),
            (['--input-size', '256'], '--input-size: '),
        ],
    )
    def test_arguments(self, lfhpe, arguments, message, tmp_path):
        """Named, before anything is measured or written."""
        done = lfhpe('benchmark', *arguments)
        assert done.status == 2 and message in done.err
        assert not any(tmp_path.iterdir())
