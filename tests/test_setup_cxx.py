"""Tests of the compiler that precompiles mmcv's headers."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / 'tools'))
setup_cxx = importlib.import_module('setup_cxx')

needs_gcc = pytest.mark.skipif(
    shutil.which('g++') is None or 'Free Software' not in subprocess.getoutput('g++ --version'),
    reason='GCC is not installed',
)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Two files laid out as mmcv's, with its two common headers."""
    folder = tmp_path / 'mmcv' / 'ops' / 'csrc'
    (folder / 'common').mkdir(parents=True)
    (folder / 'pytorch').mkdir()
    (folder / 'common' / 'pytorch_cpp_helper.hpp').write_text(
        '#ifndef HELPER\n#define HELPER\n#include <vector>\n#endif\n'
    )
    (folder / 'common' / 'pytorch_device_registry.hpp').write_text('#pragma once\n')
    for name in ('a', 'b'):
        (folder / 'pytorch' / f'{name}.cpp').write_text(
            '#include "pytorch_cpp_helper.hpp"\n'
            f'int {name}() {{ return std::vector<int>(3).size(); }}\n'
        )
    return tmp_path


def compile_file(sources: Path, name: str, compiler: str = 'g++', *flags: str) -> str:
    """Compiles one file as ninja does; returns what was printed."""
    csrc = sources / 'mmcv' / 'ops' / 'csrc'
    target = sources / f'{name}.o'
    command = [sys.executable, ROOT / 'tools' / 'setup_cxx.py', sources / 'header', compiler]
    command += ['-MMD', '-MF', f'{target}.d', '-g0', '-O1', '-fPIC', f'-I{csrc / "common"}']
    command += ['-c', '-c', csrc / 'pytorch' / f'{name}.cpp', '-o', target, *flags]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert target.stat().st_size > 0
    return done.stdout + done.stderr


class TestHeader:
    """The header is made once, used by all files, and done without where it cannot be."""

    @needs_gcc
    def test_used_by_all_files(self, sources):
        """The second file compiles although the headers themselves can no longer be read."""
        compile_file(sources, 'a')
        helper = sources / 'mmcv' / 'ops' / 'csrc' / 'common' / 'pytorch_cpp_helper.hpp'
        helper.write_text('#ifndef HELPER\n#error read again\n#endif\n')
        compile_file(sources, 'b')
        assert not (sources / 'header' / 'fallback').exists()

    def test_compiler_without_headers(self, sources, tmp_path):
        """A compiler that cannot precompile compiles plainly, and the reason is kept."""
        compiler = tmp_path / 'other-c++'
        compiler.write_text(
            '#!/bin/sh\nfor a; do [ "$a" = c++-header ] && { echo cannot; exit 1; }; done\n'
            'exec g++ "$@"\n'
        )
        compiler.chmod(0o755)
        compile_file(sources, 'a', str(compiler))
        compile_file(sources, 'b', str(compiler))
        assert 'cannot' in (sources / 'header' / 'fallback').read_text()

    @needs_gcc
    def test_other_flags(self, sources):
        """A file with flags of its own does not use a header that was made with others."""
        compile_file(sources, 'a')
        folder = str(sources / 'header')
        assert setup_cxx.header_flags(folder, ['g++'], ['-DONLY']) == []

    def test_linking_is_left_alone(self):
        """Only a compilation of one of mmcv's files is changed."""
        assert setup_cxx.source_of(['-shared', 'a.o', '-o', 'lib.so']) == ''
        assert setup_cxx.source_of(['-c', 'other/a.cpp']) == ''
        name = '/x/mmcv/ops/csrc/pytorch/a.cpp'
        assert setup_cxx.source_of(['-c', '-c', name, '-o', 'a.o']) == name

    def test_common_flags(self):
        """What belongs to one file is left out."""
        arguments = ['-MMD', '-MF', 'a.d', '-O1', '-c', '-c', 'a.cpp', '-o', 'a.o', '-DX']
        assert setup_cxx.common_flags(arguments, 'a.cpp') == ['-O1', '-DX']
