"""Tests of the result: text, JSON, ignored kinds; and of the list of kinds."""

import json
import re

import pytest

from lfhpe_mmpose.annotation.check import KINDS, Findings
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.entries import short
from tests.conftest import ROOT
from tests.refusal import refuses

from .files import check, good


def faulty():
    """A file with 7 errors of one kind and a warning."""
    data = good()
    data['annotations'] += [
        dict(id=100 + i, image_id=9, category_id=1, keypoint_tags=[1, 0, 1]) for i in range(7)
    ]
    data['annotations'].append(dict(id=200, image_id=1, category_id=1))
    return data


class TestReport:
    """What is told to people and to programs."""

    def test_text(self, tmp_path):
        """Errors first; the first entries, the number of the others, the remedy, the result."""
        text = check(tmp_path, faulty(), max_shown=2).text()
        assert text.startswith(
            'error    unknown-image (7): image_id that no image has\n'
            '   - annotations[5] (id 100).image_id: there is no such image\n'
            '   - annotations[6] (id 101).image_id: there is no such image\n'
            '   - and 5 more\n'
            '   remedy: add the image, or correct it\n'
            '\nwarning  teaches-nothing (1)'
        )
        assert text.endswith('tags.json: 7 errors, 1 warning')
        assert '2 images, 12 persons: 1 with coordinates, 10 with tags, 1 with tagged' in text
        none = check(tmp_path, faulty(), max_shown=0).text()
        assert '   - 7 entries\n' in none and 'annotations[5]' not in none

    def test_json(self, tmp_path):
        """The same, with statistics."""
        report = check(tmp_path, faulty(), max_shown=2)
        report.save(tmp_path / 'report.json')
        data = json.loads((tmp_path / 'report.json').read_text())
        assert (data['errors'], data['warnings'], data['complete']) == (7, 1, True)
        error, warning = data['found']
        assert (error['code'], error['severity'], error['count']) == ('unknown-image', 'error', 7)
        assert len(error['entries']) == 2 and error['remedy'] == KINDS['unknown-image'].remedy
        assert warning['severity'] == 'warning'
        assert data['statistics']['persons'] == 12
        assert data['keypoint_sets'][0]['keypoints']['nose']['seen'] == 11
        (tmp_path / 'none').touch()
        with refuses('not-writable', 'report.json'):
            report.save(tmp_path / 'none' / 'report.json')

    def test_ignore(self, tmp_path):
        """Ignored kinds are told, but do not count."""
        report = check(tmp_path, faulty(), ignore=['unknown-image', 'teaches-nothing'])
        assert report.status(strict=True) == 0
        assert 'ignored  unknown-image (7)' in report.text()
        assert [f['severity'] for f in report.to_dict()['found']] == ['ignored'] * 2

    @pytest.mark.parametrize(
        'code, word',
        [('unknown-imag', "did you mean 'unknown-image'"), ('not-json', 'cannot be ignored')],
    )
    def test_ignore_what(self, tmp_path, code, word):
        """A code that does not exist, or that nothing can be read after."""
        with pytest.raises(UserError, match=word):
            check(tmp_path, good(), ignore=[code])

    def test_half_letters(self, tmp_path):
        """Half characters of a file can be printed and written."""
        data = good()
        data['categories'][0]['keypoints'] = ['a\ud800', 'left_\udfff', 'c']
        data['annotations'][0]['keypoint_tags'] = {'\ud800b': 1}
        report = check(tmp_path, data)
        report.text().encode('utf-8')
        report.save(tmp_path / 'r.json')
        json.loads((tmp_path / 'r.json').read_bytes())

    def test_options(self, tmp_path):
        """Options that are out of range."""
        for options in (
            dict(occluded='maybe'),
            dict(image_seconds=-1),
            dict(image_seconds=float('nan')),
            dict(max_shown=-1),
        ):
            with pytest.raises(UserError, match='--'):
                check(tmp_path, good(), **options)


class TestKinds:
    """Each kind has its remedy, its line in the docs, and is found somewhere."""

    def test_docs(self):
        """The table of the docs has each code with its severity."""
        text = (ROOT / 'docs' / 'check-tags.md').read_text(encoding='utf-8')
        rows = dict(re.findall(r'^\| `([a-z][a-z-]+)` \| (error|warning)', text, re.M))
        assert rows == {kind.code: kind.severity for kind in KINDS.values()}
        assert all(kind.meaning and kind.remedy for kind in KINDS.values())

    def test_used(self):
        """Each code is told by some check, and each has a test."""
        sources = (ROOT / 'lfhpe_mmpose' / 'annotation' / 'check').glob('*.py')
        code = ''.join(p.read_text() for p in sources if p.stem != 'kinds')
        code += (ROOT / 'lfhpe_mmpose' / 'tags' / 'entries.py').read_text()
        folder = ROOT / 'tests' / 'annotation' / 'check'
        tests = ''.join(p.read_text() for p in folder.glob('*.py'))
        for name in KINDS:
            assert f"'{name}'" in code, name
            assert f"'{name}'" in tests, name


class TestFindings:
    """The collector."""

    def test_memory(self):
        """Only the first entries are kept."""
        findings = Findings(max_shown=3)
        for i in range(1000):
            findings.add('box', str(i))
        (found,) = findings.of('error')
        assert (found.count, found.entries, findings.total) == (1000, ['0', '1', '2'], 1000)

    def test_short(self):
        """Long values are cut, quickly."""
        assert short([1] * 10**7) == f'{str([1] * 60)[:57]}...'
        assert short('x' * 100) == "'" + 'x' * 56 + '...'
        assert short({'a': 1}) == "{'a': 1}"
