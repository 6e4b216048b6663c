"""Tests of the set-up: what it refuses, with which words, and that it then leaves no trace."""

import fcntl
import importlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / 'tools'))
setup_checks = importlib.import_module('setup_checks')
setup_env = importlib.import_module('setup_env')
setup_run = importlib.import_module('setup_run')

# Interpreters of the tests run the real probe, after one fact was changed.
OTHER_VERSION = 'import sys; sys.version_info = (3, 13, 0)'
NO_HEADERS = (
    'import sysconfig; real = sysconfig.get_paths; '
    'sysconfig.get_paths = lambda *names: dict(real(*names), include="/nowhere/include")'
)
NO_VENV = 'import sys; sys.modules["ensurepip"] = None'


def fake_python(path: Path, change: str) -> Path:
    """Writes an interpreter that is this one, apart from `change`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c \'{change}\nimport sys; exec(sys.argv[2])\' "$@"\n'
    )
    path.chmod(0o755)
    return path


def listing(folder: Path) -> list[str]:
    """All that lies in a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob('*'))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with what the set-up needs, and nothing set up."""
    root = tmp_path / 'repo'
    (root / 'tools').mkdir(parents=True)
    for name in ('Makefile', 'requirements.txt', 'setup.py', 'pyproject.toml'):
        shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / 'requirements', root / 'requirements')
    for path in (ROOT / 'tools').glob('setup_*.py'):
        shutil.copy(path, root / 'tools')
    return root


def call(root: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    """Runs the set-up of a tree."""
    return subprocess.run(
        [sys.executable, root / 'tools' / 'setup_env.py', *arguments],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def make_ready(root: Path) -> None:
    """Gives a tree an environment that passes for a finished one."""
    (root / '.venv' / 'bin').mkdir(parents=True)
    (root / '.venv' / 'bin' / 'python').symlink_to(sys.executable)
    (root / '.venv' / 'pyvenv.cfg').write_text('version = 3.11.7\n')
    setup = setup_env.SetUp(str(root))
    stamp = {'key': setup.key(), 'python': '3.11.7', 'torch': '2.13.0'}
    Path(setup.stamp).write_text(json.dumps(stamp))


class TestRefusals:
    """Every refusal: status 2, the missing thing, the remedy, and no trace."""

    def refused(self, root: Path, *arguments: str, **env: str) -> str:
        """Runs the set-up, which must refuse, and returns its words."""
        before = listing(root)
        # The check of the disk comes last: should the refusal fail to come, no work begins.
        done = call(root, '--need-gib', '1e9', *arguments, **env)
        assert done.returncode == 2, done.stdout + done.stderr
        assert listing(root) == before
        assert done.stdout == ''
        assert 'Nothing was set up.' in done.stderr
        assert 'Remedy' in done.stderr
        return done.stderr

    def test_wrong_python(self, tree, tmp_path):
        """A named Python of another version is refused by its version."""
        python = fake_python(tmp_path / 'python3.13', OTHER_VERSION)
        said = self.refused(tree, '--python', str(python))
        assert f'{python} is Python 3.13.0' in said
        assert '3.10, 3.11 or 3.12' in said

    def test_python_that_only_exists(self, tree, tmp_path):
        """A stand-in on the PATH that fails when run is passed over, and named."""
        shim = tmp_path / 'bin' / 'python3.11'
        shim.parent.mkdir()
        shim.write_text('#!/bin/sh\necho not installed >&2\nexit 127\n')
        shim.chmod(0o755)
        said = self.refused(tree, PATH=str(shim.parent))
        assert 'python3.11 does not run' in said
        assert 'python3.12 not found' in said
        assert 'apt install python3' in said

    def test_finds_a_python_behind_a_broken_one(self, tmp_path):
        """The search goes on after a Python that fails."""
        broken = tmp_path / 'python3.11'
        broken.write_text('#!/bin/sh\nexit 127\n')
        broken.chmod(0o755)
        fake_python(tmp_path / 'python3', 'pass')
        old, os.environ['PATH'] = os.environ['PATH'], str(tmp_path)
        try:
            assert setup_checks.find_python()['version'] == list(sys.version_info[:3])
        finally:
            os.environ['PATH'] = old

    def test_no_venv_module(self, tree, tmp_path):
        """A Python without venv names the system package that brings it."""
        python = fake_python(tmp_path / 'python', NO_VENV)
        said = self.refused(tree, '--python', str(python))
        assert 'venv and ensurepip are missing' in said
        assert re.search(r'apt install python3\.\d+-venv', said)

    def test_no_headers(self, tree, tmp_path):
        """A Python without its headers is refused before mmcv is tried."""
        python = fake_python(tmp_path / 'python', NO_HEADERS)
        said = self.refused(tree, '--python', str(python))
        assert 'no Python.h in /nowhere/include' in said
        assert re.search(r'apt install python3\.\d+-dev', said)

    def test_no_compiler(self, tree, tmp_path):
        """Without any compiler on the PATH."""
        (tmp_path / 'empty').mkdir()
        said = self.refused(tree, '--python', sys.executable, PATH=str(tmp_path / 'empty'), CXX='')
        assert 'C++ compiler is needed' in said
        assert 'g++ not found' in said
        assert 'apt install g++' in said

    def test_compiler_that_fails(self, tree, tmp_path):
        """A compiler that is there and does not compile."""
        compiler = tmp_path / 'mycxx'
        compiler.write_text('#!/bin/sh\necho license expired\nexit 1\n')
        compiler.chmod(0o755)
        said = self.refused(tree, '--python', sys.executable, CXX=str(compiler))
        assert f'{compiler} fails: license expired' in said

    def test_no_disk(self, tree):
        """Too little space: both numbers are reported."""
        said = self.refused(tree, '--python', sys.executable)
        assert 'needs 1000000000.0 GiB' in said
        assert re.search(r'[\d.]+ GiB are free', said)

    def test_no_space_for_temporary_files(self, tmp_path):
        """The folder of temporary files may be on a smaller disk: the remedy names TMPDIR."""
        import tempfile

        with pytest.raises(setup_checks.RefusalError, match='set TMPDIR'):
            setup_checks.check_disk(tempfile.gettempdir(), 1e9, 'building mmcv')

    def test_environment_of_another_python(self, tree):
        """A `.venv` of an unsuitable Python is left alone."""
        fake_python(tree / '.venv' / 'bin' / 'python', OTHER_VERSION)
        assert 'make clean-venv' in self.refused(tree)

    def test_make_passes_it_on(self, tree):
        """`make test` ends with the refusal as well and runs nothing."""
        before = listing(tree)
        done = subprocess.run(
            ['make', 'test', 'PYTHON=/nowhere/python3.11'],
            cwd=tree,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert '/nowhere/python3.11 not found' in done.stderr
        assert listing(tree) == before

    @pytest.mark.parametrize('version', ['3.6.15', '3.8.18', '3.13.0'])
    def test_other_pythons_can_read_it(self, version):
        """Any Python from 3.6 gets to the message, where such a Python is at hand."""
        python = Path.home() / '.pyenv' / 'versions' / version / 'bin' / 'python'
        if not python.exists():
            pytest.skip(f'no Python {version} here')
        done = subprocess.run(
            [python, '-B', ROOT / 'tools' / 'setup_env.py', '--python', python, '--root', '/'],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert f'is Python {version}' in done.stderr


class TestStamp:
    """The second call, and when the work is due again."""

    def test_second_call_is_immediate(self, tree):
        """`make setup` with a stamp takes less than two seconds, and does no work."""
        make_ready(tree)
        before = listing(tree / '.venv')
        start = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(['make', 'setup'], cwd=tree, capture_output=True, text=True)
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Processor time, as the machine may be busy.
        assert end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime < 2
        assert done.returncode == 0, done.stderr
        assert '.venv is ready: Python 3.11.7, torch 2.13.0' in done.stdout
        assert listing(tree / '.venv') == before

    def test_changed_requirements_count(self, tree):
        """A change of any pinned version makes the set-up due."""
        make_ready(tree)
        assert setup_env.SetUp(str(tree)).ready()
        with open(tree / 'requirements' / 'torch.txt', 'a') as file:
            file.write('# changed\n')
        assert setup_env.SetUp(str(tree)).ready() is None

    def test_moved_repository_counts(self, tree):
        """An environment does not survive being moved: its scripts name the old place."""
        make_ready(tree)
        moved = tree.rename(tree.with_name('moved'))
        assert setup_env.SetUp(str(moved)).ready() is None

    def test_other_torch_index_counts(self, tree):
        """Another index asks for another torch; naming none, or the same, does not."""
        make_ready(tree)
        (tree / '.venv' / 'torch-index').write_text('https://index.example/cpu')
        assert setup_env.SetUp(str(tree)).ready()
        assert setup_env.SetUp(str(tree), 'https://index.example/cpu').ready()
        assert setup_env.SetUp(str(tree), 'https://index.example/cu130').ready() is None

    def test_environment_without_stamp_is_kept(self, tree):
        """An environment made by hand, or an interrupted one, is completed, not made anew."""
        (tree / '.venv' / 'bin').mkdir(parents=True)
        (tree / '.venv' / 'bin' / 'python').symlink_to(sys.executable)
        _, make_venv = setup_env.SetUp(str(tree)).prepare('', 0.0)
        assert make_venv is False

    def test_broken_environment_is_made_anew(self, tree):
        """An environment whose Python is gone."""
        (tree / '.venv' / 'bin').mkdir(parents=True)
        (tree / '.venv' / 'bin' / 'python').symlink_to('/nowhere/python3.11')
        _, make_venv = setup_env.SetUp(str(tree)).prepare(sys.executable, 0.0)
        assert make_venv is True

    def test_two_at_once(self, tree):
        """The second of two calls waits for the first and finds its work done."""
        with open(tree / '.setup.lock', 'w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            second = subprocess.Popen(
                [sys.executable, tree / 'tools' / 'setup_env.py', '--python', sys.executable],
                stdout=subprocess.PIPE,
                text=True,
            )
            line = second.stdout.readline()
            while line and 'Another set-up' not in line:
                line = second.stdout.readline()
            assert 'Another set-up is at work' in line
            make_ready(tree)
        rest, _ = second.communicate(timeout=60)
        assert second.returncode == 0
        assert 'Setting up' not in rest


class TestTorch:
    """Which torch and torchvision are installed."""

    class Recorded(setup_env.SetUp):
        """A set-up that notes what it would install; `loads` torchvisions can be imported."""

        def __init__(self, root, found, loads, index='', python=(3, 11)):
            super().__init__(str(root), index)
            self.found, self.loads, self.running = found, loads, python
            self.installed, self.vision = [], ''

        def ask(self, code):
            """The version of the torch that is there."""
            return self.found

        def succeeds(self, code):
            """Whether torchvision loads, or the version of Python is asked for."""
            return self.running <= (3, 11) if 'sys' in code else self.vision in self.loads

        def step(self, title, command, env=None, expected=''):
            """Removes torch."""
            self.found = '' if 'uninstall' in command else self.found

        def pip(self, title, *arguments, **options):
            """Notes and pretends."""
            self.installed.append(' '.join(arguments))
            for name in arguments:
                if name.startswith('torch=='):
                    self.found = name[7:]
                if name.startswith('torchvision=='):
                    self.vision = name[13:]

    def test_kept(self, tree):
        """A torch in the supported range stays, and gets its own torchvision."""
        (tree / '.venv').mkdir()
        setup = self.Recorded(tree, '2.11.0+cu130', ['0.26.0'])
        setup.install_torch()
        assert setup.installed == ['--no-deps torchvision==0.26.0']

    def test_too_new(self, tree):
        """A torch that mmcv cannot be compiled against is replaced."""
        (tree / '.venv').mkdir()
        setup = self.Recorded(tree, '2.15.0', ['0.28.0'])
        setup.install_torch()
        assert setup.installed == ['torch==2.13.0', '--no-deps torchvision==0.28.0']

    def test_torchvision_of_another_build(self, tree):
        """A torchvision that does not load is replaced by the one that always does."""
        (tree / '.venv').mkdir()
        setup = self.Recorded(tree, '2.13.0+cpu', ['0.16.2'])
        setup.install_torch()
        assert setup.installed[-1] == '--no-deps torchvision==0.16.2'

    def test_no_torchvision(self, tree):
        """Python 3.12 has no such torchvision: the remedy is one index for both."""
        (tree / '.venv').mkdir()
        setup = self.Recorded(tree, '2.13.0+cpu', ['0.16.2'], python=(3, 12))
        with pytest.raises(setup_run.StepError, match='TORCH_INDEX'):
            setup.install_torch()

    def test_index(self, tree):
        """An index named by the user serves torch and torchvision, and is remembered."""
        (tree / '.venv').mkdir()
        setup = self.Recorded(tree, '2.13.0', ['0.28.0'], index='https://index.example/cpu')
        setup.install_torch()
        assert setup.installed == [
            'torch==2.13.0 --index-url https://index.example/cpu',
            '--no-deps torchvision==0.28.0 --index-url https://index.example/cpu',
        ]
        assert setup.index_used() == 'https://index.example/cpu'


class TestSteps:
    """Progress, log and the message of a failed step."""

    def runner(self, folder: Path) -> setup_run.Runner:
        """A runner with its log in `folder`."""
        return setup_run.Runner(str(folder), str(folder))

    def test_failure_shows_log_and_remedy(self, tmp_path, capsys):
        """The end of the output is shown, with the remedy of a known reason."""
        runner = self.runner(tmp_path)
        runner.step('first', ['sh', '-c', 'echo of the first'])
        with pytest.raises(setup_run.StepError) as error:
            runner.step('mmcv', ['sh', '-c', 'echo "write: No space left on device"; exit 1'])
        assert 'failed at "mmcv"' in str(error.value)
        assert 'write: No space left on device' in str(error.value)
        assert 'free some space' in str(error.value)
        assert 'of the first' not in str(error.value)
        assert 'mmcv: FAILED' in capsys.readouterr().out

    def test_counts_compiled_files(self, tmp_path):
        """The counter of ninja is read from the log, also behind very long lines."""
        runner = self.runner(tmp_path)
        script = 'print("  [1/77] c++ " + "x" * 9000); print("  [18/77] c++ " + "x" * 9000)'
        runner.step('mmcv', [sys.executable, '-c', script])
        assert runner.compiled(0) == 'compiled 18 of 77 files'

    def test_progress_in_a_log(self, capsys, monkeypatch):
        """Elsewhere than on a terminal: a line each 30 s, without carriage returns."""
        now = [1000.0]
        monkeypatch.setattr(setup_run.time, 'time', lambda: now[0])
        progress = setup_run.Progress('mmcv', 'about 15 CPU-minutes')
        for _ in range(520):
            now[0] += 0.125
            progress.update('compiled 2 of 77 files')
        progress.finish('done')
        out = capsys.readouterr().out
        assert '\r' not in out
        assert out.splitlines() == [
            '  mmcv: compiled 2 of 77 files, 0:30 (about 15 CPU-minutes)',
            '  mmcv: compiled 2 of 77 files, 1:00 (about 15 CPU-minutes)',
            '  mmcv: done, 1:05',
        ]

    def test_progress_on_a_terminal(self, capsys, monkeypatch):
        """On a terminal one line is rewritten, and never wider than the window."""
        monkeypatch.setattr(setup_run.sys.stdout, 'isatty', lambda: True, raising=False)
        monkeypatch.setenv('COLUMNS', '40')
        progress = setup_run.Progress('mmcv', 'a long remark on how long this takes')
        progress.update('compiled 2 of 77 files')
        progress.finish('done')
        out = capsys.readouterr().out
        assert out.count('\n') == 1
        assert max(len(part) for part in re.split('[\r\n]', out)) < 40

    def test_interruption_ends_all(self, tmp_path, monkeypatch):
        """An interrupted step leaves no process behind, not even a stubborn one."""
        pid = tmp_path / 'pid'
        script = f"trap '' INT TERM; sleep 300 & echo $! > {pid}.part; mv {pid}.part {pid}; wait"

        def interrupt(*_):
            if pid.exists():
                raise KeyboardInterrupt

        monkeypatch.setattr(setup_run.Progress, 'update', interrupt)
        monkeypatch.setattr(setup_run, 'GRACE', 0.5)
        with pytest.raises(KeyboardInterrupt):
            self.runner(tmp_path).step('stubborn', ['sh', '-c', script])
        state = subprocess.run(
            ['ps', '-o', 'stat=', '-p', pid.read_text().strip()], capture_output=True, text=True
        ).stdout.strip()
        assert state[:1] in ('', 'Z')

    def test_build_flags(self, tmp_path, monkeypatch):
        """The user's compiler flags and number of jobs win; no GPU is in sight of mmcv."""
        monkeypatch.setenv('CFLAGS', '-O0')
        monkeypatch.setenv('MAX_JOBS', '7')
        monkeypatch.delenv('FORCE_CUDA', raising=False)
        env = self.runner(tmp_path).build_environment()
        assert env['CFLAGS'].endswith(' -O0')
        assert env['MAX_JOBS'] == '7'
        assert env['CUDA_VISIBLE_DEVICES'] == ''
        assert 'setup_cxx.py' in Path(env['CXX']).read_text()
