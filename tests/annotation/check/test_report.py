"""Tests of the result: text, JSON, ignored kinds; and of the list of kinds."""

import json

import pytest

from lfhpe_mmpose.annotation.check import Findings, check_outputs
from lfhpe_mmpose.fault_codes import KINDS
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
    """What people and programs are given."""

    def test_text(self, tmp_path):
        """Errors first; the first entries, the number of the others, the remedy, the result."""
        text = check(tmp_path, faulty(), max_shown=2).text()
        kind = KINDS['unknown-image']
        assert text.startswith(
            f'error    unknown-image (7): {kind.meaning}\n'
            '   - annotations[5] (id 100).image_id: no image has the id 9\n'
            '   - annotations[6] (id 101).image_id: no image has the id 9\n'
            '   - and 5 more\n'
            f'   remedy: {kind.remedy}\n'
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
        with refuses('not-writable', place='report.json'):
            report.save(tmp_path / 'report.json' / 'report.json')

    def test_ignore(self, tmp_path):
        """Ignored kinds are reported, but do not count."""
        report = check(tmp_path, faulty(), ignore=['unknown-image', 'teaches-nothing'])
        assert report.status(strict=True) == 0
        assert 'ignored  unknown-image (7)' in report.text()
        assert [f['severity'] for f in report.to_dict()['found']] == ['ignored'] * 2

    @pytest.mark.parametrize('code', ['unknown-imag', 'not-json'])
    def test_ignore_what(self, tmp_path, code):
        """A code that does not exist, or a fault after which nothing can be read."""
        with refuses('option', place=f'--ignore {code}'):
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
        for options, place in (
            (dict(occluded='maybe'), '--occluded'),
            (dict(image_seconds=-1), '--image-seconds'),
            (dict(image_seconds=float('nan')), '--image-seconds'),
            (dict(max_shown=-1), '--max-shown'),
        ):
            with refuses('option', place=place):
                check(tmp_path, good(), **options)

    @pytest.mark.parametrize(
        'report, picture',
        [
            ('none/r.json', None),
            ('.', None),
            ('tags.json', None),
            (None, 'tags.json'),
            (None, 'h.txt'),
            ('h.png', 'h.png'),
        ],
    )
    def test_outputs(self, tmp_path, monkeypatch, report, picture):
        """Outputs that cannot be written, or that are inputs or each other."""
        monkeypatch.chdir(tmp_path)
        check_outputs(['tags.json'], 'r.json', 'h.png')
        with refuses('option'):
            check_outputs(['tags.json'], report, picture)


class TestFindings:
    """The collector."""

    def test_memory(self):
        """Only the first entries are kept."""
        findings = Findings(max_shown=3)
        for i in range(1000):
            findings.add('box', f'annotations[{i}]', 'x')
        (found,) = findings.of('error')
        assert (found.count, findings.total) == (1000, 1000)
        assert [str(entry) for entry in found.entries] == [
            f'annotations[{i}]: x' for i in range(3)
        ]
        assert (found.entries[0].code, found.entries[0].severity) == ('box', 'error')
