"""Runs the steps of the set-up: a progress line each, the output in a log, a remedy on failure.

To add a remedy for an error that is seen in the wild, add a line to `HINTS`.
"""

import contextlib
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time

import setup_checks as checks

# Neither debug information nor full optimisation: each of them doubles mmcv's time.
FLAGS = '-g0 -O1 -w'
GRACE = 20  # seconds that an interrupted step has for tidying up

HINTS = (
    ('No space left on device', 'The disk is full: free some space and call make again.'),
    ('Killed signal|cannot allocate memory|out of memory', 'Out of memory: make setup MAX_JOBS=1'),
    ('Python.h: No such file', checks.HEADERS_REMEDY.format('3')),
    (
        'Could not find a version|No matching distribution',
        'The package index in use does not offer that version for this Python: see pip config '
        'list, or name an index for torch: make setup TORCH_INDEX=<url>',
    ),
    (
        'NewConnectionError|Temporary failure|timed out|ProxyError|SSLError|ConnectionReset',
        'The package index could not be reached: check the network and call make again.',
    ),
)


class StepError(Exception):
    """A step of the set-up failed; the text says which, why and what to do."""


def say(text: str) -> None:
    """Prints one line at once, also into a pipe."""
    sys.stdout.write(text + '\n')
    sys.stdout.flush()


class Progress:
    """One line for a running step: rewritten on a terminal, every 30 s elsewhere."""

    def __init__(self, title: str, expected: str = '') -> None:
        self.title, self.expected = title, expected
        self.start = time.time()
        self.live = sys.stdout.isatty()
        self.next = self.start + (0 if self.live else 30)

    def _line(self, detail: str) -> str:
        seconds = int(time.time() - self.start)
        return '  {}: {}{}:{:02d}'.format(
            self.title, detail + ', ' if detail else '', seconds // 60, seconds % 60
        )

    def update(self, detail: str) -> None:
        """Shows how far the step is, where it is time to."""
        if time.time() < self.next:
            return
        line = self._line(detail) + (' ({})'.format(self.expected) if self.expected else '')
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            sys.stdout.write('\r' + line[:width].ljust(width))
            sys.stdout.flush()
        else:
            say(line)
        self.next = time.time() + (1 if self.live else 30)

    def finish(self, word: str) -> None:
        """Ends the line."""
        if self.live:
            sys.stdout.write('\r' + ' ' * (shutil.get_terminal_size().columns - 1) + '\r')
        say(self._line(word))


def jobs() -> int:
    """Compiler processes at a time: one a core, with 1.5 GiB of memory for each."""
    cores = os.cpu_count() or 1
    if hasattr(os, 'sched_getaffinity'):
        cores = len(os.sched_getaffinity(0))
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30
    return max(1, min(cores, int(memory / 1.5)))


