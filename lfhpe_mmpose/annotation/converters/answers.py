"""Answers of annotators: which words mean visible, not visible and unknown.

Words are compared without case, outer spaces, and with ``_`` and ``-`` read as spaces. To accept a
word for everyone, add it to ``AnswerWords``; users add their own with ``--seen-words``,
``--absent-words`` and ``--unknown-words``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN

CONFLICTS = ('error', 'unknown')


# A table has few words and many cells. Typed, since 1 == True.
@lru_cache(maxsize=1024, typed=True)
def plain_word(value: object) -> str:
    """Bring an answer into the form in which words are compared; '' for None and NaN.

    A whole number has no decimals: '1.0' becomes '1'.
    """
    if value is None or value != value:  # NaN marks an empty cell of a table
        return ''
    text = str(value).strip().lower()
    if re.fullmatch(r'[+-]?\d+(\.0*)?', text):
        return str(int(float(text))) if len(text) < 10 else text
    return re.sub(r'[\s_-]+', ' ', text).strip()


@dataclass(frozen=True)
class AnswerWords:
    """The words for each tag; the empty word means no answer.

    'occluded' is deliberately missing: whether an occluded keypoint counts as visible is the
    user's choice.

    Raises:
        UserError: 'answer-words' if a word has two meanings.
    """

    seen: tuple[str, ...] = ('visible', 'seen', 'present', 'yes', 'true', '1')
    absent: tuple[str, ...] = (
        *('not visible', 'not seen', 'invisible', 'hidden', 'absent', 'not present'),
        *('no', 'false', '0'),
    )
    unknown: tuple[str, ...] = (
        *('cannot tell', "can't tell", 'unknown', 'unsure', 'not sure', 'unclear'),
        *('undefined', '-1', ''),
    )

    def __post_init__(self) -> None:
        meanings: dict[str, int] = {}
        for tag, words in ((SEEN, self.seen), (ABSENT, self.absent), (UNKNOWN, self.unknown)):
            for word in map(plain_word, words):
                if meanings.setdefault(word, tag) != tag:
                    fault = f'the word {word!r} is given as {meanings[word]} and as {tag}.'
                    raise UserError('answer-words', '', fault, 'Name it once.')
        # A frozen dataclass can only be written to in this way.
        object.__setattr__(self, '_meanings', meanings)

    def tag(self, word: str) -> int | None:
        """The tag of a word in the form of ``plain_word``; None if it is not an answer."""
        meanings: dict[str, int] = self._meanings  # type: ignore[attr-defined]
        return meanings.get(word)

    def extended(
        self,
        seen: Iterable[str] = (),
        absent: Iterable[str] = (),
        unknown: Iterable[str] = (),
    ) -> 'AnswerWords':
        """Add a user's words, which may give a default word another meaning."""
        own = [tuple(map(plain_word, words)) for words in (seen, absent, unknown)]
        taken = {word for words in own for word in words}
        groups = zip((self.seen, self.absent, self.unknown), own, strict=True)
        return AnswerWords(
            *((*(w for w in words if plain_word(w) not in taken), *mine) for words, mine in groups)
        )


DEFAULT_WORDS = AnswerWords()


def answer(value: object, where: str, words: AnswerWords = DEFAULT_WORDS) -> int:
    """Read one answer.

    Returns:
        1 visible, 0 not visible, -1 unknown or not answered.

    Raises:
        UserError: 'answer' if it is anything else.
    """
    if hasattr(value, 'item') and getattr(value, 'ndim', None) == 0:  # a NumPy scalar
        value = value.item()
    if value is None or isinstance(value, str | bool | int | float):
        tag = words.tag(plain_word(value))
        if tag is not None:
            return tag
    every = [word for word in (*words.seen, *words.absent, *words.unknown) if word]
    near = get_close_matches(plain_word(value), every, 1, 0.6) if isinstance(value, str) else []
    raise UserError(
        'answer',
        where,
        f'{short(value)} is not an answer.',
        (f'Did you mean {near[0]!r}? Otherwise write ' if near else 'Write ')
        + f'{words.seen[0]!r}, {words.absent[0]!r} or {words.unknown[0]!r} (or 1, 0, -1), or give '
        'the word a meaning with --seen-words, --absent-words or --unknown-words.',
    )


class Answered(NamedTuple):
    """The answers to one picture: K tags, and file and entry for messages."""

    tags: list[int]
    where: str


def agree(
    first: Answered, second: Answered, names: Sequence[str], what: str, conflicts: str
) -> Answered:
    """Merge two answers about the same picture, person or view.

    Args:
        first: The answer that came first.
        second: The other answer.
        names: Names of the K keypoints.
        what: What was answered twice, for the message.
        conflicts: 'error', or 'unknown' to make tags unknown where the answers differ.

    Raises:
        UserError: 'conflict' if the answers differ and ``conflicts`` is 'error'.
    """
    pairs = list(zip(first.tags, second.tags, strict=True))
    differ = [k for k, (a, b) in enumerate(pairs) if a != b]
    if differ and conflicts == 'error':
        name, (a, b) = names[differ[0]], pairs[differ[0]]
        raise UserError(
            'conflict',
            second.where,
            f'{what} was answered twice: {name} is {a} in {first.where} and {b} here.',
            'Correct one of them, or make such tags unknown with --conflicts unknown.',
        )
    return Answered([a if a == b else UNKNOWN for a, b in pairs], first.where)
