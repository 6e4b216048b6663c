"""Tests of the tag file in memory and on disk."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import (
    TagFile,
    load_tag_file,
    parse_box,
    person_tags,
    person_views,
    tag_file_from,
)
from tests.refusal import refuses

from .strategies import contents, examples, mutated
from .test_values import oracle

EMPTY = dict(images=[], annotations=[], categories=[])


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A folder that the examples of one test share."""
    return tmp_path_factory.mktemp('files')


def read_all(tags: TagFile) -> list:
    """Everything that the readers say of a file's persons."""
    names = tags.names()
    return [
        (person_tags(a, names, where), person_views(a, names, where))
        for a, where in tags.with_index()
    ]


class TestRoundTrip:
    """Nothing is lost between reading and writing."""

    @examples(40)
    @given(data=contents())
    def test_same_json(self, folder, data):
        """What was read is written again, unknown entries included, in the order they had."""
        first, second, third = (folder / f'{i}.json' for i in range(3))
        first.write_text(json.dumps(data), encoding='utf-8')
        load_tag_file(first).save(second)
        load_tag_file(second).save(third)
        again = json.loads(second.read_text(encoding='utf-8'))
        assert again == data
        for part in ('images', 'annotations', 'categories'):
            for before, after in zip(data[part], again[part]):
                assert list(before) == list(after)
        rest = [key for key in data if key not in EMPTY]
        assert [key for key in again if key not in EMPTY] == rest
        assert second.read_bytes() == third.read_bytes()

    @examples(50)
    @given(data=contents(min_images=1))
    def test_numbers_keep_their_type(self, folder, data):
        """1 stays 1 and 1.0 stays 1.0; equality alone would not tell."""
        path = folder / 'types.json'
        tag_file_from(data, 'x').save(path)
        written = json.loads(path.read_text(encoding='utf-8'))
        assert repr(written['annotations']) == repr(data['annotations'])

    def test_half_a_character(self, folder):
        """A text that UTF-8 cannot hold is written by its escape."""
        data = EMPTY | {'note': '\ud800 Ω'}
        path = folder / 'half.json'
        path.write_text(json.dumps(data))
        load_tag_file(path).save(path)
        assert load_tag_file(path).rest['note'] == data['note']

    def test_readable(self, folder):
        """Names in other scripts are written as they are."""
        tags = TagFile.new(['左手首'])
        tags.save(folder / 'names.json')
        assert '左手首' in (folder / 'names.json').read_text(encoding='utf-8')


class TestSave:
    """Whole or not at all."""

    @pytest.mark.parametrize('number', [float('nan'), float('inf')])
    def test_nan(self, tmp_path, number):
        """A number that JSON has not is refused, and the old file stays."""
        path = tmp_path / 'tags.json'
        TagFile().save(path)
        before = path.read_bytes()
        tags = TagFile(annotations=[dict(id=1, area=number)], path='mine.json')
        with refuses('not-finite', 'mine.json'):
            tags.save(path)
        assert path.read_bytes() == before
        assert [p.name for p in tmp_path.iterdir()] == ['tags.json']

    def test_interrupted(self, tmp_path, monkeypatch):
        """What is written half is not the file."""
        path = tmp_path / 'tags.json'
        TagFile().save(path)
        before = path.read_bytes()

        def stop(*args, **kwargs):
            args[1].write('{"images"')
            raise KeyboardInterrupt

        monkeypatch.setattr(json, 'dump', stop)
        with pytest.raises(KeyboardInterrupt):
            TagFile.new(['a']).save(path)
        assert path.read_bytes() == before

    def test_new_folder(self, tmp_path):
        """The folder is made."""
        TagFile.new(['a']).save(tmp_path / 'deep' / 'er' / 'tags.json')
        assert load_tag_file(tmp_path / 'deep' / 'er' / 'tags.json').names() == ['a']


class TestNew:
    """A file that begins here."""

    def test_new(self):
        """Version, category, names and skeleton."""
        tags = TagFile.new(['a', 'b'], [(1, 2)], 'pen')
        assert tags.to_dict() == dict(
            info=dict(tag_format='1.0'),
            images=[],
            annotations=[],
            categories=[dict(id=1, name='pen', keypoints=['a', 'b'], skeleton=[[1, 2]])],
        )

    def test_no_skeleton(self):
        """Without limbs there is no such entry."""
        assert 'skeleton' not in TagFile.new(['a']).categories[0]


