"""Persons: boxes of a table, of a tag file, whole images."""

import pytest

from lfhpe_mmpose.annotation.plan import persons_from_file
from lfhpe_mmpose.annotation.plan.persons import boxed_persons
from lfhpe_mmpose.tags import TagFile
from tests.refusal import refuses

from .conftest import NAMES, entries_of

HEADER = 'image,x,y,width,height\n'


def _read(path, photos):
    return persons_from_file(str(path), str(photos), entries_of(photos))


class TestBoxes:
    """`boxed_persons` and tables."""

    def test_ids_follow_the_box_not_the_order(self, photos):
        """The same box twice is one person."""
        images = entries_of(photos)[:1]
        boxes = [[1, 2, 30, 40], [50, 2, 30, 40]]
        one = boxed_persons(images, {'a.png': boxes})
        two = boxed_persons(images, {'a.png': [*boxes[::-1], boxes[0]]})
        key = lambda p: p['id']  # noqa: E731
        assert sorted(one, key=key) == sorted(two, key=key)

    @pytest.mark.parametrize('mark', ['', '\ufeff'])
    def test_table(self, photos, tmp_path, mark):
        """A row is a person; a mark of UTF-8, blank lines and further columns are ignored."""
        (tmp_path / 'boxes.csv').write_text(
            f'{mark}x,image,y,width,height,who\n\n1,sub/a.png,2,30,40,me\n', encoding='utf-8'
        )
        _, (person,), _ = _read(tmp_path / 'boxes.csv', photos)
        assert person['bbox'] == [1, 2, 30, 40]
        assert person['image_id'] == entries_of(photos)[2]['id']

    @pytest.mark.parametrize(
        ('text', 'code', 'place'),
        [
            ('image,x,y,w,h\na.png,1,2,3,4', 'table-columns', ''),
            ('', 'table', ''),
            (f'{HEADER}A.png,1,2,3,4', 'missing-image', 'row 2, column image'),
            (f'{HEADER}a.png,1,b,3,4', 'box', 'row 2'),
            (f'{HEADER}\na.png,1,1,0,4', 'box', 'row 3'),
            (f'{HEADER}a.png,1,nan,3,4', 'not-finite', 'row 2'),
            (f'{HEADER}a.png,1,2,3', 'box', 'row 2'),
        ],
    )
    def test_wrong_table(self, photos, tmp_path, text, code, place):
        """The row is named."""
        (tmp_path / 'boxes.csv').write_text(text)
        with refuses(code, place=place):
            _read(tmp_path / 'boxes.csv', photos)

    def test_other_files(self, photos, tmp_path):
        """Only .json and .csv are read."""
        with refuses('format', place='boxes.txt'):
            _read(tmp_path / 'boxes.txt', photos)
        with refuses('unreadable-file', place='none.csv'):
            _read(tmp_path / 'none.csv', photos)


class TestTagFile:
    """Persons of a tag file."""

    def test_keeps_ids_and_drops_the_rest(self, photos, tmp_path):
        """Keypoints, tags and crowds are dropped; a missing image is reported."""
        tags = TagFile.new(NAMES)
        for number, name in (('x', 'a.png'), (7, 'gone.png')):
            tags.images.append(dict(id=number, file_name=name, width=120, height=80))
        person = dict(id=3, image_id='x', category_id=1, bbox=[1, 2, 30, 40])
        tags.annotations = [
            dict(person, keypoints=[1, 2, 2, 3, 4, 2], keypoint_tags=[1, 1]),
            dict(person, id=4, iscrowd=1),
            dict(person, id=5, image_id=7),
            dict(person, id=6, image_id=[1]),
        ]
        tags.save(tmp_path / 'boxes.json')
        images, persons, remarks = _read(tmp_path / 'boxes.json', photos)
        assert images == tags.images[:1]
        assert persons == [dict(id=3, image_id='x', bbox=[1, 2, 30, 40])]
        assert '1 images are not in' in remarks[0] and 'gone.png' in remarks[0]

    @pytest.mark.parametrize(
        ('change', 'code', 'place'),
        [
            (lambda t: t.images[0].update(width=80, height=120), 'image-size', 'images[0]'),
            (lambda t: t.images[0].update(file_name='photos/a.png'), 'missing-image', ''),
            (lambda t: t.images.append(t.images[0]), 'duplicate-id', 'images[1]'),
            (lambda t: t.annotations.append(t.annotations[0]), 'duplicate-id', 'annotations[1]'),
            (lambda t: t.annotations[0].update(bbox=[1, 2, 0, 4]), 'box', 'annotations[0]'),
        ],
    )
    def test_mistakes(self, photos, tmp_path, change, code, place):
        """Another size means another picture; no image at all means another folder."""
        tags = TagFile.new(NAMES)
        tags.images = [dict(id=1, file_name='a.png', width=120, height=80)]
        tags.annotations = [dict(id=1, image_id=1, category_id=1)]
        change(tags)
        tags.save(tmp_path / 'boxes.json')
        with refuses(code, place=place):
            _read(tmp_path / 'boxes.json', photos)
