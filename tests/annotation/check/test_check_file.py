"""Tests of the whole check: memory, and agreement with the data set, whatever is in the file."""

import json
import random
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.check import check_tag_file, geometry, persons, tally
from lfhpe_mmpose.files import json_stream
from tests.refusal import refuses

from .files import check, found, good
from .fuzz import VALUES, damaged, disagreement, places, reading, replaced


def agrees(path) -> None:
    """A report comes, it can be printed and written, and the data set agrees with it."""
    text, _ = disagreement(path)
    assert not text, f'{text}: {path.read_bytes()!r}'


class TestFuzz:
    """Every outcome is a report, and the checker passes what the data set reads, and no more."""

    @pytest.mark.parametrize('number', range(4))
    def test_every_place(self, tmp_path, number):
        """Another value in every place of a valid file, and none at all."""
        path = tmp_path / 'tags.json'
        every = [(p, v) for p in places(good()) for v in (*VALUES, places)]
        every = [(p, v) for p, v in every if p or v is not places]
        # A quarter of them in each test: together all.
        for place, value in every[number::4]:
            path.write_text(json.dumps(replaced(good(), place, value)), encoding='utf-8')
            agrees(path)

    @pytest.mark.parametrize('seed', range(4))
    def test_random(self, tmp_path, seed):
        """Several faults at once; `make test-faults` tries 20,000 such files."""
        rng = random.Random(seed)
        path = tmp_path / 'tags.json'
        for _ in range(100):
            path.write_bytes(damaged(rng))
            agrees(path)

    def test_cut(self, tmp_path):
        """A file cut anywhere is refused."""
        path = tmp_path / 'tags.json'
        data = json.dumps(good()).encode()
        for end in range(0, len(data), 3):
            path.write_bytes(data[:end])
            report = check_tag_file(path)
            assert next(iter(found(report))) in ('empty-file', 'cut-off') and report.status() == 1

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.binary(max_size=40) | st.text(alphabet='{}[]",:\\ 1eN', max_size=30))
    def test_anything(self, tmp_path_factory, data):
        """Any bytes."""
        path = tmp_path_factory.getbasetemp() / 'anything.json'
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        report = check_tag_file(path)
        assert report.status() == 1 and report.text()

    def test_oracle(self, tmp_path):
        """The data set reads a valid file, and refuses another."""
        check(tmp_path, good())
        assert reading(tmp_path / 'tags.json') == ''
        (tmp_path / 'tags.json').write_text('{}')
        assert reading(tmp_path / 'tags.json') == 'structure'


class TestGood:
    """Valid files."""

    def test_numbers(self, tmp_path):
        """Nothing is found, and the numbers are those of the file."""
        report = check(tmp_path, good())
        assert found(report) == {}
        assert report.status() == report.status(strict=True) == 0
        assert report.statistics == dict(
            images=2,
            annotations=5,
            persons=4,
            crowds=1,
            located=1,
            tagged=3,
            with_views=1,
            views=2,
            teach_nothing=0,
        )
        (keypoints,) = [s['keypoints'] for s in report.keypoint_sets]
        assert keypoints['nose'] == dict(seen=4, absent=2, unknown=0, located=1)
        assert keypoints['left_wrist'] == dict(seen=3, absent=3, unknown=0, located=1)
        assert keypoints['right_wrist'] == dict(seen=1, absent=2, unknown=3, located=0)

    @pytest.mark.parametrize('occluded, tags', [('negative', (2, 4, 0)), ('unknown', (2, 3, 1))])
    def test_occluded(self, tmp_path, occluded, tags):
        """Flag 1 counts as training takes it."""
        report = check(tmp_path, good(), occluded=occluded)
        counts = report.keypoint_sets[0]['keypoints']['left_wrist']
        assert (counts['seen'], counts['absent'], counts['unknown']) == tags

    @pytest.mark.parametrize('reverse', [False, True])
    def test_order_of_lists(self, tmp_path, reverse):
        """The lists may come in any order."""
        data = good()
        assert found(check(tmp_path, {k: data[k] for k in sorted(data, reverse=reverse)})) == {}


class TestFile:
    """The file as a whole."""

    @pytest.mark.parametrize(
        'change',
        [
            lambda d: d.pop('images'),
            lambda d: d.update(annotations={}),
            lambda d: d.update(categories=None),
        ],
    )
    def test_structure(self, tmp_path, change):
        """Without its lists nothing else is reported."""
        data = good()
        change(data)
        report = check(tmp_path, data)
        assert list(found(report)) == ['structure']
        assert not report.complete and report.status() == 1

    def test_double_keys(self, tmp_path):
        """The last of two lists is read, as Python does; every key twice is reported."""
        text = json.dumps(good())[:-1] + ', "annotations": [], "info": {}}'
        text = text.replace('"id": 11', '"id": 11, "id": 11')
        result = found(check(tmp_path, text))
        assert result['duplicate-key'] == (3, ['the file', 'the file', 'annotations[0]'])
        assert 'no-persons' in result

    @pytest.mark.parametrize('error', [0.5, -0.1, '5%', True, None])
    def test_answer_error(self, tmp_path, error):
        """A share of wrong answers that no annotator can have, for the file or a person."""
        data = good()
        data['info'] = dict(answer_error=error)
        data['annotations'][0]['answer_error'] = error
        assert found(check(tmp_path, data))['answer-error'] == (
            2,
            ['info.answer_error', 'annotations[0] (id 11).answer_error'],
        )

    @pytest.mark.parametrize('version', ['2.0', 3, 'new', float('nan'), []])
    def test_version(self, tmp_path, version):
        """A file of a newer version is not read."""
        data = good()
        data['info'] = {'tag_format': version}
        assert list(found(check(tmp_path, data))) == ['version']

    @pytest.mark.parametrize('info', [{}, None, 'text', {'tag_format': '1.7'}, {'a': {'b': 1}}])
    def test_info(self, tmp_path, info):
        """Other content of ``info`` does not matter."""
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
        report = check(tmp_path, text)
        assert list(found(report)) == ['not-json'] and not report.complete


class TestMemory:
    """A stream: the memory does not grow with the file."""

    def test_bounded(self, tmp_path, monkeypatch):
        """Ten times the persons take a few bytes each, not the hundreds that they have."""

        monkeypatch.setattr(geometry, '_BATCH', 50)
        monkeypatch.setattr(tally, '_BATCH', 50)
        monkeypatch.setattr(json_stream, 'CHUNK', 4096)

        def peak(number: int) -> int:
            data = good()
            last = data['annotations'].pop(1)
            data['annotations'] += [dict(last, id=f'person {i}') for i in range(number)]
            path = tmp_path / f'{number}.json'
            path.write_text(json.dumps(data), encoding='utf-8')
            tracemalloc.start()
            report = check_tag_file(path)
            top = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert report.statistics['annotations'] == number + 4
            assert found(report) == {}
            return top

        peak(10)
        # Both fill every buffer; beyond them a person has 16 bytes, and copies in sorting.
        few, many = peak(500), peak(3000)
        assert (many - few) / 2500 < 60

    def test_missing_file(self, tmp_path):
        """No file is the user's mistake, not a report."""
        with refuses('unreadable-file', place='none.json'):
            check_tag_file(tmp_path / 'none.json')

    def test_interrupted(self, tmp_path, monkeypatch):
        """Ctrl-C ends the check."""

        def stop(*args):
            raise KeyboardInterrupt

        monkeypatch.setattr(persons.Persons, '_read_one', stop)
        with pytest.raises(KeyboardInterrupt):
            check(tmp_path, good())
