"""One answer of a person: which words mean seen, not seen and cannot tell.

Words are compared without case, spaces at the ends, and ``_`` or ``-`` inside words. To accept
another word for everybody, add it to :class:`AnswerWords`; a user adds his own with
``--seen-words`` and so on.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN


# A table has few words and many cells. Typed, since 1 == True.
@lru_cache(maxsize=1024, typed=True)
def plain_word(value: object) -> str:
    """Bring an answer into the form in which words are compared.

    Args:
        value (object): A word, number, truth value, or None for no answer.

    Returns:
        str: In lower case, with single spaces for ``_``, ``-`` and runs of spaces. A number
        that is whole has no decimals ('1.0' is '1').
    """
    if value is None or value != value:  # NaN is how a table says that a cell is empty
        return ''
    text = str(value).strip().lower()
    if re.fullmatch(r'[+-]?\d+(\.0*)?', text):
        return str(int(float(text))) if len(text) < 10 else text
    return re.sub(r'[\s_-]+', ' ', text).strip()


@dataclass(frozen=True)
class AnswerWords:
    """The words that are answers.

    'occluded' is none of them: whether an occluded keypoint counts as seen is the user's choice.

    Attributes:
        seen (tuple[str, ...]): Words for 1.
        absent (tuple[str, ...]): Words for 0.
        unknown (tuple[str, ...]): Words for -1. The empty word is no answer.
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
        groups = {'seen': self.seen, 'absent': self.absent, 'unknown': self.unknown}
        meanings: dict[str, str] = {}
        for group, words in groups.items():
            for word in map(plain_word, words):
                if meanings.setdefault(word, group) != group:
                    raise UserError(
                        f'the word {word!r} is given as {meanings[word]} and as {group}; name it '
                        'once.'
                    )
        # A frozen dataclass is written to in this way only.
        object.__setattr__(self, '_meanings', meanings)

    def tag(self, word: str) -> int | None:
        """The tag that a word stands for.

        Args:
            word (str): As :func:`plain_word` gives it.

        Returns:
            int | None: 1, 0 or -1; None for another word.
        """
        group = self._meanings.get(word)  # type: ignore[attr-defined]
        return {'seen': SEEN, 'absent': ABSENT, 'unknown': UNKNOWN, None: None}[group]

    def extended(
        self,
        seen: Iterable[str] = (),
        absent: Iterable[str] = (),
        unknown: Iterable[str] = (),
    ) -> 'AnswerWords':
        """Add a user's own words, which may give a word of ours another meaning.

        Args:
            seen (Iterable[str]): More words for 1.
            absent (Iterable[str]): More words for 0.
            unknown (Iterable[str]): More words for -1.

        Returns:
            AnswerWords: All words.

        Raises:
            UserError: If one of the user's words is given two meanings.
        """
        own = [tuple(map(plain_word, words)) for words in (seen, absent, unknown)]
        taken = {word for words in own for word in words}
        groups = zip((self.seen, self.absent, self.unknown), own, strict=True)
        kept = [
            (*(w for w in words if plain_word(w) not in taken), *mine) for words, mine in groups
        ]
        return AnswerWords(*kept)


DEFAULT_WORDS = AnswerWords()


def answer(value: object, where: str, words: AnswerWords = DEFAULT_WORDS) -> int:
    """Read one answer.

    Args:
        value (object): The word, number or truth value that the file holds; None is no answer.
        where (str): File and entry, for the message.
        words (AnswerWords): Which words mean what. Defaults to :data:`DEFAULT_WORDS`.

    Returns:
        int: 1 seen, 0 not, -1 cannot tell or not answered.

    Raises:
        UserError: If it is another word.
    """
    tag = None
    if value is None or isinstance(value, str | bool | int | float):
        tag = words.tag(plain_word(value))
    elif hasattr(value, 'item') and getattr(value, 'ndim', None) == 0:  # numpy scalar
        return answer(value.item(), where, words)
    if tag is None:
        raise UserError(f'{where} is {_short(value)}; {remedy(value, words)}')
    return tag


def remedy(value: object, words: AnswerWords) -> str:
    """Say which answers there are, and how to add one.

    Args:
        value (object): The answer that is none.
        words (AnswerWords): The words that are.

    Returns:
        str: A sentence, with the nearest word if one is near.
    """
    every: Sequence[str] = [w for w in (*words.seen, *words.absent, *words.unknown) if w]
    near = get_close_matches(plain_word(value), every, 1, 0.6) if isinstance(value, str) else []
    ask = f'did you mean {near[0]!r}? Otherwise ' if near else ''
    return (
        f'{ask}write {words.seen[0]!r}, {words.absent[0]!r} or {words.unknown[0]!r} (or 1, 0, '
        '-1), or say what the word means by --seen-words, --absent-words or --unknown-words.'
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f'{text[:57]}...'
