"""A fixture that calls commands, and a tiny trained model."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .calling import Done, status_of, write_tiny_cfg


@pytest.fixture
def lfhpe(tmp_path, monkeypatch, capfd) -> Callable[..., Done]:
    """Call a command in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> Done:
        capfd.readouterr()
        return Done(status_of(*words), *capfd.readouterr())

    return call


@pytest.fixture(scope='session')
def trained(tmp_path_factory, people) -> tuple[Path, Path]:
    """A tiny config without locations, and a checkpoint of one epoch of it."""
    folder = tmp_path_factory.mktemp('trained')
    config = write_tiny_cfg(folder, people, fraction=0.0)
    assert status_of('train', config, '--no-validate') == 0
    return config, folder / 'work_dir' / 'epoch_1.pth'
