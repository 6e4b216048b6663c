"""Tests of joining a folder and a file name."""

import pytest

from lfhpe_mmpose.files.paths import inside
from tests.refusal import refuses


@pytest.mark.parametrize('name', ['/etc/passwd', '../a.jpg', 'a/../../b.jpg', '..', './../a'])
def test_outside(tmp_path, name):
    """A name that leads out of the folder is refused."""
    with refuses('outside-folder', place='images[3]'):
        inside(tmp_path, name, 'images[3]')


@pytest.mark.parametrize('name', ['a.jpg', 'a/../b.jpg', '..a/b.jpg', 'a/b.jpg', '...'])
def test_inside(tmp_path, name):
    """Other names are joined as they are."""
    assert inside(tmp_path, name) == tmp_path / name
