"""Tests of reading JSON entry by entry."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lfhpe_mmpose.files import json_stream
from lfhpe_mmpose.files.json_stream import list_entries, open_json
from tests.refusal import refuses

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    """A file that the examples of one test share."""
    return tmp_path_factory.mktemp('json') / 'file.json'


class TestOpenJson:
    """The entries of the outermost object."""

    @settings(max_examples=80, deadline=None)
    @given(
        pairs=st.lists(st.tuples(st.text(), VALUES), max_size=5),
        chunk=st.integers(1, 40),
        ascii_only=st.booleans(),
        indent=st.sampled_from([None, 1]),
    )
    def test_as_json(self, path, pairs, chunk, ascii_only, indent):
        """Keys, types and entries are those of ``json.load``, in chunks of any size."""

        def dump(value):
            text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
            return text.encode('utf-8', 'backslashreplace')

        path.write_bytes(b'{' + b', '.join(dump(k) + b': ' + dump(v) for k, v in pairs) + b'}\n')
        last = json.loads(path.read_bytes())
        before, json_stream.CHUNK = json_stream.CHUNK, chunk
        try:
            file = open_json(path)
            assert [part.key for part in file.parts] == [key for key, _ in pairs]
            for key, value in last.items():
                part = file.part(key)
                assert part.kind == type(value).__name__
                entries = [entry for _, entry in file.entries(key)]
                assert repr(entries if part.kind == 'list' else part.value) == repr(value)
        finally:
            json_stream.CHUNK = before

    @pytest.mark.parametrize(
        'data, code',
        [
            (b'', 'empty-file'),
            (b'  \n', 'empty-file'),
            (b'\xef\xbb\xbf{}', 'encoding'),
            ('{}'.encode('utf-16'), 'encoding'),
            ('{"a": 1}'.encode('utf-16-le'), 'encoding'),
            (b'{"a": "\xff"}', 'encoding'),
            (b'{"a": "\xe2\x82', 'cut-off'),
            (b'\x1f\x8b\x08', 'encoding'),
            (b'{"images": [1, 2', 'cut-off'),
            (b'{"images": [1, 2,', 'cut-off'),
            (b'{"images": [{"file_name": "a', 'cut-off'),
            (b'{"images": [{"file_name": "a\\u00', 'cut-off'),
            (b'{"images": [{"file_name": tru', 'cut-off'),
            (b'{"images": [{"id": -', 'cut-off'),
            (b'{"a": 1', 'cut-off'),
            (b'{"a"', 'cut-off'),
            (b'{', 'cut-off'),
            (b'{"a": 1}}', 'not-json'),
            (b'{"a": 1} {}', 'not-json'),
            (b'{"a": 1,}', 'not-json'),
            (b'{"a": [1,]}', 'not-json'),
            (b'{"a": [{"b" 1}]}', 'not-json'),
            (b'{"a": hello}', 'not-json'),
            (b"{'a': 1}", 'not-json'),
            (b'{"a": [\x0b1]}', 'not-json'),
            (b'{"a": "\x0b"}', 'not-json'),
            (b'{"a": \\n}', 'not-json'),
            (b'{"a": [1}]', 'not-json'),
            (b'{"a": [1' + b'0' * 9000 + b']}', 'not-json'),
            (b'[{"id": 1}]', 'structure'),
            (b'[' + b'{}, ' * 600_000 + b'{}]', 'structure'),
            (b'null', 'structure'),
            (b'{"a": ' + b'[' * 200_000 + b']' * 200_000 + b'}', 'nesting'),
            (b'{"a":' * 100_000, 'nesting'),
        ],
    )
    def test_refused(self, path, data, code):
        """What cannot be read is named by its code."""
        path.write_bytes(data)
        with refuses(code, place=path):
            open_json(path)

    def test_place(self, path, monkeypatch):
        """A fault is located by entry, line and column, in chunks of any size."""
        path.write_text('{"a": [\n  {"b": 1},\n  {"é": 2, "b" 2}\n]}\n', encoding='utf-8')
        for chunk in (5, 1000):
            monkeypatch.setattr(json_stream, 'CHUNK', chunk)
            with refuses('not-json') as caught:
                open_json(path)
            assert 'a[1], line 3, column 16' in caught.value.fault

    def test_missing_quote(self, path, monkeypatch):
        """A text that never ends does not fill the memory."""
        monkeypatch.setattr(json_stream, 'MAX_ENTRY', 1000)
        monkeypatch.setattr(json_stream, 'CHUNK', 100)
        path.write_text('{"a": [{"b": "' + 'x' * 9000)
        with refuses('not-json'):
            open_json(path)

    def test_doubles(self, path):
        """A key twice in one object, also within and across chunks; not in two objects."""
        text = '{"a": [{"b": 1, "b": 2}, {"b": {"c": 1, "c": 1}}, {"b": 1}, {"b": 1}]'
        path.write_text(text + ', "info": {"x": 1, "x": 2}}')
        file = open_json(path)
        assert file.doubles == [('a[0]', 'b'), ('a[1]', 'c'), ('info', 'x')]

    def test_last_list(self, path):
        """Of two lists with one key the last one counts, as for ``json.load``."""
        path.write_text('{"a": [1], "b": 0, "a": [2, {"x": 3}, 4]}')
        file = open_json(path)
        assert list(file.entries('a')) == [(0, 2), (1, {'x': 3}), (2, 4)]
        assert list(file.entries('b')) == list(file.entries('none')) == []
        assert file.entries_at('a', [2, 1, 9]) == {1: {'x': 3}, 2: 4}
        assert file.entries_at('a', []) == {}

    def test_not_finite(self, path):
        """NaN and infinity, which Python writes, are read as such."""
        path.write_text('{"a": [NaN, -Infinity, 1e999, "NaN"]}')
        nan, low, high, text = (value for _, value in open_json(path).entries('a'))
        assert math.isnan(nan) and (low, high, text) == (-math.inf, math.inf, 'NaN')

    def test_missing(self, tmp_path):
        """A path that does not exist, a folder, a name that no file can have."""
        for wrong in (tmp_path / 'none.json', tmp_path, 'a\0b'):
            with refuses('unreadable-file', place=str(wrong)):
                open_json(wrong)

    def test_progress(self, path, monkeypatch):
        """All bytes are counted."""
        monkeypatch.setattr(json_stream, 'CHUNK', 4096)
        path.write_bytes(b'{"a": [' + b'1, ' * 5000 + b'1]}')
        told: list[int] = []
        open_json(path, told.append)
        assert sum(told) == path.stat().st_size and len(told) > 2


class TestListEntries:
    """A file that holds a list."""

    def test_entries(self, path):
        """Its entries; an object is refused."""
        path.write_text(' [1, {"a": 2}] ')
        assert list(list_entries(path)) == [1, {'a': 2}]
        path.write_text('[1, {"a": 2')
        with refuses('cut-off', place=path):
            list(list_entries(path))
        path.write_text('{}')
        with refuses('structure', place=path):
            list(list_entries(path))
