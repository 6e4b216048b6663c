"""Tests of the list of images, and of the file as a whole."""

import json

import pytest

from .files import check, found, good, one


def put(index: int, **values):
    """A change of an image; KeyError removes a key."""

    def change(data):
        data['images'][index].update(values)
        for key in [k for k, v in values.items() if v is KeyError]:
            del data['images'][index][key]

    return change


class TestImages:
    """Each fault of an image."""

    @pytest.mark.parametrize(
        'change, code, entry',
        [
            (put(0, file_name=KeyError), 'malformed', 'images[0].file_name is missing'),
            (put(0, file_name=''), 'malformed', "images[0].file_name is ''"),
            (put(0, file_name=5), 'malformed', 'images[0].file_name is 5'),
            (put(0, width=KeyError), 'malformed', 'images[0].width is missing'),
            (put(0, height=0), 'malformed', 'images[0].height is 0; it must be above 0'),
            (put(0, height='480'), 'malformed', "images[0].height is '480', no number"),
            (put(0, width=float('inf')), 'not-finite', 'images[0].width is Infinity'),
            (
                put(1, file_name='./a//1.jpg'),
                'duplicate-image',
                "images[1].file_name is './a//1.jpg', as that of images[0]",
            ),
            (lambda d: d['images'].append(None), 'malformed', 'images[2] is None, no object'),
            (
                lambda d: d['images'].append(dict(d['images'][0], file_name='b')),
                'duplicate-id',
                'images[2].id is 1, as that of images[0]',
            ),
            (
                lambda d: d['images'].append(dict(d['images'][0], file_name='b', id=None)),
                'malformed',
                'images[2].id is None',
            ),
        ],
    )
    def test_fault(self, tmp_path, change, code, entry):
        """One fault is told once, with the entry."""
        got = one(tmp_path, change)
        assert got[0] == code and entry in got[1], got


class TestFile:
    """The file as a whole."""

    @pytest.mark.parametrize(
        'change, word',
        [
            (lambda d: d.pop('images'), "'images' is missing"),
            (lambda d: d.update(annotations={}), "'annotations' is a value of type object"),
            (lambda d: d.update(categories=None), "'categories' is a value of type NoneType"),
        ],
    )
    def test_structure(self, tmp_path, change, word):
        """Without its lists nothing else is told."""
        data = good()
        change(data)
        report = check(tmp_path, data)
        assert list(found(report)) == ['structure']
        assert word in found(report)['structure'][1][0]
        assert not report.complete and report.status() == 1

    def test_double_lists(self, tmp_path):
        """Two lists of the same name: the last one is read, as Python does, and it is told."""
        data = good()
        text = json.dumps(data)[:-1] + ', "annotations": [], "info": {}}'
        result = found(check(tmp_path, text))
        assert result['duplicate-key'][0] == 2
        assert "key 'annotations' 2 times" in result['duplicate-key'][1][1]
        assert 'no-persons' in result

    @pytest.mark.parametrize('version', ['2.0', 3, 'new', float('nan'), []])
    def test_version(self, tmp_path, version):
        """A file of a newer version is not read."""
        data = good()
        data['info'] = {'tag_format': version}
        assert list(found(check(tmp_path, data))) == ['version']

    @pytest.mark.parametrize('info', [{}, None, 'text', {'tag_format': '1.7'}, {'a': {'b': 1}}])
    def test_info(self, tmp_path, info):
        """What else is in info does not matter."""
        data = good()
        data['info'] = info
        assert found(check(tmp_path, data)) == {}

    def test_other_entries(self, tmp_path):
        """Entries that are not used must be JSON, and nothing else."""
        data = good()
        data['licenses'] = [{'annotations': {'item': 1}}, 2]
        data['annotations.item'] = {'item': [1]}
        assert found(check(tmp_path, data)) == {}
        text = json.dumps(data).replace('"item": 1}', '"item" 1}')
        assert list(found(check(tmp_path, text))) == ['not-json']

    def test_broken_within(self, tmp_path):
        """Faulty JSON in a list is told with its entry."""
        text = json.dumps(good()).replace('{"id": 13,', '{"id" 13,')
        report = check(tmp_path, text)
        assert found(report)['not-json'][1][0].startswith('annotations[2]: parse error')
        assert not report.complete
