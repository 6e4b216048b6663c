"""Tests of exporting tags from the command line."""

import sys

import pytest

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.annotation.converters import FORMATS
from tests.annotation.converters.making import make_tags, save
from tests.tools.conftest import run
from tests.tools.loading import load_tool


@pytest.fixture
def export_tags(monkeypatch, capsys):
    """The tool, called with a command line; gives what it printed."""
    tool = load_tool('export_tags')

    def call(*args):
        monkeypatch.setattr(sys, 'argv', ['export_tags.py', *map(str, args)])
        tool.main(tool.parse_args())
        return capsys.readouterr().out

    return call


class TestExportTags:
    """A tag file in, another program's file out."""

    def test_process(self, tmp_path):
        """Run as a user runs it, a mistake ends with its message and status 2."""
        done = run('export_tags.py', 'table', 'none.json', '--out', 'b.csv', cwd=tmp_path)
        assert done.returncode == 2
        assert 'none.json: cannot be read' in done.stderr
        assert 'Traceback' not in done.stderr

    def test_printed(self, export_tags, tmp_path):
        """What was written is printed, and what was not."""
        out = tmp_path / 'a' / 'tags.csv'
        printed = export_tags('table', save(make_tags(), tmp_path), '--out', out)
        assert '4: 1 with coordinates, 2 with tags, 2 with tagged views' in printed
        assert f'Written for table: {out}' in printed
        assert '1 persons have coordinates and no tags' in printed
        assert out.is_file()

    @pytest.mark.parametrize('name', list(FORMATS))
    def test_every_format(self, export_tags, tmp_path, name):
        """Each format writes the tags; no coordinate leaves but into COCO."""
        out = tmp_path / 'out.txt'
        export_tags(name, save(make_tags(), tmp_path), '--out', out)
        text = out.read_text()
        assert ('"keypoints": [100, 50, 2' in text) == (name == 'coco')
        if name != 'coco':
            assert 'skeleton' not in text
            assert 'keypointlabels' not in text.lower()

    def test_options(self, export_tags, tmp_path):
        """Each option reaches its writer."""
        source = save(make_tags(), tmp_path)
        out = tmp_path / 'out.txt'
        export_tags('coco', source, '--out', out, '--located-only')
        assert [a['id'] for a in load_tag_file(out).annotations] == [3]
        export_tags('coco', source, '--out', out, '--drop-tags')
        assert 'keypoint_tags' not in out.read_text()
        assert 'no tags' not in export_tags('cvat', source, '--out', out, '--locations')
        assert 'points="100,50"' in out.read_text()
        export_tags('label-studio', source, '--out', out, '--locations')
        assert 'keypointlabels' in out.read_text()
        export_tags('label-studio', source, '--out', out, '--image-url-prefix', 'https://a.b/')
        assert 'https://a.b/beach/0001.jpg' in out.read_text()

    def test_misplaced_options(self, export_tags, tmp_path):
        """An option of another format is refused, and nothing written."""
        source = save(make_tags(), tmp_path)
        for option in ('--located-only', '--drop-tags', '--locations'):
            with pytest.raises(UserError, match=f'{option} belongs to the format'):
                export_tags('table', source, '--out', tmp_path / 'out', option)
        with pytest.raises(UserError, match='is no format'):
            export_tags('yolo', source, '--out', tmp_path / 'out')
        assert not (tmp_path / 'out').exists()
