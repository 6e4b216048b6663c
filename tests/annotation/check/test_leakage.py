"""Tests of images that two files share."""

import json

import pytest
from PIL import Image

from lfhpe_mmpose.errors import UserError

from .files import check, found, good


@pytest.fixture
def other(tmp_path):
    """A validation file of other images; `write(names)` sets them."""
    path = tmp_path / 'val.json'

    def write(*names, ids=(7, 8, 9)):
        data = good()
        images = [dict(id=i, file_name=n, width=640, height=480) for i, n in zip(ids, names)]
        path.write_text(json.dumps(dict(data, images=images)))
        return str(path)

    return write


def pictures(folder, **colours):
    """A folder of pictures, a colour each."""
    (folder / 'a').mkdir(parents=True)
    for name, colour in colours.items():
        size = (64, 60) if name.endswith('2') else (640, 480)
        Image.new('RGB', size, colour).save(folder / 'a' / f'{name[1:]}.jpg')
    return str(folder)


class TestLeakage:
    """The checked file against others."""

    def test_none(self, tmp_path, other):
        """Other images."""
        report = check(tmp_path, good(), against=[other('b/1.jpg', '1.jpg')])
        assert found(report) == {}
        assert list(report.statistics['shared_images'].values()) == [0]

    def test_same_name(self, tmp_path, other):
        """The same name, written otherwise; the same id is told as well."""
        val = other('./a//2.jpg', 'a/1.jpg', ids=('second', 5))
        report = check(tmp_path, good(), against=[val])
        count, entries = found(report)['shared-image']
        assert count == 2 and report.status() == 1
        assert entries[0] == f"images[0] ('a/1.jpg') is images[1] of {val}"
        assert entries[1] == f"images[1] ('a/2.jpg') is images[0] of {val}, with the same id"

    def test_many(self, tmp_path, other):
        """Two files, all counted, the first named."""
        val = other('a/2.jpg', 'a/1.jpg')
        report = check(tmp_path, good(), against=[val, val], max_shown=1)
        assert found(report)['shared-image'][0] == 4
        assert len(found(report)['shared-image'][1]) == 1

    def test_folders(self, tmp_path, other):
        """The same name in another folder is a warning, and with the bytes compared nothing."""
        train = pictures(tmp_path / 'train', i1='red', i2='blue')
        test = pictures(tmp_path / 'test', i1='green')
        options = dict(images=train, against=[other('a/1.jpg')], against_images=[test])
        report = check(tmp_path, good(), **options)
        assert list(found(report)) == ['shared-name'] and report.status() == 0
        assert found(check(tmp_path, good(), same_bytes=True, **options)) == {}
        # One folder for all is the same as that of the images.
        options['against_images'] = [train]
        assert list(found(check(tmp_path, good(), **options))) == ['shared-image']

    def test_same_bytes(self, tmp_path, other):
        """The same picture under another name."""
        train = pictures(tmp_path / 'train', i1='red', i2='blue')
        test = pictures(tmp_path / 'test', i5='red', i6='green')
        val = other('a/6.jpg', 'a/5.jpg', 'a/none.jpg')
        options = dict(images=train, against=[val], against_images=[test])
        assert found(check(tmp_path, good(), **options)) == {}
        report = check(tmp_path, good(), same_bytes=True, **options)
        text = f"images[0] ('a/1.jpg') is byte by byte images[1] ('a/5.jpg') of {val}"
        assert found(report) == {'shared-image': (1, [text])}

    def test_same_bytes_once(self, tmp_path, other):
        """In one folder an image of the same name is told once."""
        train = pictures(tmp_path / 'train', i1='red', i2='blue', i5='red')
        options = dict(images=train, against=[other('a/2.jpg', 'a/5.jpg')], same_bytes=True)
        result = found(check(tmp_path, good(), **options))
        assert result['shared-image'][0] == 2
        assert ['byte by byte' in e for e in result['shared-image'][1]] == [False, True]

    @pytest.mark.parametrize(
        'text, word',
        [
            ('', '0 bytes'),
            ('[]', 'holds a list'),
            ('{}', "no list 'images'"),
            ('{"images": [{"id": 1}]}', 'Check this file first'),
            ('{"images": [{"id" 1}]}', 'Check this file first'),
        ],
    )
    def test_unreadable(self, tmp_path, text, word):
        """A file that cannot be compared with is the user's mistake."""
        path = tmp_path / 'val.json'
        path.write_text(text)
        with pytest.raises(UserError, match=word):
            check(tmp_path, good(), against=[str(path)])
        with pytest.raises(UserError, match='cannot be read'):
            check(tmp_path, good(), against=[str(tmp_path / 'none.json')])

    def test_options(self, tmp_path, other):
        """Options that do not fit together."""
        val, root = other('b.jpg'), str(tmp_path)
        for options, word in (
            (dict(same_bytes=True), '--same-bytes'),
            (dict(same_bytes=True, against=[val]), '--same-bytes'),
            (dict(against=[val], against_images=[root] * 3), '3 folders for 1 files'),
            (dict(against=[val], against_images=[root + '/no']), '--against-images'),
        ):
            with pytest.raises(UserError, match=word):
                check(tmp_path, good(), **options)
