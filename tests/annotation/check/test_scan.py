"""Tests of the search for the lists of a file."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.annotation.check import scan as module
from lfhpe_mmpose.annotation.check.scan import ScanError, scan

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    """A file that the examples of one test share."""
    return tmp_path_factory.mktemp('scan') / 'file.json'


class TestScan:
    """Where the entries of the file are."""

    @settings(max_examples=80, deadline=None)
    @given(
        pairs=st.lists(st.tuples(st.text(), VALUES), max_size=5),
        chunk=st.integers(1, 40),
        ascii_only=st.booleans(),
    )
    def test_parts(self, path, pairs, chunk, ascii_only):
        """Each entry is found with its bytes, in any chunks, double keys included."""

        def dump(value):
            text = json.dumps(value, ensure_ascii=ascii_only)
            return text.encode('utf-8', 'backslashreplace')

        body = b', '.join(dump(k) + b': ' + dump(v) for k, v in pairs)
        path.write_bytes(b'{' + body + b'}\n')
        before, module.CHUNK = module.CHUNK, chunk
        try:
            layout = scan(path)
        finally:
            module.CHUNK = before
        data = path.read_bytes()
        for part, (key, value) in zip(layout.parts, json.loads(data, object_pairs_hook=list)):
            assert part.key == key
            if part.kind in ('list', 'object'):
                there = json.loads(data[part.start : part.end], object_pairs_hook=list)
                assert repr(there) == repr(value)
            else:
                assert repr(part.value) == repr(value)
        assert len(layout.parts) == len(pairs)
        constants: list[str] = []
        json.loads(data, parse_constant=constants.append)
        assert layout.has_nan == bool(constants)

    @pytest.mark.parametrize(
        'data, code, word',
        [
            (b'', 'empty-file', '0 bytes'),
            (b'  \n', 'empty-file', ''),
            (b'\xef\xbb\xbf{}', 'encoding', 'mark of UTF-8'),
            ('{}'.encode('utf-16'), 'encoding', 'UTF-16'),
            (b'{"a": "\xff"}', 'encoding', 'byte 7'),
            (b'{"a": "\xe2\x82', 'cut-off', 'within a letter'),
            (b'\x1f\x8b\x08', 'not-json', 'compressed'),
            (b'{"images": [1, 2', 'cut-off', "2 brackets are open in 'images'"),
            (b'{"images": [{"file_name": "a', 'cut-off', 'a text is open'),
            (b'{"a": 1', 'cut-off', '1 brackets'),
            (b'{"a": 1}}', 'not-json', 'a bracket too many: byte 8'),
            (b'{"a": 1} {}', 'not-json', 'Extra data'),
            (b'{"a": 1,}', 'not-json', 'outside of its lists'),
            (b'{"a": hello}', 'not-json', "near '{"),
            (b"{'a': 1}", 'not-json', 'byte 1'),
            (b'{"a": [\x0b1]}', 'not-json', 'byte 7'),
            (b'{"a": \\n}', 'not-json', 'byte 6'),
            (b'{"a": [1}]', 'not-json', ''),
            (b'[{"id": 1}]', 'structure', 'holds a list'),
            (b'[' + b'{}, ' * 600_000 + b'{}]', 'structure', 'holds a list'),
            (b'null', 'structure', 'NoneType'),
            (b'{"a": ' + b'[' * 250 + b']' * 250 + b'}', 'nesting', 'more than 200'),
            (b'[' * 3_000_000, 'nesting', 'more than 200'),
            (b'{"a":' * 100_000, 'nesting', 'more than 200'),
        ],
    )
    def test_refused(self, path, data, code, word):
        """What cannot be read is named, with the place."""
        path.write_bytes(data)
        with pytest.raises(ScanError) as caught:
            scan(path)
        assert caught.value.code == code
        assert word in caught.value.text

    def test_missing(self, tmp_path):
        """A path that is none, or a folder, is the user's mistake."""
        for wrong in (tmp_path / 'none.json', tmp_path):
            with pytest.raises(UserError, match='cannot be read'):
                scan(wrong)

    def test_progress(self, path):
        """All bytes are told."""
        path.write_bytes(b'{"a": [' + b'1, ' * 700_000 + b'1]}')
        told = []
        scan(path, told.append)
        assert sum(told) == path.stat().st_size and len(told) > 2
