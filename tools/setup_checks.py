"""What must be true of a machine before `.venv` is made: Python, compiler, headers, disk.

Each check either returns what it found or raises `RefusalError`, whose text names what is missing
and the remedy. None of them leaves anything behind. To add a check, write one more function of
that kind and call it from `SetUp.prepare` in `setup_env.py`.

The three `setup_*.py` use the standard library and the syntax of Python 3.6 only, so that an
unsuitable Python ends in a message, not in a SyntaxError.
"""

import json
import os
import shlex
import shutil
import subprocess
import tempfile

OLDEST, NEWEST = (3, 10), (3, 12)
# 3.11 first: it is the version that every change is tested with.
PYTHONS = ('python3.11', 'python3.12', 'python3.10', 'python3', 'python')
COMPILERS = ('c++', 'g++', 'clang++')

PYTHON_REMEDY = """\
  Debian, Ubuntu:  sudo apt install python3 python3-venv python3-dev
  Fedora:          sudo dnf install python3.12 python3.12-devel
  macOS:           brew install python@3.12
  anywhere:        pyenv install 3.11, or uv python install 3.11
  or name one:     make setup PYTHON=/path/to/python3.11"""
COMPILER_REMEDY = """\
  Debian, Ubuntu:  sudo apt install g++ make
  Fedora:          sudo dnf install gcc-c++ make
  macOS:           xcode-select --install
  or name one:     make setup CXX=/path/to/g++"""
HEADERS_REMEDY = """\
  Debian, Ubuntu:  sudo apt install python{0}-dev
  Fedora:          sudo dnf install python{0}-devel
  macOS:           brew reinstall python@{0}
  or name another: make setup PYTHON=/path/to/python3.11"""
VENV_REMEDY = """\
  Debian, Ubuntu:  sudo apt install python{0}-venv
  Fedora:          sudo dnf install python{0}
  or name another: make setup PYTHON=/path/to/python3.11"""

# Run by the interpreter under examination, which may be any version.
PROBE = """
import json, platform, sys, sysconfig
try:
    import ensurepip, venv
    has_venv = True
except ImportError:
    has_venv = False
print(json.dumps(dict(
    version=list(sys.version_info[:3]), executable=sys.executable, venv=has_venv,
    kind=platform.python_implementation(), include=sysconfig.get_paths()['include'])))
"""


class RefusalError(Exception):
    """Something is missing that only the user can supply; the text says what, and the remedy."""


def probe(python: str) -> dict:
    """Runs an interpreter and returns what it says of itself.

    Version managers put stand-ins on the PATH that exist and fail, so only a run counts.

    Args:
        python (str): Name or path of the interpreter.

    Returns:
        dict: `version` (three integers), `executable`, `venv`, `kind`, `include`; or `fault`, a
        few words about why it cannot be used.
    """
    path = shutil.which(python)
    if path is None:
        return {'fault': 'not found'}
    try:
        done = subprocess.run(
            [path, '-c', PROBE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60
        )
        found = json.loads(done.stdout.decode())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {'fault': 'does not run'}
    version = '.'.join(str(part) for part in found['version'])
    if found['kind'] != 'CPython':
        found['fault'] = 'is ' + found['kind']
    elif not OLDEST <= tuple(found['version'][:2]) <= NEWEST:
        found['fault'] = 'is Python ' + version
    found['text'] = version
    return found


def find_python(wanted: str = '') -> dict:
    """Finds an interpreter that can be used.

    Args:
        wanted (str): The only one to look at, where the user named one.

    Returns:
        dict: What `probe` says of it.

    Raises:
        RefusalError: Where there is none.
    """
    seen = []
    for name in (wanted,) if wanted else PYTHONS:
        found = probe(name)
        if 'fault' not in found:
            return found
        seen.append('  {} {}'.format(name, found['fault']))
    raise RefusalError(
        'Python 3.10, 3.11 or 3.12 is needed. Looked at:\n{}\nRemedy:\n{}'.format(
            '\n'.join(seen), PYTHON_REMEDY
        )
    )


def check_venv(python: dict) -> None:
    """Refuses an interpreter that cannot make a virtual environment."""
    if not python['venv']:
        raise RefusalError(
            'The modules venv and ensurepip are missing from {}. Remedy:\n{}'.format(
                python['executable'], VENV_REMEDY.format('.'.join(python['text'].split('.')[:2]))
            )
        )


def check_headers(python: dict) -> None:
    """Refuses an interpreter without its C headers: mmcv and xtcocotools are compiled."""
    if not os.path.isfile(os.path.join(python['include'], 'Python.h')):
        raise RefusalError(
            'The Python headers are missing: no Python.h in {} (of {}). Remedy:\n{}'.format(
                python['include'],
                python['executable'],
                HEADERS_REMEDY.format('.'.join(python['text'].split('.')[:2])),
            )
        )


def find_compiler() -> str:
    """Finds a C++ compiler by compiling and linking a small C++17 program.

    Returns:
        str: The command; `$CXX` where that is set.

    Raises:
        RefusalError: Where none works.
    """
    wanted = os.environ.get('CXX', '')
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, 'trial.cpp')
        with open(source, 'w') as file:
            file.write(
                '#include <string_view>\n'
                'int main() { if constexpr (true) return std::string_view("").size(); }\n'
            )
        for name in (wanted,) if wanted else COMPILERS:
            command = shlex.split(name)
            if shutil.which(command[0]) is None:
                seen.append('  {} not found'.format(name))
                continue
            command += ['-std=c++17', source, '-o', os.path.join(folder, 'trial')]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode == 0:
                return name
            said = done.stdout.decode(errors='replace').strip().splitlines()
            seen.append('  {} fails: {}'.format(name, said[0] if said else 'no output'))
    raise RefusalError(
        'A C++ compiler is needed (C++17), because mmcv has no ready packages. Looked at:\n'
        '{}\nRemedy:\n{}'.format('\n'.join(seen), COMPILER_REMEDY)
    )


def check_disk(folder: str, needed: float, purpose: str) -> float:
    """Refuses a disk with less than `needed` GiB free.

    Args:
        folder (str): Any folder on that disk.
        needed (float): In GiB.
        purpose (str): What the space is for, in words.

    Returns:
        float: The free space in GiB.
    """
    free = shutil.disk_usage(folder).free / 2**30
    if free < needed:
        raise RefusalError(
            'Not enough disk space: {} needs {:.1f} GiB in {}, {:.1f} GiB are free. Remedy: '
            'free some space{}.'.format(
                purpose,
                needed,
                folder,
                free,
                ', or set TMPDIR to a folder on a larger disk'
                if folder == tempfile.gettempdir()
                else ', or put the repository on a larger disk',
            )
        )
    return free