class TestNames:
    """Keypoints of a category."""

    def file(self, *categories) -> TagFile:
        """A file with these categories."""
        return TagFile(categories=list(categories), path='f.json')

    def test_only_one(self):
        """A category without keypoints is passed over."""
        tags = self.file(dict(id=1, name='car'), dict(id=2, name='p', keypoints=['a']))
        assert tags.names() == ['a']

    def test_by_id(self):
        """One of several by its id, which may be a string."""
        tags = self.file(dict(id='1', keypoints=['a']), dict(id=1, keypoints=['b']))
        assert tags.names('1') == ['a']
        assert tags.names(1) == ['b']

    @pytest.mark.parametrize('wanted', [None, 3])
    def test_none_or_several(self, wanted):
        """Nothing is guessed."""
        tags = self.file(dict(id='1', keypoints=['a']), dict(id=1, keypoints=['b']))
        with refuses('no-keypoints' if wanted else 'keypoint-sets', 'f.json'):
            tags.names(wanted)

    @pytest.mark.parametrize('names', ['nose', {'a': 1}, 5])
    def test_no_list(self, names):
        """Names that are no list."""
        with refuses('malformed', 'f.json'):
            self.file(dict(id=1, keypoints=names)).names()

    @pytest.mark.parametrize('wrong', [5, None, '', ['x'], 'nose'])
    def test_wrong_name(self, wrong):
        """A name that is no text, is empty, or is there twice."""
        tags = self.file(dict(id=1, name='p', keypoints=['nose', wrong]))
        text = isinstance(wrong, str)
        with refuses('keypoint-names' if text else 'malformed', "f.json: category 'p'.keypoints"):
            tags.names()


class TestLoad:
    """What is no tag file."""

    @pytest.mark.parametrize(
        ('content', 'code'),
        [
            (b'', 'empty-file'),
            (b'{"images": [', 'cut-off'),
            (b'{"images": "\xe9"}', 'encoding'),
            *[('{}'.encode(name), 'encoding') for name in ('utf-16', 'utf-16-le', 'utf-8-sig')],
            (gzip.compress(b'{}', mtime=0), 'encoding'),
            (b'[' * 10**6, 'nesting'),
            (b'[]', 'structure'),
            (b'null', 'structure'),
            (b'{}', 'structure'),
            (b'{"images": {}, "annotations": [], "categories": []}', 'structure'),
            (b'{"images": [], "annotations": [3], "categories": []}', 'malformed'),
            (b'{"images": [{}], "annotations": [], "categories": []}', 'malformed'),
        ],
    )
    def test_refused(self, tmp_path, content, code):
        """The file is named, and what is wrong with it."""
        path = tmp_path / 'some.json'
        path.write_bytes(content)
        with refuses(code, path):
            load_tag_file(path)

    def test_missing(self, tmp_path):
        """A path that leads nowhere, and one that leads to a folder."""
        with refuses('unreadable-file', 'no.json'):
            load_tag_file(tmp_path / 'no.json')
        with refuses('unreadable-file', tmp_path):
            load_tag_file(tmp_path)

    @pytest.mark.parametrize('wrong', [True, None, 1.0, [1], {}])
    def test_id(self, wrong):
        """An id is a number or a string."""
        with refuses('malformed', 'f: images[0].id'):
            tag_file_from(EMPTY | dict(images=[dict(id=wrong)]), 'f')

    @pytest.mark.parametrize('version', ['1.0', '1', '1.7', '0.9', None])
    def test_version(self, version):
        """This version, an older one, a later one of the same first number, none."""
        tag_file_from(EMPTY | dict(info=dict(tag_format=version)), 'f')

    @pytest.mark.parametrize('version', ['2.0', 'new'])
    def test_other_version(self, version):
        """A later one might mean something else."""
        with refuses('version', 'f'):
            tag_file_from(EMPTY | dict(info=dict(tag_format=version)), 'f')

    def test_plain_coco(self, data_dir):
        """COCO's own file."""
        for path in sorted((data_dir / 'coco_mini').rglob('person_keypoints*.json')):
            tags = load_tag_file(path)
            assert len(tags.names()) == 17
            assert read_all(tags) == [(None, [])] * len(tags.annotations)
            assert tags.to_dict() == json.loads(path.read_text())


class TestPerson:
    """Tags and views of a person."""

    def test_absent(self):
        """None and an empty list where there are none."""
        for person in ({}, dict(keypoint_tags=None, tag_views=None)):
            assert person_tags(person, ['a'], 'p') is None
            assert person_views(person, ['a'], 'p') == []

    def test_views(self):
        """Both forms of tags; boxes as floats."""
        views = [
            dict(bbox=[0, 1, 2, 3], keypoint_tags=[1, 0]),
            dict(bbox=[0.5, 1, 2, 3], keypoint_tags=dict(b=1), note='kept'),
        ]
        found = person_views(dict(tag_views=views), ['a', 'b'], 'p')
        assert found == [([0, 1, 2, 3], [1, 0]), ([0.5, 1, 2, 3], [-1, 1])]

    @pytest.mark.parametrize(
        ('views', 'code', 'place'),
        [
            ({}, 'malformed', ''),
            ([[]], 'view', '[0]'),
            ([dict(bbox=[0, 0, 1, 1])], 'view', '[0]'),
            ([dict(keypoint_tags=[1])], 'view', '[0]'),
            ([dict(bbox=[0, 0, 1], keypoint_tags=[1])], 'view', '[0].bbox'),
            ([dict(bbox=[0, 0, 1, 1], keypoint_tags=[2])], 'wrong-tag', '[0].keypoint_tags[0]'),
            ([dict(bbox=[0, 0, 1, 1], keypoint_tags=None)], 'malformed', '[0].keypoint_tags'),
        ],
    )
    def test_wrong_views(self, views, code, place):
        """The entry is named down to the value."""
        with refuses(code, f'p.tag_views{place}'):
            person_views(dict(tag_views=views), ['a'], 'p')


