"""Tests of the split on the command line."""

import json

import pytest

from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.tags.located import is_located
from tests.annotation.edit.build import ids, mixed_file
from tests.tools.conftest import run

from .edit_tools import call, files


@pytest.fixture
def source(tmp_path):
    """A file of forty images."""
    mixed_file().save(tmp_path / 'tags.json')
    return tmp_path / 'tags.json'


class TestSplitTags:
    """Parts, lists, coordinates."""

    def test_fractions(self, source, tmp_path, capsys):
        """A file a part, with a line each; together they are the file."""
        out = tmp_path / 'out'
        options = ['--fractions', 'train=0.8, val=0.2', '--write-lists', '--seed', 3]
        done = call('split_tags', source, '--out', out, *options, capsys=capsys)
        assert done.status == 0, done.err
        assert files(out) == ['train.json', 'train.txt', 'val.json', 'val.txt']
        train, val = (load_tag_file(out / f'{name}.json') for name in ('train', 'val'))
        assert ids(train) | ids(val) == set(range(1, 41))
        assert not ids(train) & ids(val)
        assert done.out.splitlines() == [
            f'{out}/train.json: {len(train.images)} images, {len(train.annotations)} persons',
            f'{out}/val.json: {len(val.images)} images, {len(val.annotations)} persons',
        ]
        lines = (out / 'val.txt').read_text().splitlines()
        assert lines == [image['file_name'] for image in val.images]

    def test_lists_in(self, source, tmp_path, capsys):
        """The lists of one split make the same one again."""
        first, second = tmp_path / 'first', tmp_path / 'second'
        options = ['--fractions', 'a=0.5,b=0.5', '--write-lists']
        call('split_tags', source, '--out', first, *options, capsys=capsys)
        lists = [first / 'a.txt', first / 'b.txt']
        done = call('split_tags', source, '--out', second, '--lists', *lists, capsys=capsys)
        assert done.status == 0, done.err
        for name in ('a.json', 'b.json'):
            assert (first / name).read_bytes() == (second / name).read_bytes()

    def test_rest_is_told(self, source, tmp_path, capsys):
        """Images in no part are counted."""
        done = call('split_tags', source, '--out', tmp_path, '--fractions', 'a=0.5', capsys=capsys)
        left = 40 - len(load_tag_file(tmp_path / 'a.json').images)
        assert done.out.splitlines()[-1] == f'{left} of 40 images are in no part.'

    def test_group_by(self, source, tmp_path, capsys):
        """A folder is not divided."""
        options = ['--fractions', 'a=0.5,b=0.5', '--group-by', 'folder', '--seed', 1]
        done = call('split_tags', source, '--out', tmp_path, *options, capsys=capsys)
        assert done.status == 0, done.err
        days = [
            {image['file_name'][:4] for image in load_tag_file(tmp_path / f'{n}.json').images}
            for n in 'ab'
        ]
        assert not days[0] & days[1]

    def test_located_fraction(self, source, tmp_path, capsys):
        """Coordinates of the others are gone from train, val keeps its own."""
        out = tmp_path / 'out'
        options = ['--fractions', 'train=0.7,val=0.3', '--located-fraction', 0.25, '--seed', 2]
        options += ['--views', 3, '--occluded', 'unknown']
        done = call('split_tags', source, '--out', out, *options, capsys=capsys)
        assert done.status == 0, done.err
        truth = {p['id']: p for p in mixed_file().annotations}
        train = load_tag_file(out / 'train.json').annotations
        located = [p for p in train if 'keypoints' in p]
        expected = [
            p['id']
            for p in train
            if 'keypoints' in truth[p['id']] and is_located(p['image_id'], p['id'], 0.25, 2)
        ]
        assert [p['id'] for p in located] == expected
        hidden = [p for p in train if 'keypoints' in truth[p['id']] and 'keypoints' not in p]
        assert hidden
        assert all(p['keypoint_tags'] == [1, -1, 0] for p in hidden)
        assert all(len(p['tag_views']) == 2 for p in hidden)
        val = load_tag_file(out / 'val.json').annotations
        assert val == [truth[p['id']] for p in val]
        assert f'persons, {len(expected)} located' in done.out

    def test_located_parts(self, source, tmp_path, capsys):
        """Without a part called train it must be said which."""
        options = ['--fractions', 'a=0.5,b=0.5', '--located-fraction', 0]
        out = tmp_path / 'out'
        done = call('split_tags', source, '--out', out, *options, capsys=capsys)
        assert done.status == 2
        assert "there is no part 'train' (a, b). Name parts by --located-parts" in done.err
        options += ['--located-parts', 'b']
        assert call('split_tags', source, '--out', out, *options, capsys=capsys).status == 0
        assert '"keypoints": [5' in (out / 'a.json').read_text()
        assert '"keypoints": [5' not in (out / 'b.json').read_text()

    @pytest.mark.parametrize(
        'fractions', ['train', 'train=x', 'a=0.5,a=0.2', '=0.5', 'a/b=0.5', '..=0.5', 'a=-1', '']
    )
    def test_wrong_fractions(self, source, tmp_path, fractions, capsys):
        """Each is told how to write them, and nothing is written."""
        out = tmp_path / 'out'
        done = call('split_tags', source, '--out', out, f'--fractions={fractions}', capsys=capsys)
        assert done.status == 2
        assert 'write each part once, as train=0.8,val=0.2' in done.err
        assert not out.exists()

    def test_nothing_by_halves(self, source, tmp_path, capsys):
        """A fault in the second part leaves the first unwritten, and old files alone."""
        data = json.loads(source.read_text())
        data['annotations'][-1]['area'] = float('nan')
        source.write_text(json.dumps(data))
        out = tmp_path / 'out'
        (tmp_path / 'a.txt').write_text('day1/0001.jpg\n')
        (tmp_path / 'b.txt').write_text('day0/0040.jpg\n')
        out.mkdir()
        (out / 'a.json').write_text('old')
        lists = [tmp_path / 'a.txt', tmp_path / 'b.txt']
        done = call('split_tags', source, '--out', out, '--lists', *lists, capsys=capsys)
        assert done.status == 2
        assert 'holds NaN or infinity' in done.err
        assert files(out) == ['a.json']
        assert (out / 'a.json').read_text() == 'old'

    def test_over_the_input(self, source, tmp_path, capsys):
        """The file that is read is never written over."""
        before = source.read_bytes()
        done = call('split_tags', source, '--out', tmp_path, '--fractions=tags=1', capsys=capsys)
        assert done.status == 2
        assert 'tags.json: would be written over' in done.err
        assert source.read_bytes() == before

    @pytest.mark.parametrize(
        ('text', 'message'),
        [
            ('day1/001.jpg\n', "val: no image is called 'day1/001.jpg'; did you mean 'day1/00"),
            ('\n', 'val.txt: names no image'),
        ],
    )
    def test_wrong_list(self, source, tmp_path, text, message, capsys):
        """A name that is not there; a list of nothing."""
        (tmp_path / 'val.txt').write_text(text)
        options = ['--lists', tmp_path / 'val.txt']
        done = call('split_tags', source, '--out', tmp_path / 'out', *options, capsys=capsys)
        assert done.status == 2
        assert message in done.err
        assert not (tmp_path / 'out').exists()

    def test_sub_crops_alone(self, source, tmp_path, capsys):
        """The whole person's tags are unknown, but those that the file gives."""
        options = ['--fractions=train=1', '--located-fraction', 0, '--no-whole-person']
        done = call('split_tags', source, '--out', tmp_path / 'out', *options, capsys=capsys)
        assert done.status == 0, done.err
        truth = {p['id']: p for p in mixed_file().annotations}
        persons = load_tag_file(tmp_path / 'out' / 'train.json').annotations
        hidden = [p for p in persons if 'keypoints' in truth[p['id']]]
        assert hidden
        assert all(p['keypoint_tags'] == [-1, -1, -1] for p in hidden)
        assert all(len(p['tag_views']) == 1 for p in hidden)

    @pytest.mark.parametrize('more', [['--views', 4], ['--no-whole-person']])
    def test_needs_fraction(self, source, tmp_path, capsys, more):
        """Options of the located fraction alone would do nothing."""
        options = ['--fractions=a=1', *more]
        done = call('split_tags', source, '--out', tmp_path / 'out', *options, capsys=capsys)
        assert done.status == 2
        assert 'need --located-fraction' in done.err

    def test_as_a_script(self, source, tmp_path):
        """From another folder, as users call it."""
        done = run('split_tags.py', source, '--out', 'parts', '--fractions=a=1', cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout == 'parts/a.json: 40 images, 80 persons\n'
