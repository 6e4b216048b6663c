"""Read a JSON file of any size entry by entry, in the memory of one entry.

Python's own parser reads each entry, so a file that passes here is one that ``json.load`` reads,
NaN and Infinity included, and a fault is located by line and column.
"""

import codecs
import json
import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn

from lfhpe_mmpose.errors import UserError

from .json_text import AGAIN, TORN, check_begin, is_cut_off

CHUNK = 1 << 20
# Longest single entry, in characters. An entry of a tag file has some thousand.
MAX_ENTRY = 1 << 27
_SPACE = re.compile(r'[ \t\n\r]*')
# A comma and the next entry of a list, with nothing left to read between them.
_NEXT = re.compile(r',[ \t\n\r]*(?=[{\[])')


@dataclass
class Part:
    """An entry of the outermost object.

    Attributes:
        key: Its key.
        kind: ``'list'``, ``'dict'`` or the name of another type.
        value: Its value; None for a list.
        start: Its first byte in the file.
    """

    key: str
    kind: str
    value: Any
    start: int


@dataclass
class JsonFile:
    """The outermost object of a JSON file.

    Attributes:
        path: The file.
        parts: Its entries in order, duplicate keys included.
        doubles: ``(entry, key)`` of each key that occurs twice in an object within the file.
    """

    path: str
    parts: list[Part] = field(default_factory=list)
    doubles: list[tuple[str, str]] = field(default_factory=list)

    def part(self, key: str) -> Part | None:
        """The last entry with a key, which is the one that ``json.load`` takes."""
        return next((p for p in reversed(self.parts) if p.key == key), None)

    def entries(
        self, key: str, on_bytes: Callable[[int], Any] = lambda n: None
    ) -> Iterator[tuple[int, Any]]:
        """Iterate over a list: index and entry. A list that is missing is empty."""
        part = self.part(key)
        if part is not None and part.kind == 'list':
            yield from enumerate(list_entries(self.path, part.start, on_bytes))

    def entries_at(self, key: str, indices: Collection[int]) -> dict[int, Any]:
        """Read some entries of a list, by index."""
        wanted, out = set(indices), {}
        for i, entry in self.entries(key) if wanted else ():
            if i in wanted:
                out[i] = entry
            if len(out) == len(wanted):
                break
        return out


def open_json(
    path: str | os.PathLike[str], on_bytes: Callable[[int], Any] = lambda n: None
) -> JsonFile:
    """Check the JSON of a file, and find the entries of its outermost object.

    Raises:
        UserError: If the file cannot be read, is empty, cut off, not UTF-8 or not JSON, is nested
            too deep, or holds something else than an object.
    """
    with _opened(path) as file:
        return _Stream(str(path), file, on_bytes).outline()


def list_entries(
    path: str | os.PathLike[str], start: int = 0, on_bytes: Callable[[int], Any] = lambda n: None
) -> Iterator[Any]:
    """Iterate over the list that begins at a byte of a file.

    Raises:
        UserError: As ``open_json``.
    """
    with _opened(path) as file:
        stream = _Stream(str(path), file, on_bytes, start)
        if stream.peek() != '[':
            raise UserError('structure', str(path), 'the file does not hold a list.')
        yield from stream.items('')


def _opened(path: str | os.PathLike[str]) -> BinaryIO:
    try:
        return open(path, 'rb')
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error
        text = f'the file cannot be read ({reason}).'
        raise UserError('unreadable-file', str(path), text, 'Correct the path.') from None