class TestBox:
    """Four numbers with an area."""

    @pytest.mark.parametrize(
        'value',
        [
            *(None, 5, '1234', [1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 3, '4'], [1, 2, 3, True]),
            *([1, 2, 3, float('nan')], [1, 2, float('inf'), 4], [10**400, 2, 3, 4], {}),
            *([1, 2, 0, 4], [1, 2, 3, -4]),
        ],
    )
    def test_refused(self, value):
        """Anything else is named."""
        finite = repr(value) not in ('[1, 2, 3, nan]', '[1, 2, inf, 4]')
        with refuses('box' if finite else 'not-finite', 'here'):
            parse_box(value, 'here')

    def test_box(self):
        """Numbers of both kinds; outside of the image is no fault here."""
        assert parse_box([-1, 2.5, 3, 4], 'here') == [-1.0, 2.5, 3.0, 4.0]


class TestFuzz:
    """Damaged files: a UserError or a right read, nothing else."""

    @examples(60)
    @given(data=mutated())
    def test_values(self, folder, data):
        """Values of other types anywhere, entries that are gone, double or renamed."""
        path = folder / 'mutated.json'
        path.write_text(json.dumps(data))
        try:
            tags = load_tag_file(path)
            names = tags.names()
        except UserError as error:
            assert str(error).startswith(str(path))
            return
        for person, where in tags.with_index():
            check(
                lambda p, n, w: [person_tags(p, n, w)],
                expected_tags(person, names),
                person,
                names,
                where,
            )
            check(person_views, expected_views(person, names), person, names, where)

    @examples(50)
    @given(data=contents(min_images=1), draw=st.data())
    def test_bytes(self, folder, data, draw):
        """Bytes that were cut off, changed or put in."""
        content = bytearray(json.dumps(data, ensure_ascii=False).encode())
        for _ in range(draw.draw(st.integers(1, 3))):
            place = draw.draw(st.integers(0, max(len(content) - 1, 0)))
            how = draw.draw(st.sampled_from(['cut', 'change', 'insert']))
            byte = draw.draw(st.integers(0, 255) | st.sampled_from(b'{}[],:"0-'))
            if how == 'cut':
                del content[place:]
            elif how == 'insert' or not content:
                content.insert(place, byte)
            else:
                content[place] = byte
        path = folder / 'bytes.json'
        path.write_bytes(content)
        try:
            truth = json.loads(content.decode())
        except ValueError:
            with pytest.raises(UserError) as error:
                load_tag_file(path)
            assert error.value.code in ('empty-file', 'encoding', 'cut-off', 'not-json')
            return
        try:
            tags = load_tag_file(path)
            read_all(tags)
        except UserError as error:
            assert str(error).startswith(str(path))
            return
        assert repr(tags.annotations) == repr(truth['annotations'])


def check(read, expected, person: dict, names: list[str], where: str) -> None:
    """The reader returns what is expected, or refuses what must be refused, naming it."""
    if expected is None:
        with pytest.raises(UserError) as caught:
            read(person, names, where)
        assert str(caught.value).startswith(where)
    else:
        assert read(person, names, where) == expected


def expected_tags(person: dict, names: list[str]) -> list | None:
    """What ``person_tags`` must say, in a list; None: it must refuse."""
    if person.get('keypoint_tags') is None:
        return [None]
    tags = oracle(person['keypoint_tags'], names)
    return None if tags is None else [tags]


def expected_views(person: dict, names: list[str]) -> list | None:
    """What ``person_views`` must say; None: it must refuse."""
    views = person.get('tag_views')
    if views is None:
        return []
    if not isinstance(views, list):
        return None
    out = []
    for view in views:
        if not isinstance(view, dict) or not {'bbox', 'keypoint_tags'} <= set(view):
            return None
        box, tags = view['bbox'], oracle(view['keypoint_tags'], names)
        good = isinstance(box, list) and len(box) == 4
        if tags is None or not good or any(type(v) not in (int, float) for v in box):
            return None
        if box[2] <= 0 or box[3] <= 0:
            return None
        out.append((box, tags))
    return out
