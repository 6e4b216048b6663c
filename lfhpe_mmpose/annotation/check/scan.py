"""Find the lists of a JSON file in its bytes, in one pass, without reading what is in them.

A file of gigabytes is not to be held in memory, but where ``annotations`` begins and ends, and
whether a key of the file is there twice, has to be known before an entry is read. What is nested
is left to :mod:`.reader`; here are the encoding, the brackets, and the outermost object.
"""

import codecs
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.entries import short

CHUNK = 1 << 20
# json.load gives up at about 1000; a tag file has 5.
MAX_DEPTH = 200
# The outermost object without what is in its lists.
_MAX_OUTLINE = 1 << 20

# Bytes that JSON allows outside of strings. N, I, y are those of NaN and Infinity, which
# Python's json reads and writes.
_ALLOWED = np.zeros(256, dtype=bool)
_ALLOWED[list(b'{}[]:," \t\n\r0123456789+-.eEtrufalsnNIiy')] = True
_OPEN = np.zeros(256, dtype=bool)
_OPEN[list(b'[{')] = True
_CLOSE = np.zeros(256, dtype=bool)
_CLOSE[list(b']}')] = True
_ESCAPE = re.compile(rb'\\[\s\S]')


class ScanError(Exception):
    """The file cannot be read at all.

    Args:
        code (str): Kind of the fault.
        text (str): What is wrong, and where.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass
class Part:
    """An entry of the outermost object.

    Attributes:
        key (str): Its key.
        value (Any): A number, string, ...; None for a list or an object.
        kind (str): ``'list'``, ``'object'`` or the name of another type.
        start (int): First byte of a list or an object.
        end (int): Byte behind it.
    """

    key: str
    value: Any
    kind: str
    start: int = 0
    end: int = 0


@dataclass
class Layout:
    """The outermost object of a file.

    Attributes:
        path (str): The file.
        size (int): Bytes.
        parts (list[Part]): Its entries in order, double keys included.
        has_nan (bool): Whether NaN or Infinity occurs outside of strings.
    """

    path: str
    size: int
    parts: list[Part] = field(default_factory=list)
    has_nan: bool = False

    def part(self, key: str) -> Part | None:
        """The last entry with a key: the one that Python's json takes."""
        return next((p for p in reversed(self.parts) if p.key == key), None)


def scan(path: str | os.PathLike, on_bytes: Callable[[int], Any] = lambda n: None) -> Layout:
    """Find the entries of the outermost object.

    Args:
        path (str | os.PathLike): The file.
        on_bytes (Callable[[int], Any]): Called with the number of bytes read, for a
            progress bar. Defaults to nothing.

    Returns:
        Layout: Where its lists are.

    Raises:
        UserError: If the file cannot be opened.
        ScanError: If it is no JSON object.
    """
    try:
        size = Path(path).stat().st_size
        with open(path, 'rb') as file:
            return _Scanner(str(path), size).run(file, on_bytes)
    except OSError as error:
        raise UserError(f'{path}: cannot be read ({error.strerror}). Correct the path.') from None