class _Stream:
    """The text of a file, a chunk at a time."""

    def __init__(
        self, path: str, file: BinaryIO, on_bytes: Callable[[int], Any], start: int = 0
    ) -> None:
        self.path, self._file, self._on_bytes = path, file, on_bytes
        self.text, self.pos, self.where = '', 0, 'the file'
        self._doubles: list[str] = []
        self._decoder = codecs.getincrementaldecoder('utf-8')()
        self._parse = json.JSONDecoder(object_pairs_hook=self._object).raw_decode
        # Where the text begins: byte, line, column.
        self._byte, self._line, self._column = start, 1, 1
        self._read, self._ended = start, False
        file.seek(start)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(pairs)
        if len(out) != len(pairs):
            keys = [key for key, _ in pairs]
            self._doubles += [key for i, key in enumerate(keys) if key in keys[:i]]
        return out

    def _fill(self) -> bool:
        """Read on; False at the end of the file."""
        if self._ended:
            return False
        left = len(self.text) - self.pos
        if left > MAX_ENTRY:
            self._fail(f'The value does not end within {MAX_ENTRY} characters.')
        raw = self._file.read(max(CHUNK, left))
        if self._read == 0:
            check_begin(raw, self.path)
        more = self._decode(raw)
        self._ended = not raw
        self._read += len(raw)
        self._on_bytes(len(raw))
        gone = self.text[: self.pos]
        self._byte += len(gone.encode())
        self._line, self._column = self._at(self.pos)
        self.text, self.pos = self.text[self.pos :] + more, 0
        return True

    def _decode(self, raw: bytes) -> str:
        waiting = len(self._decoder.getstate()[0])
        try:
            return self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            at = self._read - waiting + error.start
            if not raw:
                self._cut_off('a character')
            text = f'byte {at} is not UTF-8 ({error.reason}).'
            raise UserError('encoding', self.path, text, 'Save it as UTF-8.') from None

    def _at(self, pos: int) -> tuple[int, int]:
        """Line and column of a place in the text."""
        lines = self.text.count('\n', 0, pos)
        begin = self.text.rfind('\n', 0, pos) + 1
        return self._line + lines, pos - begin + (1 if lines else self._column)

    def _fail(self, fault: str, pos: int | None = None) -> NoReturn:
        pos = self.pos if pos is None else pos
        line, column = self._at(pos)
        near = self.text[max(0, pos - 15) : pos + 15]
        where = f'in {self.where}, line {line}, column {column}, near {near!r}'
        raise UserError('not-json', self.path, f'{where}: {fault}', 'Correct it.')

    def _cut_off(self, what: str) -> NoReturn:
        text = f'the file ends (byte {self._read}) within {what}.'
        raise UserError('cut-off', self.path, text, AGAIN)

    def peek(self) -> str:
        """The next character that is not a space, '' at the end."""
        while True:
            end = _SPACE.match(self.text, self.pos)
            self.pos = end.end() if end else self.pos
            if self.pos < len(self.text):
                return self.text[self.pos]
            if not self._fill():
                return ''

    def expect(self, characters: str) -> str:
        """Pass over one of some characters."""
        found = self.peek()
        if not found:
            self._cut_off(self.where)
        if found not in characters:
            self._fail(f'Expecting {" or ".join(map(repr, characters))}.')
        self.pos += 1
        return found

    def value(self) -> Any:
        """The next value."""
        if self.text[self.pos : self.pos + 1] != '{':
            self.peek()
        while True:
            self._doubles.clear()
            try:
                value, end = self._parse(self.text, self.pos)
            except json.JSONDecodeError as error:
                if not is_cut_off(error):
                    self._fail(f'{error.msg}.', error.pos)
                if not self._fill():
                    self._cut_off(self.where)
            except RecursionError:
                text = f'the values in {self.where} are nested too deep.'
                raise UserError('nesting', self.path, text, 'Write flat lists.') from None
            except ValueError as error:  # a number of thousands of digits
                self._fail(f'{error}.')
            else:
                # A number at the end of the text may go on.
                if not TORN.fullmatch(self.text[end : end + 14]) or not self._fill():
                    self.pos = end
                    return value

    def items(self, name: str) -> Iterator[Any]:
        """The entries of the list that begins here."""
        self.expect('[')
        index, end = 0, self.peek() == ']'
        if end:
            self.pos += 1
        while not end:
            self.where = f'{name}[{index}]'
            yield self.value()
            index += 1
            following = _NEXT.match(self.text, self.pos)
            if following:
                self.pos = following.end()
            else:
                end = self.expect(',]') == ']'

    def outline(self) -> JsonFile:
        """Pass over the whole file."""
        out = JsonFile(self.path)
        if not self.peek():
            raise UserError('empty-file', self.path, 'the file holds spaces only.', AGAIN)
        if self.text[self.pos] != '{':
            kind = 'list' if self.text[self.pos] == '[' else type(self.value()).__name__
            text = f'the file holds a {kind}, not an object with lists.'
            raise UserError('structure', self.path, text)
        self.pos += 1
        end = self.peek() == '}'
        if end:
            self.pos += 1
        while not end:
            self.where = 'the outermost object'
            if self.peek() != '"':
                self.expect('"')
            key = self.where = self.value()
            self.expect(':')
            is_list = self.peek() == '['
            part = Part(key, 'list', None, self._byte + len(self.text[: self.pos].encode()))
            for value in self.items(key) if is_list else [self.value()]:
                out.doubles += [(self.where, double) for double in self._doubles]
                if not is_list:
                    part.kind, part.value = type(value).__name__, value
            out.parts.append(part)
            self.where = 'the outermost object'
            end = self.expect(',}') == '}'
        if self.peek():
            self._fail('Extra data.')
        return out
