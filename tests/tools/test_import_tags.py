"""Tests of importing tags from the command line."""

import json
import sys

import pytest
from PIL import Image

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import load_tag_file
from tests.annotation.converters.making import DATA, NAMES, make_plan, make_tags, save
from tests.tools.conftest import run
from tests.tools.loading import load_tool

XML = DATA / 'cvat_for_images.xml'


@pytest.fixture
def import_tags(monkeypatch):
    """The tool, called with a command line."""
    tool = load_tool('import_tags')

    def call(*args):
        monkeypatch.setattr(sys, 'argv', ['import_tags.py', *map(str, args)])
        tool.main(tool.parse_args())

    return call


class TestImportTags:
    """A source in, a tag file out."""

    def test_process(self, tmp_path):
        """Run as a user runs it: what was read is printed, and what comes next."""
        done = run('import_tags.py', 'cvat', XML, '--out', 'new/tags.json', cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert '5: 2 with coordinates, 4 with tags, 1 with tagged views' in done.stdout
        assert '6 seen, 5 not seen, 4 unknown' in done.stdout
        assert "1 box 'towel', 1 polygon 'towel'" in done.stdout
        assert 'Next: python tools/check_tags.py new/tags.json' in done.stdout
        assert len(load_tag_file(tmp_path / 'new' / 'tags.json').annotations) == 5

    def test_mistake(self, import_tags, tmp_path):
        """After a mistake no file is written."""
        with pytest.raises(UserError, match=r'none.xml: cannot be read'):
            import_tags('cvat', tmp_path / 'none.xml', '--out', tmp_path / 'tags.json')
        assert list(tmp_path.iterdir()) == []

    def test_tags_only(self, import_tags, tmp_path):
        """No coordinate is left, and views are drawn as asked."""
        source = save(make_tags(), tmp_path)
        out = tmp_path / 'out.json'
        options = ['--tags-only', '--views', 3, '--view-seed', 2, '--occluded', 'negative']
        import_tags('coco', source, '--out', out, *options)
        assert '"keypoints": [100' not in out.read_text()
        person = load_tag_file(out).annotations[2]
        assert person['keypoint_tags'] == [1, 0, 0]
        assert len(person['tag_views']) == 2
        first = out.read_text()
        import_tags('coco', source, '--out', out, *options[:3], '--view-seed', 3)
        assert out.read_text() != first
        with pytest.raises(UserError, match='--views needs --tags-only'):
            import_tags('coco', source, '--out', out, '--views', 2)

    def test_tags_of_sub_crops_only(self, import_tags, tmp_path):
        """Nobody was asked about the whole person."""
        source = save(make_tags(), tmp_path)
        out = tmp_path / 'out.json'
        import_tags('coco', source, '--out', out, '--tags-only', '--no-whole-person')
        person = load_tag_file(out).annotations[2]
        assert person['keypoint_tags'] == [-1, -1, -1]
        assert len(person['tag_views']) == 1
        with pytest.raises(UserError, match='--no-whole-person needs --tags-only'):
            import_tags('coco', source, '--out', out, '--no-whole-person')

    def test_keypoints(self, import_tags, tmp_path):
        """Names are given in a list or by a metainfo."""
        out = tmp_path / 'out.json'
        import_tags('cvat', XML, '--out', out, '--keypoints', 'right_wrist, nose,left_wrist')
        assert load_tag_file(out).names() == ['right_wrist', 'nose', 'left_wrist']
        with pytest.raises(UserError, match="has no 'left_eye'"):
            import_tags('coco', save(make_tags(), tmp_path), '--out', out, '--metainfo', 'coco')
        with pytest.raises(UserError, match=r"--metainfo cocoo: .*Did you mean 'coco'"):
            import_tags('cvat', XML, '--out', out, '--metainfo', 'cocoo')
        bad = tmp_path / 'bad.py'
        bad.write_text('dataset_info = 1 / 0')
        with pytest.raises(UserError, match='cannot be read'):
            import_tags('cvat', XML, '--out', out, '--metainfo', bad)
        with pytest.raises(UserError, match='like another'):
            import_tags('cvat', XML, '--out', out, '--keypoints', 'a,b,a')

    def test_table_options(self, import_tags, tmp_path):
        """Words, image folder, columns to ignore, plan and conflicts reach the reader."""
        Image.new('RGB', (13, 7)).save(tmp_path / 'a.png')
        source = tmp_path / 'tags.csv'
        source.write_text('image,mood,nose,hat,tie\na.png,glad,occluded,gone,dark\n')
        out = tmp_path / 'out.json'
        import_tags(
            *('table', source, '--out', out, '--image-root', tmp_path),
            *('--ignore-columns', 'mood', '--seen-words', 'occluded'),
            *('--absent-words', 'gone', 'away', '--unknown-words', 'dark'),
        )
        tags = load_tag_file(out)
        assert tags.images[0]['width'] == 13
        assert tags.annotations[0]['keypoint_tags'] == [1, 0, -1]

    def test_plan(self, import_tags, tmp_path):
        """Answers to a plan; two annotators who differ are an error unless said otherwise."""
        plan = save(make_plan(), tmp_path, 'plan.json')
        source = tmp_path / 'questions.csv'
        lines = ['image,' + ','.join(NAMES), 'views/17_1.jpg,1,0,1', 'views/17_1.jpg,1,1,1']
        source.write_text('\n'.join(lines) + '\n')
        out = tmp_path / 'out.json'
        with pytest.raises(UserError, match='--conflicts unknown'):
            import_tags('table', source, '--out', out, '--plan', plan)
        import_tags('table', source, '--out', out, '--plan', plan, '--conflicts', 'unknown')
        (person,) = json.loads(out.read_text())['annotations']
        assert person['tag_views'][0]['keypoint_tags'] == [1, -1, 1]

    def test_label(self, import_tags, tmp_path):
        """The label of the persons reaches the reader."""
        out = tmp_path / 'out.json'
        import_tags('cvat', XML, '--out', out, '--label', 'body')
        assert len(load_tag_file(out).annotations) == 2

    def test_misplaced_options(self, import_tags, tmp_path):
        """An option of another format is refused, and so is a format there is not."""
        out = tmp_path / 'out.json'
        with pytest.raises(UserError, match='--label belongs to the format cvat, not to table'):
            import_tags('table', 'x.csv', '--out', out, '--label', 'a')
        with pytest.raises(UserError, match='belongs to the format table and label-studio'):
            import_tags('cvat', XML, '--out', out, '--image-root', tmp_path)
        with pytest.raises(UserError, match=r"'cvta' is no format. Did you mean 'cvat'"):
            import_tags('cvta', XML, '--out', out)
        with pytest.raises(UserError, match="'no' is given as seen and as absent"):
            import_tags('cvat', XML, '--out', out, '--seen-words', 'no', '--absent-words', 'no')
