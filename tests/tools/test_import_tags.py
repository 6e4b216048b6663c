"""Tests of importing and exporting tags from the command line."""

import sys

import pytest

from lfhpe_mmpose.tags import load_tag_file
from tests.annotation.converters.making import DATA, make_tags, save
from tests.refusal import refuses
from tests.tools.conftest import run
from tests.tools.loading import load_tool

XML = DATA / 'cvat_for_images.xml'


@pytest.fixture
def call(monkeypatch, capsys):
    """A tool, called with a command line; gives what it printed."""

    def call(name, *args):
        tool = load_tool(name)
        monkeypatch.setattr(sys, 'argv', [f'{name}.py', *map(str, args)])
        tool.main(tool.parse_args())
        return capsys.readouterr().out

    return call


def test_process(tmp_path):
    """Run as a user runs it: what was read is printed, and what comes next."""
    done = run('import_tags.py', 'cvat', XML, '--out', 'new/tags.json', cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '5: 2 with coordinates, 4 with tags, 1 with tagged views' in done.stdout
    assert 'Next: lfhpe check new/tags.json' in done.stdout
    assert len(load_tag_file(tmp_path / 'new' / 'tags.json').annotations) == 5
    done = run('export_tags.py', 'table', 'none.json', '--out', 'b.csv', cwd=tmp_path)
    assert done.returncode == 2
    assert '[unreadable-file]' in done.stderr
    assert 'Traceback' not in done.stderr


def test_mistake(call, tmp_path):
    """After a mistake no file is written."""
    with refuses('unreadable-file', place='none.xml'):
        call('import_tags', 'cvat', tmp_path / 'none.xml', '--out', tmp_path / 'tags.json')
    assert list(tmp_path.iterdir()) == []


def test_options(call, tmp_path):
    """Options reach the functions."""
    source, out = save(make_tags(), tmp_path), tmp_path / 'out.json'
    options = ['--tags-only', '--views', 3, '--view-seed', 2, '--occluded', 'negative']
    call('import_tags', 'coco', source, '--out', out, *options)
    person = load_tag_file(out).annotations[2]
    assert person['keypoint_tags'] == [1, 0, 0]
    assert len(person['tag_views']) == 2
    call('import_tags', 'coco', source, '--out', out, '--tags-only', '--no-whole-person')
    assert load_tag_file(out).annotations[2]['keypoint_tags'] == [-1, -1, -1]
    call('import_tags', 'cvat', XML, '--out', out, '--keypoints', 'right_wrist,nose,left_wrist')
    assert load_tag_file(out).names()[0] == 'right_wrist'
    with refuses('metainfo'):
        call('import_tags', 'cvat', XML, '--out', out, '--metainfo', 'cocoo')


def test_export(call, tmp_path):
    """What was written is printed, and what was not."""
    out = tmp_path / 'a' / 'tags.csv'
    printed = call('export_tags', 'table', save(make_tags(), tmp_path), '--out', out)
    assert '4: 1 with coordinates, 2 with tags, 2 with tagged views' in printed
    assert f'Written for table: {out}' in printed
    assert '1 persons have coordinates and no tags' in printed
    assert out.is_file()
    call('export_tags', 'cvat', tmp_path / 'tags.json', '--out', out, '--locations')
    assert 'points="100,50"' in out.read_text()
