"""Tests of images that two files share."""

import json

import pytest
from PIL import Image

from tests.refusal import refuses

from .files import check, faults, found, good


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
        """The same name, written otherwise; the same id is reported as well."""
        val = other('./a//2.jpg', 'a/1.jpg', ids=('second', 5))
        report = check(tmp_path, good(), against=[val])
        assert found(report) == {'shared-image': (2, ['images[0]', 'images[1]'])}
        assert report.status() == 1
        assert faults(report) == [
            f"images[0]: 'a/1.jpg' is images[1] of {val}",
            f"images[1]: 'a/2.jpg' is images[0] of {val}, with the same id",
        ]

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
        text = f"images[0]: 'a/1.jpg' is byte by byte images[1] ('a/5.jpg') of {val}"
        assert faults(report) == [text]

    def test_same_bytes_once(self, tmp_path, other):
        """In one folder an image of the same name is reported once."""
        train = pictures(tmp_path / 'train', i1='red', i2='blue', i5='red')
        options = dict(images=train, against=[other('a/2.jpg', 'a/5.jpg')], same_bytes=True)
        report = check(tmp_path, good(), **options)
        assert found(report)['shared-image'][0] == 2
        assert ['byte by byte' in fault for fault in faults(report)] == [False, True]

    @pytest.mark.parametrize(
        'text, code',
        [
            ('', 'empty-file'),
            ('[]', 'structure'),
            ('{}', 'structure'),
            ('{"images": [{"id": 1}]}', 'malformed'),
            ('{"images": [{"id" 1}]}', 'not-json'),
            (None, 'unreadable-file'),
        ],
    )
    def test_unreadable(self, tmp_path, text, code):
        """A file that cannot be compared with."""
        path = tmp_path / 'val.json'
        if text is not None:
            path.write_text(text)
        with refuses(code, place=path):
            check(tmp_path, good(), against=[str(path)])

    def test_options(self, tmp_path, other):
        """Options that do not fit together."""
        val, root = other('b.jpg'), str(tmp_path)
        for options, code, place in (
            (dict(same_bytes=True), 'option', '--same-bytes'),
            (dict(same_bytes=True, against=[val]), 'option', '--same-bytes'),
            (dict(against=[val], against_images=[root] * 3), 'option', '--against-images'),
            (
                dict(against=[val], against_images=[root + '/no']),
                'folder-missing',
                '--against-images',
            ),
        ):
            with refuses(code, place=place):
                check(tmp_path, good(), **options)
