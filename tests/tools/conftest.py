"""A tiny config on disk and the scripts, run as a user runs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mmengine.config import Config

from tests.conftest import ROOT, shrink

from .loading import command_of


def write_tiny_cfg(folder: Path, people: Path, fraction: float = 0.25) -> Path:
    """Write the demo's config, made tiny, as a file that stands alone."""
    cfg = Config.fromfile(ROOT / 'configs' / 'synthetic' / 'lfhpe_synthetic-96x96_loc0.py')
    shrink(cfg, people, folder / 'work_dir')
    cfg.train_dataloader.dataset.pipeline[0].fraction = fraction
    cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
    cfg.default_hooks.logger = dict(type='LoggerHook', interval=1)
    cfg.log_level = 'INFO'
    path = folder / 'tiny.py'
    cfg.dump(path)
    return path


def run(*command, cwd, **env) -> subprocess.CompletedProcess:
    """Run a script of the tools, from any folder."""
    command = [str(c) for c in command]
    script = ROOT / 'tools' / command[0]
    if command[0].endswith('.py') and not script.is_file():
        name = command_of(script.stem)
        command = [sys.executable, '-m', 'lfhpe_mmpose', name, *command[1:]]
    elif command[0].endswith('.py'):
        command = [sys.executable, str(script), *command[1:]]
    else:
        command = ['bash', str(ROOT / 'tools' / command[0]), *command[1:]]
    environment = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHON': sys.executable, **env}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240
    )


@pytest.fixture(scope='module')
def tiny(tmp_path_factory, people) -> Path:
    """The tiny config, in a folder of the module's own."""
    return write_tiny_cfg(tmp_path_factory.mktemp('tiny'), people)