class _Scanner:
    def __init__(self, path: str, size: int) -> None:
        self.layout = Layout(path, size)
        self.in_string = 0
        self.depth = 0
        self.offset = 0
        self.outline = bytearray()
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.decoder = codecs.getincrementaldecoder('utf-8')()

    def run(self, file, on_bytes: Callable[[int], Any]) -> Layout:
        rest = b''
        while True:
            raw = file.read(CHUNK)
            if self.offset == 0 and not rest:
                self._check_begin(raw)
            self._check_encoding(raw, file.tell() - len(raw))
            on_bytes(len(raw))
            chunk = rest + raw
            if not chunk:
                break
            # A backslash and what it escapes look the same length, and are no JSON outside
            # of strings. One at the end waits for its partner.
            plain = _ESCAPE.sub(b'\x01\x01', chunk)
            if raw and plain.endswith(b'\\'):
                rest, plain = b'\\', plain[:-1]
            else:
                rest = b''
            if plain:
                self._read(plain, chunk)
                self.offset += len(plain)
        self._finish()
        return self.layout

    @staticmethod
    def _check_begin(raw: bytes) -> None:
        if not raw:
            raise ScanError('empty-file', 'the file has 0 bytes')
        marks = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        for mark, name in zip(marks, ('UTF-8', 'UTF-16', 'UTF-16')):
            if raw.startswith(mark):
                raise ScanError('encoding', f'it begins with the byte order mark of {name}')
        if raw.startswith(b'\x1f\x8b') or raw.startswith(b'PK'):
            raise ScanError('not-json', 'it is compressed; unpack it first')

    def _check_encoding(self, raw: bytes, begin: int) -> None:
        waiting = len(self.decoder.getstate()[0])
        try:
            self.decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            at = begin - waiting + error.start
            if not raw:
                raise ScanError('cut-off', f'it ends (byte {at}) within a letter') from None
            raise ScanError('encoding', f'byte {at} is no UTF-8 ({error.reason})') from None

    def _read(self, plain: bytes, chunk: bytes) -> None:
        values = np.frombuffer(plain, dtype=np.uint8)
        quotes = (np.cumsum(values == ord('"'), dtype=np.int64) + self.in_string) & 1
        outside = quotes == 0
        bad = outside & ~_ALLOWED[values]
        if bad.any():
            at = int(bad.argmax())
            raise ScanError('not-json', self._place(at, chunk))
        opens, closes = outside & _OPEN[values], outside & _CLOSE[values]
        depth = np.cumsum(opens.astype(np.int8) - closes, dtype=np.int64) + self.depth
        if depth.min() < 0:
            at = int((depth < 0).argmax())
            raise ScanError('not-json', f'a bracket too many: {self._place(at, chunk)}')
        if depth.max() > MAX_DEPTH:
            at = self.offset + int((depth > MAX_DEPTH).argmax())
            raise ScanError('nesting', f'more than {MAX_DEPTH} brackets are open at byte {at}')
        nan = outside & ((values == ord('N')) | (values == ord('I')))
        self.layout.has_nan |= bool(nan.any())
        begins = opens & (depth == 2)
        self.outline += np.frombuffer(chunk, np.uint8)[: len(plain)][
            (depth <= 1) | begins
        ].tobytes()
        self.starts += (np.flatnonzero(begins) + self.offset).tolist()
        self.ends += (np.flatnonzero(closes & (depth == 1)) + self.offset + 1).tolist()
        self.in_string, self.depth = int(quotes[-1]), int(depth[-1])
        if len(self.outline) > _MAX_OUTLINE:
            what = 'a list' if self.outline.lstrip().startswith(b'[') else 'something else'
            raise ScanError('structure', f'it holds {what}, not an object with lists')

    def _place(self, at: int, chunk: bytes) -> str:
        text = chunk[max(0, at - 15) : at + 15].decode('utf-8', 'replace')
        return f'byte {self.offset + at}, near {short(text)}'

    def _finish(self) -> None:
        if self.depth or self.in_string:
            key = re.search(rb'"((?:[^"\\]|\\.)*)"\s*:\s*[\[{]?\s*$', bytes(self.outline))
            inside = f' in {short(key[1].decode("utf-8", "replace"))}' if key else ''
            state = 'a text is' if self.in_string else f'{self.depth} brackets are'
            raise ScanError(
                'cut-off', f'at its end (byte {self.layout.size}) {state} open{inside}'
            )
        try:
            outline = json.loads(self.outline, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError) as error:
            code = 'empty-file' if not self.outline.strip() else 'not-json'
            raise ScanError(code, f'outside of its lists: {error}') from None
        if not isinstance(outline, _Pairs):
            raise ScanError('structure', f'it holds a {type(outline).__name__}, not an object')
        slices = iter(zip(self.starts, self.ends))
        for name, value in outline.pairs:
            if isinstance(value, _Pairs | list):
                what = 'list' if isinstance(value, list) else 'object'
                self.layout.parts.append(Part(name, None, what, *next(slices)))
            else:
                self.layout.parts.append(Part(name, value, type(value).__name__))


class _Pairs:
    """An object of the outline, double keys included."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs
