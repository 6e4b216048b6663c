"""The journal of a session: a line of JSON for each answer, on disk before the next picture.

The first line names the plan. A line that ends early was being written when the process was
killed; it is dropped. An answer is taken back by a further line. No line holds a coordinate of a
keypoint: windows and circles are questions.
"""

import gc
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import lock_file, writing

from .answers import Answer
from .questions import Question

VERSION = 1
_BEGIN = b'{"journal":'
Entry: TypeAlias = dict[str, Any]
# Lines that are parsed together, which is faster than one by one.
_LINES = 20_000
_CHUNK = 1 << 12


class Journal:
    """An append-only file that one process holds.

    Args:
        path: The file; made if it is missing.
        plan: Hash of the plan.
        about: Further entries of the first line.

    Raises:
        UserError: 'other-plan', 'damaged', 'version' or 'locked'.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        plan: str,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        self.path = Path(path)
        self._exit = ExitStack()
        self._end = 0
        self._exit.enter_context(lock_file(self.path))
        try:
            with writing(self.path):
                file = open(self.path, 'a+b')  # noqa: SIM115
                self._file = self._exit.enter_context(file)
                self._repair()
            if not self._end:
                self.append(dict(journal=VERSION, plan=plan, **(about or {})))
            self._check(plan)
        except BaseException:
            self.close()
            raise

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Offset and content of each line but the first.

        Raises:
            UserError: 'damaged' if a line is not an answer.
        """
        # A million small objects make the collector scan them again and again.
        enabled = gc.isenabled()
        gc.disable()
        try:
            self._file.seek(0)
            offset, number = len(self._file.readline()), 2
            while lines := self._file.readlines(_LINES * 200):
                for line, entry in zip(lines, self._parse(lines, number), strict=True):
                    yield offset, entry
                    offset += len(line)
                number += len(lines)
        finally:
            if enabled:
                gc.enable()

    def read(self, offset: int) -> Entry:
        """The line at an offset; it may be read while ``entries`` runs."""
        content = b''
        while b'\n' not in content:
            content += os.pread(self._file.fileno(), _CHUNK, offset + len(content))
        entry: Entry = json.loads(content[: content.index(b'\n')])
        return entry

    def append(self, entry: Entry) -> int:
        """Write a line to the disk; return its offset.

        Raises:
            UserError: 'disk-full' or 'not-writable'. The line is then not in the journal.
        """
        line = json.dumps(entry, ensure_ascii=False, separators=(',', ':'), allow_nan=False)
        content = line.encode('utf-8', 'surrogatepass') + b'\n'
        offset = self._end
        with writing(self.path):
            try:
                self._file.write(content)
                self._file.flush()
                os.fsync(self._file.fileno())
            except OSError:
                self._file.truncate(offset)
                raise
        self._end = offset + len(content)
        return offset

    def close(self) -> None:
        """Release the file."""
        self._exit.close()

    def _repair(self) -> None:
        """Drop a last line that ends early; leave a file that is no journal as it is."""
        self._file.seek(0)
        begin = self._file.read(len(_BEGIN))
        if begin != _BEGIN[: len(begin)]:
            raise self._no_journal()
        size = self._file.seek(0, os.SEEK_END)
        back = min(size, 1 << 20)
        self._file.seek(size - back)
        tail = self._file.read()
        cut = len(tail) - (tail.rfind(b'\n') + 1)
        if cut:
            self._file.truncate(size - cut)
        self._end = size - cut

    def _check(self, plan: str) -> None:
        self._file.seek(0)
        try:
            head = json.loads(self._file.readline())
            version, other = head['journal'], head['plan']
        except (ValueError, KeyError, TypeError):
            raise self._no_journal() from None
        if version != VERSION:
            fault = f'the journal has version {version!r}; this version reads {VERSION}.'
            raise UserError('version', str(self.path), fault, 'Update lfhpe_mmpose.')
        if other != plan:
            fault = 'the journal holds answers about another plan.'
            remedy = 'Give another journal, or the plan that it was begun with.'
            raise UserError('other-plan', str(self.path), fault, remedy)

    def _no_journal(self) -> UserError:
        fault = 'the first line is not that of a journal.'
        return UserError('damaged', str(self.path), fault, 'Give another journal.')

    def _parse(self, lines: Sequence[bytes], number: int) -> list[Entry]:
        try:
            entries = json.loads(b'[' + b','.join(lines) + b']')
            if len(entries) == len(lines) and all(type(e) is dict for e in entries):
                return list(entries)
        except ValueError:
            pass
        for i, line in enumerate(lines):
            try:
                good = isinstance(json.loads(line), dict)
            except ValueError:
                good = False
            if not good:
                raise UserError(
                    'damaged',
                    f'{self.path}: line {number + i}',
                    'the line is not an answer.',
                    'Remove it; the others are kept.',
                )
        raise AssertionError('lines parse one by one, but not together')


def entry_of(answer: Answer, **more: Any) -> Entry:
    """The line of an answer; values that are false are left out."""
    question = answer.question
    entry: Entry = dict(
        id=question.id,
        person=question.person,
        kind=question.kind,
        keypoints=question.keypoints,
        window=question.window,
        values=answer.values,
        annotator=answer.annotator,
        seconds=round(answer.seconds, 2),
        time=round(answer.time, 2),
    )
    extra = dict(circles=question.circles, repeat=question.repeat, skipped=answer.skipped)
    entry.update({key: value for key, value in extra.items() if value})
    entry.update(more)
    return entry


def answer_of(entry: Entry, where: str = 'journal') -> Answer:
    """The answer of a line.

    Raises:
        UserError: 'damaged'.
    """
    try:
        question = Question(
            entry['id'],
            entry['person'],
            entry['kind'],
            tuple(entry['keypoints']),
            tuple(entry['window']),
            tuple(tuple(circle) for circle in entry.get('circles', ())),
            bool(entry.get('repeat')),
        )
        return Answer(
            question,
            tuple(entry['values']),
            entry['annotator'],
            entry['seconds'],
            entry['time'],
            bool(entry.get('skipped')),
        )
    except (KeyError, TypeError):
        remedy = 'Remove the line; the others are kept.'
        raise UserError('damaged', where, 'a line is not an answer.', remedy) from None
