"""A tiny config on disk and the scripts, run as a user runs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calling import write_tiny_cfg
from tests.conftest import ROOT


def run(*command, cwd, **env) -> subprocess.CompletedProcess:
    """Run a script of the tools, from any folder."""
    script, *words = map(str, command)
    program = sys.executable if script.endswith('.py') else 'bash'
    command = [program, str(ROOT / 'tools' / script), *words]
    environment = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHON': sys.executable, **env}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240
    )


@pytest.fixture(scope='module')
def tiny(tmp_path_factory, people) -> Path:
    """The tiny config, in a folder of the module's own."""
    return write_tiny_cfg(tmp_path_factory.mktemp('tiny'), people)
