"""The ``lfhpe`` command itself: its list, its start, its mistakes."""

import argparse
import os
import subprocess
import sys

import pytest

from lfhpe_mmpose.cli import COMMANDS, GROUPS, overview, plan
from lfhpe_mmpose.tags.views import ASKED_VIEWS
from lfhpe_mmpose.version import __version__
from tests.conftest import ROOT

# At most this much before a command that needs no network does its work.
CPU_SECONDS = 1.0


def cpu_seconds(*words: str, **env: str) -> tuple[float, str]:
    """CPU time and output of ``python -m lfhpe_mmpose WORDS`` in a process of its own."""
    before = os.times()
    done = subprocess.run(
        [sys.executable, '-m', 'lfhpe_mmpose', *words],
        capture_output=True,
        text=True,
        env={**os.environ, 'PYTHONPATH': str(ROOT), **env},
        check=False,
    )
    after = os.times()
    seconds = after.children_user + after.children_system
    return seconds - before.children_user - before.children_system, done.stdout + done.stderr


class TestHelp:
    """What there is, and how long it takes to say so."""

    def test_overview(self, lfhpe):
        """Every command with its first line, in its group."""
        text = lfhpe('--help').out
        assert text == lfhpe().out == f'{overview()}\n'
        for group, names in GROUPS.items():
            part = text.partition(f'\n{group}:\n')[2].partition('\n\n')[0].splitlines()
            assert [line.split()[0] for line in part] == list(names)
            assert all(len(line.split()) > 3 for line in part)

    @pytest.mark.parametrize('name', COMMANDS)
    def test_command(self, lfhpe, name):
        """The name, the text of the module, the options."""
        done = lfhpe(name, '--help')
        assert done.status == 0 and f'usage: lfhpe {name} ' in done.out

    def test_no_torch_for_help(self):
        """No help of any command imports a large package."""
        code = (
            'import contextlib, io, sys\n'
            'from lfhpe_mmpose.cli import COMMANDS, main\n'
            'for name in COMMANDS:\n'
            '    silent = contextlib.redirect_stdout(io.StringIO())\n'
            '    with contextlib.suppress(SystemExit), silent:\n'
            '        main([name, "--help"])\n'
            'print({"torch", "mmengine", "numpy", "pandas", "cv2"} & set(sys.modules))'
        )
        env = {**os.environ, 'PYTHONPATH': str(ROOT)}
        done = subprocess.run(
            [sys.executable, '-c', code], capture_output=True, text=True, env=env, check=True
        )
        assert done.stdout.strip() == 'set()'

    def test_views_of_a_plan(self):
        """The default of --views is that of the package."""
        parser = argparse.ArgumentParser()
        plan.add_arguments(parser)
        assert parser.parse_args(['photos', '--out', 'x']).views == ASKED_VIEWS

    def test_start(self):
        """``python -m`` works, and starts at once."""
        seconds, text = cpu_seconds('check', '--help')
        assert 'usage: lfhpe check' in text
        assert seconds < CPU_SECONDS

    def test_version(self, lfhpe):
        """As pip knows it."""
        assert lfhpe('--version').out == f'lfhpe_mmpose {__version__}\n'


class TestMistake:
    """Status 2 and a message."""

    def test_unknown_command(self, lfhpe):
        """With the nearest name."""
        done = lfhpe('chekc', 'tags.json')
        assert done.status == 2 and "Did you mean 'check'?" in done.err
        assert '[command]' in done.err

    def test_unknown_option(self, lfhpe):
        """With the usage of this command."""
        done = lfhpe('check', 'tags.json', '--imges', 'x')
        assert done.status == 2 and 'usage: lfhpe check' in done.err and '--imges' in done.err

    @pytest.mark.parametrize('words', [('train', 'c'), ('browse', 'c'), ('list-located', 'c')])
    def test_cfg_options(self, lfhpe, words):
        """A change without ``=`` is a mistake of the command line."""
        done = lfhpe(*words, '--cfg-options', 'batch_size')
        assert done.status == 2 and 'key=value' in done.err


@pytest.mark.parametrize(
    ('line', 'wanted'),
    [
        ('lfhpe pre', {'predict', 'prepare'}),
        ('lfhpe stats --j', {'--json'}),
        ('lfhpe check --occluded ', {'positive', 'negative', 'unknown'}),
    ],
)
def test_completion(tmp_path, line, wanted):
    """The shell gets commands, then the options and choices of one."""
    pytest.importorskip('argcomplete')
    answer = tmp_path / 'answer'
    cpu_seconds(
        _ARGCOMPLETE='1',
        _ARGCOMPLETE_IFS=' ',
        _ARGCOMPLETE_STDOUT_FILENAME=str(answer),
        COMP_LINE=line,
        COMP_POINT=str(len(line)),
    )
    assert set(answer.read_text().split()) == wanted
