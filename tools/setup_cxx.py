"""Compiles mmcv with a precompiled header: a compiler in front of the real one.

All of mmcv's 77 files include the same two headers, which take most of the time. The first file
that is compiled makes a precompiled header of them with its own flags; every file then uses it.
Where that cannot be done (another compiler than GCC, a failure), files are compiled plainly, and
the reason is written to `fallback` in the folder of the header.

Called by `setup_run.py` as: setup_cxx.py FOLDER COMPILER [ARGUMENT ...]
"""

import fcntl
import os
import shlex
import subprocess
import sys

HEADERS = '#include "pytorch_cpp_helper.hpp"\n#include "pytorch_device_registry.hpp"\n'
# Flags that belong to one file, and the number of arguments that follow them.
OF_ONE_FILE = {'-o': 1, '-MF': 1, '-MMD': 0, '-c': 0}


def source_of(arguments: 'list') -> str:
    """The file of mmcv that is compiled; empty for anything else."""
    found = [a for a in arguments if a.endswith('.cpp') and '/mmcv/ops/csrc/pytorch/' in a]
    return found[0] if '-c' in arguments and len(found) == 1 else ''


def common_flags(arguments: 'list', source: str) -> 'list':
    """The flags that all files share."""
    flags, skip = [], 0
    for argument in arguments:
        if skip:
            skip -= 1
        elif argument in OF_ONE_FILE:
            skip = OF_ONE_FILE[argument]
        elif argument != source:
            flags.append(argument)
    return flags


def make_header(folder: str, compiler: 'list', flags: 'list') -> str:
    """Makes the precompiled header and proves that the compiler uses it.

    Returns:
        str: Why it cannot be used; empty where it can.
    """
    header = os.path.join(folder, 'mmcv_all.h')
    with open(header, 'w') as file:
        file.write(HEADERS)
    command = compiler + flags + ['-x', 'c++-header', header, '-o', header + '.gch']
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        lines = done.stdout.decode(errors='replace').strip().splitlines() or ['no output']
        return 'the compiler made none ({})'.format(lines[0][:200])
    trial = compiler + flags + ['-include', header, '-x', 'c++', '-H', '-fsyntax-only', os.devnull]
    done = subprocess.run(trial, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    # GCC marks a precompiled header that it uses by "!".
    if done.returncode != 0 or '! ' + header + '.gch' not in done.stdout.decode(errors='replace'):
        return 'the compiler does not use it'
    return ''


def header_flags(folder: str, compiler: 'list', flags: 'list') -> 'list':
    """The flags that use the precompiled header, which the first caller makes; else none."""
    os.makedirs(folder, exist_ok=True)
    ready, fallback = os.path.join(folder, 'ready'), os.path.join(folder, 'fallback')
    key = ' '.join(shlex.quote(part) for part in compiler + flags)
    with open(os.path.join(folder, 'lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(fallback):
            return []
        if not os.path.exists(ready):
            fault = make_header(folder, compiler, flags)
            with open(fallback if fault else ready, 'w') as file:
                file.write(fault or key)
            if fault:
                return []
        with open(ready) as file:
            if file.read() != key:
                return []  # a file with flags of its own
    return ['-include', os.path.join(folder, 'mmcv_all.h')]


def main() -> None:
    """Becomes the real compiler."""
    folder, compiler, arguments = sys.argv[1], shlex.split(sys.argv[2]), sys.argv[3:]
    source = source_of(arguments)
    if source:
        extra = header_flags(folder, compiler, common_flags(arguments, source))
        arguments = extra + arguments
    os.execvp(compiler[0], compiler + arguments)


if __name__ == '__main__':
    main()
