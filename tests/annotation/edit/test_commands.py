"""Tests of the tasks with files: what is written, what is printed, what is refused."""

import json

import pytest

from lfhpe_mmpose.annotation.edit import (
    Conditions,
    LocatedParts,
    count_file,
    merge_files,
    split_file,
    subset_file,
    subset_tag_file,
    tag_statistics,
)
from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.tags.located import is_located
from tests.refusal import refuses

from .build import ids, mixed_file, person_ids


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A file of forty images in the current folder."""
    monkeypatch.chdir(tmp_path)
    mixed_file().save('tags.json')
    return 'tags.json'


def names(folder) -> list[str]:
    """Everything in a folder, hidden files included."""
    return sorted(path.name for path in folder.iterdir())


class TestSplit:
    """Parts, lists, coordinates."""

    def test_fractions(self, source, tmp_path):
        """A file a part, with a line each; together they are the file."""
        text = split_file(source, 'out', 'train=0.8, val=0.2', seed=3, write_lists=True)
        assert names(tmp_path / 'out') == ['train.json', 'train.txt', 'val.json', 'val.txt']
        train, val = (load_tag_file(f'out/{name}.json') for name in ('train', 'val'))
        assert ids(train) | ids(val) == set(range(1, 41))
        assert not ids(train) & ids(val)
        assert text.splitlines() == [
            f'out/train.json: {len(train.images)} images, {len(train.annotations)} persons',
            f'out/val.json: {len(val.images)} images, {len(val.annotations)} persons',
        ]
        lines = (tmp_path / 'out' / 'val.txt').read_text().splitlines()
        assert lines == [image['file_name'] for image in val.images]

    def test_lists(self, source, tmp_path):
        """The lists of one split make the same one again."""
        split_file(source, 'first', 'a=0.5,b=0.5', write_lists=True)
        split_file(source, 'second', lists=['first/a.txt', 'first/b.txt'])
        for name in ('a.json', 'b.json'):
            first, second = (tmp_path / part / name for part in ('first', 'second'))
            assert first.read_bytes() == second.read_bytes()

    def test_rest(self, source):
        """Images in no part are counted."""
        text = split_file(source, '.', 'a=0.5')
        left = 40 - len(load_tag_file('a.json').images)
        assert text.splitlines()[-1] == f'{left} of 40 images are in no part.'

    def test_group_by(self, source):
        """A folder is not divided."""
        split_file(source, '.', 'a=0.5,b=0.5', group_by='folder', seed=1)
        first, second = (
            {image['file_name'][:4] for image in load_tag_file(f'{n}.json').images} for n in 'ab'
        )
        assert not first & second

    def test_located_fraction(self, source):
        """Coordinates of the others are gone from train, val keeps its own."""
        located = LocatedParts(0.25, occluded='unknown', views=3)
        text = split_file(source, 'out', 'train=0.7,val=0.3', seed=2, located=located)
        truth = {p['id']: p for p in mixed_file().annotations}
        train = load_tag_file('out/train.json').annotations
        expected = [
            p['id']
            for p in train
            if 'keypoints' in truth[p['id']] and is_located(p['image_id'], p['id'], 0.25, 2)
        ]
        assert [p['id'] for p in train if 'keypoints' in p] == expected
        hidden = [p for p in train if 'keypoints' in truth[p['id']] and 'keypoints' not in p]
        assert hidden
        assert all(p['keypoint_tags'] == [1, -1, 0] for p in hidden)
        assert all(len(p['tag_views']) == 2 for p in hidden)
        val = load_tag_file('out/val.json').annotations
        assert val == [truth[p['id']] for p in val]
        assert f'persons, {len(expected)} located' in text

    def test_sub_crops_alone(self, source):
        """The tags of the whole person are unknown."""
        located = LocatedParts(0.0, whole_person=False)
        split_file(source, 'out', 'train=1', located=located)
        truth = {p['id']: p for p in mixed_file().annotations}
        persons = load_tag_file('out/train.json').annotations
        hidden = [p for p in persons if 'keypoints' in truth[p['id']]]
        assert hidden
        assert all(p['keypoint_tags'] == [-1, -1, -1] for p in hidden)
        assert all(len(p['tag_views']) == 1 for p in hidden)

    def test_located_parts(self, source, tmp_path):
        """Without a part called train the part has to be named."""
        with refuses('option', place='--located-parts'):
            split_file(source, 'out', 'a=0.5,b=0.5', located=LocatedParts(0.0))
        split_file(source, 'out', 'a=0.5,b=0.5', located=LocatedParts(0.0, parts=['b']))
        assert '"keypoints": [5' in (tmp_path / 'out' / 'a.json').read_text()
        assert '"keypoints": [5' not in (tmp_path / 'out' / 'b.json').read_text()

    @pytest.mark.parametrize('located', [dict(views=4), dict(whole_person=False)])
    def test_needs_fraction(self, source, located):
        """Options of the located fraction alone would do nothing."""
        with refuses('option', place='--views'):
            split_file(source, 'out', 'a=1', located=LocatedParts(**located))

    @pytest.mark.parametrize(
        'fractions', ['train', 'train=x', 'a=0.5,a=0.2', '=0.5', 'a/b=0.5', '..=0.5', 'a=-1', '']
    )
    def test_wrong_fractions(self, source, tmp_path, fractions):
        """Nothing is written."""
        with refuses('option', place='--fractions'):
            split_file(source, 'out', fractions)
        assert names(tmp_path) == ['tags.json']

    def test_all_or_none(self, source, tmp_path):
        """A fault in the second part leaves the first unwritten, and old files alone."""
        data = json.loads((tmp_path / source).read_text())
        data['annotations'][-1]['area'] = float('nan')
        (tmp_path / source).write_text(json.dumps(data))
        (tmp_path / 'a.txt').write_text('day1/0001.jpg\n')
        (tmp_path / 'b.txt').write_text('day0/0040.jpg\n')
        (tmp_path / 'out').mkdir()
        (tmp_path / 'out' / 'a.json').write_text('old')
        with refuses('not-finite'):
            split_file(source, 'out', lists=['a.txt', 'b.txt'])
        assert names(tmp_path / 'out') == ['a.json']
        assert (tmp_path / 'out' / 'a.json').read_text() == 'old'

    def test_over_the_input(self, source, tmp_path):
        """The file that is read is never overwritten."""
        before = (tmp_path / source).read_bytes()
        with refuses('overwrites-input', place='tags.json'):
            split_file(source, '.', 'tags=1')
        assert (tmp_path / source).read_bytes() == before

    @pytest.mark.parametrize(
        ('text', 'code'),
        [
            ('day1/001.jpg\n', 'unknown-name'),
            ('\n', 'no-images'),
            (b'\xff\xfe', 'encoding'),
            (None, 'unreadable-file'),
        ],
    )
    def test_wrong_list(self, source, tmp_path, text, code):
        """A name that does not exist, an empty list, no text, no file."""
        if text is not None:
            (tmp_path / 'val.txt').write_bytes(text if isinstance(text, bytes) else text.encode())
        with refuses(code, place='val'):
            split_file(source, 'out', lists=['val.txt'])
        assert not (tmp_path / 'out').exists()

    def test_two_lists(self, source, tmp_path):
        """Two lists of one name would be one part."""
        (tmp_path / 'val.txt').write_text('day1/0001.jpg\n')
        with refuses('option', place='./val.txt'):
            split_file(source, 'out', lists=['val.txt', './val.txt'])


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """Two answers to the same questions, which contradict each other once."""
    monkeypatch.chdir(tmp_path)
    for name, tag in (('a', 0), ('b', 1)):
        tags = mixed_file(4)
        tags.annotations[2]['keypoint_tags'] = [1, tag, tag - 1]
        tags.save(f'{name}.json')
    return ['a.json', 'b.json']


class TestMerge:
    """Files in, one file out."""

    def test_conflict(self, pair, tmp_path):
        """By default an error, and nothing is written."""
        with refuses('conflict', place="annotations[2] (id 20).keypoint_tags['left_wrist']"):
            merge_files(pair, 'c.json')
        assert names(tmp_path) == pair

    @pytest.mark.parametrize(('how', 'expected'), [('unknown', [1, -1, 0]), ('first', [1, 0, 0])])
    def test_settled(self, pair, how, expected):
        """Settled as asked, and counted."""
        assert merge_files(pair, 'c.json', conflicts=how).splitlines() == [
            'c.json: 4 images, 8 persons of 2 files',
            f'joined: 4 images, 8 persons; 1 contradictions ({how})',
        ]
        assert load_tag_file('c.json').annotations[2]['keypoint_tags'] == expected

    def test_ids(self, pair):
        """New ids are counted; --keep-ids forbids them."""
        tags = mixed_file(2)
        tags.save('a.json')
        for image in tags.images:
            image['file_name'] = 'b' + image['file_name']
        tags.save('b.json')
        assert 'new ids: 2 images, 4 persons' in merge_files(pair, 'c.json')
        assert len({p['id'] for p in load_tag_file('c.json').annotations}) == 8
        with refuses('id-clash', place='b.json'):
            merge_files(pair, 'c.json', keep_ids=True)

    def test_occluded(self, pair):
        """The option reaches the tags that coordinates stand for."""
        located, tagged = mixed_file(1), mixed_file(1)
        del tagged.annotations[0]['keypoints']
        tagged.annotations[0]['keypoint_tags'] = dict(nose=1)
        located.save('a.json')
        tagged.save('b.json')
        merge_files(pair, 'c.json', occluded='negative')
        person = load_tag_file('c.json').annotations[0]
        assert person['keypoint_tags'] == dict(nose=1, left_wrist=0, right_wrist=0)
        assert person['keypoints'] == located.annotations[0]['keypoints']

    def test_over_the_input(self, pair):
        """No input is overwritten."""
        with refuses('overwrites-input', place='b.json'):
            merge_files(pair, 'b.json')


class TestSubset:
    """A file of some persons."""

    @pytest.mark.parametrize('images', [None, 'list.txt'])
    def test_file(self, source, tmp_path, images):
        """The file is what the function makes, with a line that counts it."""
        (tmp_path / 'list.txt').write_text('day1/0001.jpg\r\n\n')
        wanted = Conditions(kind='located', keep_images=True)
        named = Conditions(kind='located', keep_images=True, images=['day1/0001.jpg'])
        text = subset_file(source, 'part.json', wanted, images)
        expected = subset_tag_file(load_tag_file(source), named if images else wanted)
        out = load_tag_file('part.json')
        assert out.to_dict() == expected.to_dict()
        number = len(person_ids(out))
        assert text == f'part.json: {len(out.images)} of 40 images, {number} of 80 persons'

    @pytest.mark.parametrize(
        ('wanted', 'out', 'code'),
        [
            (dict(max_persons=0), 'part.json', 'option'),
            (dict(min_size=999), 'part.json', 'no-persons'),
            (dict(), 'tags.json', 'overwrites-input'),
        ],
    )
    def test_wrong(self, source, tmp_path, wanted, out, code):
        """Nothing is written."""
        before = (tmp_path / source).read_bytes()
        with refuses(code):
            subset_file(source, out, Conditions(**wanted))
        assert names(tmp_path) == [source] and (tmp_path / source).read_bytes() == before


class TestCount:
    """Table and JSON."""

    def test_forms(self, source):
        """The result of the function, as JSON and as a table that says what it means."""
        found = tag_statistics(load_tag_file(source))
        assert json.loads(count_file(source, as_json=True)) == found
        table = count_file(source).splitlines()
        assert table[2] == 'persons    80: 40 located, 40 tagged, 0 with nothing (0 crowds)'
        assert table[-1] == 'Tags cannot teach nose: no tag says not visible.'
