"""Tests of the entries of a list, one at a time."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.check import reader as module
from lfhpe_mmpose.annotation.check.findings import NOT_FINITE, Findings
from lfhpe_mmpose.annotation.check.reader import Reader
from lfhpe_mmpose.annotation.check.scan import scan


def entries(path, text: str):
    """Entries of the list "a" of a text, and the findings."""
    path.write_text(text, encoding='utf-8')
    findings = Findings()
    layout = scan(path)
    reader = Reader(layout, findings)
    return [entry for _, entry in reader.entries(layout.part('a'))], findings, reader


class TestReader:
    """The entries are those that json reads."""

    def test_entries(self, tmp_path):
        """Numbers, texts and objects come as json has them."""
        value = [1, 2.5, 'é"\\', None, True, {'b': [1, {'c': -3}]}, [], {}]
        got, findings, _ = entries(tmp_path / 'f', json.dumps({'a': value, 'item': [7]}))
        assert got == value
        assert [type(v) for v in got[:5]] == [int, float, str, type(None), bool]
        assert not findings.total

    def test_double_keys(self, tmp_path):
        """A key twice in one object is told, also within; in two objects it is not."""
        text = '{"a": [{"b": 1, "b": 2}, {"b": {"c": 1, "c": 1}}, {"b": 1}, {"b": 1}]}'
        got, findings, _ = entries(tmp_path / 'f', text)
        assert got[0] == {'b': 2}
        (found,) = findings.of('error')
        assert found.kind.code == 'duplicate-key'
        assert found.entries == ["a[0] has the key 'b' twice", "a[1] has the key 'c' twice"]

    def test_broken(self, tmp_path):
        """Faulty JSON within a list is told with the entry, what is before it is read."""
        got, findings, reader = entries(tmp_path / 'f', '{"a": [{"b": 1}, {"b" 2}, 3]}')
        assert got == [{'b': 1}]
        (found,) = findings.of('error')
        assert found.kind.code == 'not-json' and found.entries[0].startswith('a[1]: parse error')
        reader.check_json(reader.layout.part('a'))
        assert found.count == 2

    def test_entries_at(self, tmp_path):
        """Some entries are read again, without telling faults twice."""
        text = '{"a": [0, {"b": 1, "b": 2}, 4, 5]}'
        _, findings, reader = entries(tmp_path / 'f', text)
        before = findings.total
        part = reader.layout.part('a')
        assert reader.entries_at(part, [1, 2, 9]) == {1: {'b': 2}, 2: 4}
        assert reader.entries_at(part, []) == {}
        assert findings.total == before == 1

    def test_value_in(self, tmp_path):
        """A value of an object is read alone."""
        _, _, reader = entries(tmp_path / 'f', '{"a": [], "info": {"x": {"y": 3}, "y": "1.0"}}')
        part = reader.layout.part('info')
        assert reader.value_in(part, 'y') == '1.0'
        assert reader.value_in(part, 'z') is None

    @settings(max_examples=60, deadline=None)
    @given(
        words=st.lists(
            st.sampled_from(
                ['NaN', 'Infinity', '-Infinity', '"NaN"', '"a, NaN"', '"\\"NaN\\\\"', '1', '"x"']
            ),
            min_size=1,
        ),
        buffer=st.integers(1, 25),
    )
    def test_nan(self, tmp_path_factory, words, buffer):
        """NaN and Infinity, which are not JSON, come as numbers of no use; texts stay."""
        path = tmp_path_factory.getbasetemp() / 'nan.json'
        path.write_text(f'{{"a": [{", ".join(words)}]}}', encoding='utf-8')
        before, module._BUFFER = module._BUFFER, buffer
        try:
            layout = scan(path)
            findings = Findings()
            got = [v for _, v in Reader(layout, findings).entries(layout.part('a'))]
        finally:
            module._BUFFER = before
        text = f'[{", ".join(words)}]'
        assert got == json.loads(text, parse_constant=NOT_FINITE.get)
        assert not findings.total