def cpu_seconds() -> float:
    """CPU time of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stop(running: subprocess.Popen) -> None:
    """Ends a command and all that it started: pip first, so that it can tidy up."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        os.killpg(running.pid, signal.SIGINT)
        running.wait(timeout=GRACE)
    with contextlib.suppress(OSError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


class Runner:
    """Runs commands inside one virtual environment.

    Args:
        root (str): Folder that commands are run in.
        venv (str): The environment.
    """

    def __init__(self, root: str, venv: str) -> None:
        self.root, self.venv = root, venv
        self.python = os.path.join(venv, 'bin', 'python')
        self.log = os.path.join(venv, 'setup.log')
        self.cxx = ''
        self.header_folder = os.path.join(venv, 'setup-header')

    def succeeds(self, code: str) -> bool:
        """Whether the environment's Python runs that code without an error."""
        return self.ask(code) is not None

    def ask(self, code: str) -> 'str | None':
        """What that code prints in the environment's Python; None where it fails."""
        try:
            done = subprocess.run(
                [self.python, '-c', code],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.venv,
                env=self.environment(),
            )
        except OSError:
            return None
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def environment(self) -> dict:
        """The environment variables of every step, without those that would lead pip astray."""
        env = dict(os.environ)
        for name in ('PYTHONPATH', 'PYTHONHOME', 'PIP_USER', 'PIP_TARGET', 'PIP_PREFIX'):
            env.pop(name, None)
        env.update(PIP_DISABLE_PIP_VERSION_CHECK='1', PIP_NO_INPUT='1', PYTHONNOUSERSITE='1')
        # ninja and cython are found by their names.
        env['PATH'] = os.path.join(self.venv, 'bin') + os.pathsep + env.get('PATH', '')
        return env

    def front_compiler(self) -> str:
        """Writes the command that compiles mmcv with a precompiled header; see setup_cxx.py."""
        path = os.path.join(self.venv, 'setup-c++')
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'setup_cxx.py')
        words = [self.python, script, self.header_folder, self.cxx]
        os.makedirs(self.venv, exist_ok=True)
        with open(path, 'w') as file:
            file.write('#!/bin/sh\nexec {} "$@"\n'.format(' '.join(map(shlex.quote, words))))
        os.chmod(path, 0o755)
        return path

    def no_header(self) -> str:
        """Why mmcv was compiled without a precompiled header; empty if it was not."""
        try:
            with open(os.path.join(self.header_folder, 'fallback')) as file:
                return file.read()
        except OSError:
            return ''

    def build_environment(self) -> dict:
        """The same for steps that compile."""
        env = self.environment()
        env['CXX'] = self.front_compiler()
        env['CFLAGS'] = ' '.join((FLAGS, env.get('CFLAGS', ''))).strip()
        env['MAX_JOBS'] = env.get('MAX_JOBS') or str(jobs())
        if env.get('FORCE_CUDA') != '1':
            # With a GPU in sight mmcv wants a CUDA compiler of exactly torch's version.
            env['CUDA_VISIBLE_DEVICES'] = ''
        return env

    def step(self, title: str, command: 'list', env: 'dict | None' = None, expected: str = ''):
        """Runs one command with a progress line, its output in the log.

        Raises:
            StepError: With the end of the output and the remedy.
        """
        progress, used = Progress(title, expected), cpu_seconds()
        with open(self.log, 'ab') as log:
            log.write(('\n==== {}\n$ {}\n'.format(title, ' '.join(command))).encode())
            log.flush()
            begin = log.tell()
            running = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env or self.environment(),
                cwd=self.root,
                start_new_session=True,
            )
            try:
                while running.poll() is None:
                    progress.update(self.compiled(begin))
                    time.sleep(0.2)
            except BaseException:
                stop(running)
                raise
        if running.returncode != 0:
            progress.finish('FAILED')
            raise StepError(self.explain(title, begin))
        progress.finish('done')
        with open(self.log, 'a') as log:
            log.write('==== {}: {:.1f} CPU-seconds\n'.format(title, cpu_seconds() - used))

    def tail(self, begin: int, size: int) -> str:
        """The last bytes of the log, at most back to `begin`."""
        with open(self.log, 'rb') as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(begin, end - size))
            return file.read().decode(errors='replace')

    def compiled(self, begin: int) -> str:
        """How many files ninja has compiled, from its [12/90] in the log."""
        counts = re.findall(r'^\s*\[(\d+)/(\d+)\] ', self.tail(begin, 1 << 17), re.M)
        return 'compiled {} of {} files'.format(*counts[-1]) if counts else ''

    def explain(self, title: str, begin: int) -> str:
        """The end of a failed step's log, and a remedy where the reason is known."""
        text = self.tail(begin, 1 << 20)
        lines = [line[:200] for line in text.splitlines() if line.strip()]
        hints = [hint for pattern, hint in HINTS if re.search(pattern, text, re.I)]
        return 'Set-up failed at "{}". The end of {}:\n    {}\nRemedy: {}'.format(
            title,
            self.log,
            '\n    '.join(lines[-20:]),
            '\n'.join(hints) or 'see the log; the next call of make goes on at this step.',
        )

    def pip(self, title: str, *arguments: str, **options) -> None:
        """Runs `pip install` in the environment."""
        # Python compiles what it imports; compiling all of torch beforehand takes half a minute.
        command = [self.python, '-m', 'pip', 'install', '--no-compile', *arguments]
        self.step(title, command, **options)
