"""The entries of one list of a file, one at a time."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import ijson

from lfhpe_mmpose.tags.entries import short

from .findings import NOT_FINITE, Findings
from .scan import Layout, Part

_BUFFER = 1 << 18
# Strings are matched to be passed over.
_NAN = re.compile(rb'("(?:[^"\\]|\\[\s\S])*")|(-?\bInfinity\b|\bNaN\b)')
_NUMBERS = {name.encode(): repr(number).encode() for name, number in NOT_FINITE.items()}


class Reader:
    """Reads the lists that :func:`~.scan.scan` found.

    Args:
        layout (Layout): The file.
        findings (Findings): Where double keys and faulty JSON are told.
        on_bytes (Callable[[int], Any]): Called with the number of bytes read, for a
            progress bar. Defaults to nothing.
    """

    def __init__(
        self,
        layout: Layout,
        findings: Findings,
        on_bytes: Callable[[int], Any] = lambda n: None,
    ) -> None:
        self.layout = layout
        self.findings = findings
        self._on_bytes = on_bytes

    def entries(self, part: Part, quiet: bool = False) -> Iterator[tuple[int, Any]]:
        """Iterate over a list.

        Args:
            part (Part): The list.
            quiet (bool): Whether it was read before, and faults were told. Defaults to False.

        Yields:
            tuple[int, Any]: Index and entry. After faulty JSON nothing more comes.
        """
        doubles: _Doubles = {}
        index = 0
        with open(self.layout.path, 'rb') as file:
            try:
                for entry in ijson.items(
                    _Slice(file, part, self.layout.has_nan, _untold if quiet else self._on_bytes),
                    'item',
                    use_float=True,
                    map_type=_noticing(doubles),
                    buf_size=_BUFFER,
                ):
                    if doubles:
                        for key in _pop_within(entry, doubles):
                            text = f'{part.key}[{index}] has the key {short(key)} twice'
                            if not quiet:
                                self.findings.add('duplicate-key', text)
                    yield index, entry
                    index += 1
            except (ijson.JSONError, ValueError, OverflowError) as error:
                if not quiet:
                    self.findings.add('not-json', f'{part.key}[{index}]: {_first_line(error)}')

    def entries_at(self, part: Part, indices: Collection[int]) -> dict[int, Any]:
        """Read some entries of a list again.

        Args:
            part (Part): The list.
            indices (Collection[int]): Those wanted.

        Returns:
            dict[int, Any]: Index and entry.
        """
        wanted, out = set(indices), {}
        last = max(wanted, default=-1)
        if wanted:
            for i, entry in self.entries(part, quiet=True):
                if i in wanted:
                    out[i] = entry
                if i >= last:
                    break
        return out

    def check_json(self, part: Part) -> None:
        """Read an entry of the file that is not used, because it must be JSON too.

        Args:
            part (Part): A list or an object.
        """
        with open(self.layout.path, 'rb') as file:
            stream = _Slice(file, part, self.layout.has_nan, self._on_bytes)
            try:
                for _ in ijson.basic_parse(stream, use_float=True, buf_size=_BUFFER):
                    pass
            except (ijson.JSONError, ValueError, OverflowError) as error:
                self.findings.add('not-json', f'{part.key}: {_first_line(error)}')

    def value_in(self, part: Part, key: str) -> Any:
        """The value of a key of an object, None without it.

        Args:
            part (Part): The object; its JSON was checked.
            key (str): The key, without dots.

        Returns:
            Any: The last value of the key.
        """
        value = None
        with open(self.layout.path, 'rb') as file:
            stream = _Slice(file, part, self.layout.has_nan, _untold)
            try:
                for own, entry in ijson.kvitems(stream, '', use_float=True):
                    if own == key:
                        value = entry
            except (ijson.JSONError, ValueError, OverflowError):
                return None
        return value


# Objects with a key twice, by their address: object and keys. ijson builds the entries of a whole
# buffer before it hands out the first, so an object has to tell which entry it belongs to.
_Doubles = dict[int, tuple[object, list[str]]]


def _noticing(doubles: _Doubles) -> type[dict]:
    """A dict that notes keys set twice."""

    class Object(dict):
        __slots__ = ()

        def __setitem__(self, key: str, value: Any) -> None:
            if key in self:
                doubles.setdefault(id(self), (self, []))[1].append(key)
            dict.__setitem__(self, key, value)

    return Object


def _untold(number: int) -> None:
    """Bytes that are read again are no progress."""


def _pop_within(value: object, doubles: _Doubles) -> list[str]:
    """Take out the double keys of an entry and of what is in it."""
    out = doubles.pop(id(value), (value, []))[1]
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            out = out + _pop_within(inner, doubles)
    return out


def _first_line(error: Exception) -> str:
    # The rest of ijson's messages is a drawing with an arrow.
    lines = str(error.args[0] if error.args else error).splitlines() or ['']
    text = lines[0].removeprefix("b'").split('\\n')[0].strip(' .')
    return text or type(error).__name__


class _Slice:
    """A part of a file as a file; NaN and Infinity become numbers."""

    def __init__(self, file, part: Part, has_nan: bool, on_bytes: Callable[[int], Any]) -> None:
        file.seek(part.start)
        self._file = file
        self._left = part.end - part.start
        self._has_nan = has_nan
        self._on_bytes = on_bytes
        self._rest = b''

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b''
        while True:
            raw = self._raw(size if size > 0 else _BUFFER)
            if not self._has_nan:
                return raw
            data = self._rest + raw
            if not raw:
                self._rest = b''
                return _quoted(data)
            data, self._rest = _cut(data)
            if data:
                return _quoted(data)

    def _raw(self, size: int) -> bytes:
        raw = self._file.read(min(size, self._left))
        self._left -= len(raw)
        self._on_bytes(len(raw))
        return raw


def _quoted(data: bytes) -> bytes:
    return _NAN.sub(lambda m: m[1] or _NUMBERS[m[2]], data)


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """Cut off a string or a word that goes on in the next bytes."""
    end = 0
    for match in re.finditer(rb'"(?:[^"\\]|\\[\s\S])*"', data):
        end = match.end()
    quote = data.find(b'"', end)
    if quote < 0:
        word = re.search(rb'[-\w]*$', data[end:])
        quote = end + word.start() if word else len(data)
    return data[:quote], data[quote:]
