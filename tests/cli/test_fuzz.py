"""Damaged files and odd values in every command: a message and a status, never a traceback."""

import os
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

from lfhpe_mmpose.cli import COMMANDS, _module, make_parser

from .calling import status_of
from .calls import CALLS, files_of, words_of, write_inputs

# Whose options are tried one by one as well: those that end soon.
LIGHT = [
    *('plan', 'import table', 'import coco', 'check', 'stats', 'split', 'merge', 'subset'),
    *('metainfo', 'export-labels', 'new-config', 'publish', 'models', 'study'),
]
DAMAGE = {
    'missing': None,
    'empty': b'',
    'text': b'hello\n',
    'binary': bytes(range(256)) * 8,
    'not UTF-8': b'{"images": ["\xff\xfe"]}',
    'list': b'[1, null, {}]',
    'numbers': b'{"images": 1e400, "annotations": -1, "categories": {"id": 1e30}}',
    'nested': b'{"images": [{"id": {}, "file_name": 7, "width": false}], "annotations": [[]], '
    b'"categories": [{"id": 1, "keypoints": [1, 2], "skeleton": [1, 2]}]}',
}
VALUES = ['', '-1', '0', 'nan', os.fsdecode(b'\xff'), '.', 'x' * 300, 'none.json', 'a=b', ',']


@pytest.fixture(scope='module')
def inputs(tmp_path_factory, people, trained) -> Path:
    """A folder with everything that the calls read."""
    folder = tmp_path_factory.mktemp('inputs')
    write_inputs(folder, people, trained[1])
    return folder


@contextmanager
def at_most(seconds: int):
    """Fail instead of hanging."""

    def stop(*_):
        raise TimeoutError(f'no end after {seconds} s')

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def folder(inputs, tmp_path, monkeypatch) -> Path:
    """A copy of the inputs, as the working directory."""
    work = tmp_path / 'work'
    shutil.copytree(inputs, work, symlinks=True)
    monkeypatch.chdir(work)
    return work


def test_every_command_has_a_call():
    """But for those that need minutes."""
    minutes = {'demo', 'benchmark', 'measure-predict', 'export', 'loop'}
    assert {call.split()[0] for call in CALLS.values()} == {*COMMANDS} - minutes


@pytest.mark.parametrize('name', [n for n in CALLS if n not in ('prepare', 'train')])
def test_the_calls_work(folder, name):
    """What is damaged below is what makes the difference."""
    if name == 'import label-studio':
        pytest.skip('the exported tasks hold no answers')
    with at_most(120):
        assert status_of(*words_of(CALLS[name])) == 0


@pytest.mark.parametrize('name', CALLS)
def test_damaged_files(folder, name, capfd):
    """One file after the other is damaged in each way."""
    call = CALLS[name]
    for file in files_of(call):
        path = folder / file
        whole = folder / 'whole'
        for kind, content in DAMAGE.items():
            shutil.move(path, whole)
            if content is not None:
                path.write_bytes(content)
            with at_most(120):
                status = status_of(*words_of(call))
            assert status in (0, 1, 2), (file, kind)
            err = capfd.readouterr().err
            assert 'Traceback' not in err, (file, kind, err)
            assert status or err or kind in ('empty', 'text', 'list'), (file, kind)
            if path.exists():
                path.unlink() if path.is_file() else shutil.rmtree(path)
            shutil.move(whole, path)
        assert not list(folder.rglob('*.part*')), file


@pytest.mark.parametrize('name', LIGHT)
def test_odd_values(folder, name, capfd):
    """Each option gets each odd value, and each argument."""
    command, *rest = words_of(CALLS[name])
    parser = make_parser(command, _module(command))
    options = [
        a.option_strings[-1]
        for a in parser._actions
        if a.option_strings and a.nargs != 0 and a.dest not in ('help', 'device')
    ]
    calls = [[*rest, f'{option}={value}'] for option in options for value in VALUES]
    places = [i for i, word in enumerate(rest) if not word.startswith('--')]
    calls += [[*rest[:i], value, *rest[i + 1 :]] for i in places for value in VALUES]
    for words in calls:
        with at_most(120):
            status = status_of(command, *words)
        err = capfd.readouterr().err
        assert status in (0, 1, 2) and 'Traceback' not in err, (words, err)
        for made in ('my', 'round2', 'parts'):
            shutil.rmtree(folder / made, ignore_errors=True)
