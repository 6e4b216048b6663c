"""`files.writing`: files are whole, temporary names are private, locks name their holder."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from lfhpe_mmpose.files import writing
from lfhpe_mmpose.files.writing import (
    lock_file,
    lock_folder,
    write_bytes,
    write_json,
    write_text,
    write_together,
    write_whole,
)
from tests.refusal import refuses


def names(folder):
    """All names in a folder, hidden ones included."""
    return sorted(os.listdir(folder))


class TestWriteWhole:
    """`write_whole` and its shortcuts."""

    def test_written(self, tmp_path):
        """The folder is made, nothing else is left, and the mode is that of a new file."""
        path = tmp_path / 'a' / 'b.txt'
        for text in ('one', 'two'):
            write_text(path, text)
            assert path.read_text() == text
        (tmp_path / 'usual').touch()
        assert path.stat().st_mode == (tmp_path / 'usual').stat().st_mode
        assert names(path.parent) == ['b.txt']
        write_bytes(path, b'three')
        assert path.read_bytes() == b'three'
        write_json(path, ['ä', 1], ensure_ascii=False)
        assert path.read_bytes() == '["ä", 1]\n'.encode()

    @pytest.mark.parametrize('stop', [KeyboardInterrupt, ValueError, MemoryError])
    def test_interrupted(self, tmp_path, stop):
        """The old file stays and the new one goes."""
        path = tmp_path / 'a.txt'
        path.write_text('old')
        with pytest.raises(stop), write_whole(path) as part:
            part.write_text('ne')
            raise stop
        assert path.read_text() == 'old'
        assert names(tmp_path) == ['a.txt']

    def test_name_is_private(self, tmp_path):
        """Two writers never share a name, and a file or link that is there is not used."""
        path = tmp_path / 'a.png'
        with write_whole(path) as one, write_whole(path) as other:
            assert one != other and one.suffix == other.suffix == '.png'
            assert one.name.startswith('.')
            one.write_text('one')
            other.write_text('other')
        assert path.read_text() == 'one'

    def test_a_planted_link_is_not_followed(self, tmp_path, monkeypatch):
        """Even if its name could be guessed."""
        victim = tmp_path / 'victim'
        victim.write_text('mine')
        tokens = iter(['guessed', 'other'])
        monkeypatch.setattr(writing.secrets, 'token_hex', lambda n: next(tokens))
        (tmp_path / '.a.guessed.part.txt').symlink_to(victim)
        write_text(tmp_path / 'a.txt', 'new')
        assert victim.read_text() == 'mine'
        assert (tmp_path / 'a.txt').read_text() == 'new'

    def test_long_name(self, tmp_path):
        """As long as a name may be."""
        for path in (tmp_path / ('x' * 251 + '.txt'), tmp_path / ('a.' + 'x' * 253)):
            write_text(path, 'text')
            assert path.read_text() == 'text'

    def test_flushed_before_it_is_renamed(self, tmp_path, monkeypatch):
        """Otherwise a power cut leaves an empty file under the name."""
        order = []
        fsync, replace = os.fsync, os.replace
        monkeypatch.setattr(os, 'fsync', lambda h: (order.append('flush'), fsync(h))[1])
        monkeypatch.setattr(os, 'replace', lambda a, b: (order.append('name'), replace(a, b))[1])
        write_text(tmp_path / 'a', 'text')
        assert order == ['flush', 'name', 'flush']

    def test_not_writable(self, tmp_path):
        """A folder in the way, a file as a folder, a name that is too long."""
        (tmp_path / 'file').touch()
        for path in (tmp_path, tmp_path / 'file' / 'a', tmp_path / ('x' * 300)):
            with refuses('not-writable', path):
                write_text(path, 'text')
        assert names(tmp_path) == ['file']

    @pytest.mark.parametrize('number', [errno.ENOSPC, errno.EROFS, errno.EACCES])
    @pytest.mark.parametrize('call', ['open', 'write', 'fsync', 'replace'])
    def test_errors_of_the_system(self, tmp_path, monkeypatch, call, number):
        """A full disk and a read-only one, at each step."""
        path = tmp_path / 'a.txt'
        path.write_text('old')

        def fail(*_, **__):
            raise OSError(number, os.strerror(number))

        code = {errno.ENOSPC: 'disk-full', errno.EACCES: 'permission'}.get(number, 'not-writable')
        with refuses(code, path), write_whole(path) as part:
            part.write_text('new')
            if call == 'write':
                fail()
            monkeypatch.setattr(os, call, fail)
        monkeypatch.undo()
        assert path.read_text() == 'old'
        assert names(tmp_path) == ['a.txt']

    def test_errors_of_other_files_stay(self, tmp_path):
        """A source that cannot be read is not a result that cannot be written."""
        with pytest.raises(FileNotFoundError), write_whole(tmp_path / 'a'):
            (tmp_path / 'source').read_text()
        assert names(tmp_path) == []

    def test_devices_are_written_to(self):
        """They are not replaced by a file."""
        write_text('/dev/null', 'text')
        assert not os.path.isfile('/dev/null')


class TestWriteTogether:
    """`write_together`."""

    def test_all_or_none(self, tmp_path):
        """An error in the second leaves the first as it was."""
        paths = [tmp_path / 'a', tmp_path / 'b']
        with write_together(paths) as parts:
            for part in parts:
                part.write_text('old')
        with pytest.raises(KeyError), write_together(paths) as parts:
            parts[0].write_text('new')
            raise KeyError
        with refuses('not-writable'), write_together([paths[0], tmp_path]) as parts:
            parts[0].write_text('new')
        assert [path.read_text() for path in paths] == ['old', 'old']
        assert names(tmp_path) == ['a', 'b']


HOLD = """
import sys, time
from lfhpe_mmpose.files import writing
with getattr(writing, sys.argv[1])(sys.argv[2]):
    print('held', flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds a lock on `out` or `out.json`."""
    started = []

    def start(lock, path):
        command = [sys.executable, '-c', HOLD, lock.__name__, path]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        started.append(child)
        assert child.stdout.readline() == b'held\n'
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.mark.parametrize('lock', [lock_file, lock_folder])
class TestLock:
    """`lock_file` and `lock_folder`."""

    def test_second_process(self, tmp_path, holder, lock):
        """It is refused with the number of the first; a killed one holds nothing."""
        path = tmp_path / 'new' / 'out'
        child = holder(lock, path)
        with refuses('locked', path) as error, lock(path):
            pass
        assert str(child.pid) in error.value.fault
        child.send_signal(signal.SIGKILL)
        child.wait()
        with lock(path):
            pass
        assert names(path.parent) == (['out'] if lock is lock_folder else [])
        assert lock is lock_file or names(path) == []

    def test_failed_run_leaves_no_empty_folder(self, tmp_path, lock):
        """A folder that was made for the lock goes unless something was written to it."""
        with pytest.raises(KeyError), lock(tmp_path / 'out'):
            raise KeyError
        assert names(tmp_path) == []
        with lock_folder(tmp_path / 'out'):
            (tmp_path / 'out' / 'file').touch()
        assert names(tmp_path / 'out') == ['file']

    def test_same_process(self, tmp_path, lock):
        """A second lock of one process is refused as well, and the first one stays."""
        with lock(tmp_path / 'out'):
            for _ in range(2):
                with refuses('locked', 'out'), lock(tmp_path / 'out'):
                    pass

    def test_forked_child(self, tmp_path, lock):
        """A child that outlives its parent, such as a loader's worker, does not keep the lock."""
        ready, say = os.pipe()
        with lock(tmp_path / 'out'):
            child = os.fork()
            if not child:
                os.write(say, b'.')
                time.sleep(60)
                os._exit(0)
            os.read(ready, 1)
            # As after `kill -9` the file stays.
            (name,) = tmp_path.rglob('*.lock')
            name.rename(tmp_path / 'moved')
        try:
            name.parent.mkdir(exist_ok=True)
            (tmp_path / 'moved').rename(name)
            with lock(tmp_path / 'out'):
                pass
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def test_planted_link(self, tmp_path, lock):
        """The lock is not written through a link."""
        victim = tmp_path / 'victim'
        victim.write_text('mine')
        (tmp_path / 'out').mkdir()
        for name in ('.out.lock', 'out/.lock'):
            (tmp_path / name).symlink_to(victim)
        with refuses('not-writable', 'out'), lock(tmp_path / 'out'):
            pass
        assert victim.read_text() == 'mine'


WRITE = """
import sys
from lfhpe_mmpose.files.writing import write_json
while True:
    write_json(sys.argv[1], [sys.argv[2]] * 20_000)
"""


def test_two_writers_and_a_reader(tmp_path):
    """With two at work the file is always one of the two, whole; a kill leaves it whole."""
    path = tmp_path / 'a.json'
    write_json(path, ['x'] * 20_000)
    children = [subprocess.Popen([sys.executable, '-c', WRITE, path, word]) for word in ('a', 'b')]
    try:
        seen = set()
        end = time.monotonic() + 60
        while len(seen) < 3 or time.monotonic() < end - 55:
            content = json.loads(path.read_text())
            assert len(content) == 20_000 and len(set(content)) == 1
            seen.add(content[0])
            assert time.monotonic() < end
    finally:
        for child in children:
            child.kill()
            child.wait()
    assert len(set(json.loads(path.read_text()))) == 1
