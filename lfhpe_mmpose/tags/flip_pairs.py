"""Left and right keypoints, recognised by their names.

A name is cut into words at blanks, punctuation, digits and capitals. Some of the words are sides:
those of ``_SIDE_WORDS``, in many languages, and the letters l and r. Two names are a pair if
they differ in their sides alone. To add a language, add its words there; to add a spelling, add a
function to ``_SPELLINGS``.
"""

# ruff: noqa: RUF001

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from .faults import Fault, short

# Words for left and right, as patterns. Words of three letters or fewer (der, sol) may mean
# something else, so they only count where both sides are there.
_SIDE_WORDS = (
    ('left', 'right'),
    ('links|linke[mnrs]?|linkse', 'rechts|rechte[mnrs]?|rechtse'),  # German, Dutch
    ('gauches?', 'droite?s?'),  # French
    ('izquierd[ao]s?|izq', 'derech[ao]s?|der'),  # Spanish
    ('sinistr[aeio]|sx', 'destr[aeio]|dx'),  # Italian
    ('esquerd[ao]s?|esq', 'direit[ao]s?|dir'),  # Portuguese
    ('lew(?:y|a|e|ą|ego|ej|ym)', 'praw(?:y|a|e|ą|ego|ej|ym)'),  # Polish
    ('лев(?:ый|ая|ое|ые|ого|ой|ую|о)|слева', 'прав(?:ый|ая|ое|ые|ого|ой|ую|о)|справа'),  # Russian
    ('sol', 'sa[ğg]'),  # Turkish
    ('v[äa]nst(?:er|ra)|venstre', 'h[öo]g(?:er|ra)|h[øo]jre|høyre'),  # Swedish, Danish, Norwegian
    ('(?:ال)?(?:[أا]يسر|يسر[ىي]|يسار)', '(?:ال)?(?:[أا]يمن|يمن[ىي]|يمين)'),  # Arabic
    ('बा(?:य[ाी]?[ँं]?|[एई][ँं]?|[ँं]या)', 'दा(?:य[ाी]?[ँं]?|[एई][ँं]?|[ँं]या)'),  # Hindi
    ('왼쪽?|좌측?', '오른쪽?|우측?'),  # Korean
    ('左|左[侧側边]', '右|右[侧側边]'),  # Chinese, Japanese
    ('l', 'r'),
)
_LEFT, _RIGHT = (re.compile('|'.join(words[i] for words in _SIDE_WORDS)) for i in (0, 1))
# Sides that are written without a gap before or behind another word.
_GLUED = re.compile('左|右|왼쪽|오른쪽|왼|오른|좌측|우측')
_JOINED = tuple(
    (left, right)
    for left, right in (
        *_SIDE_WORDS[:3],
        ('izquierd[ao]', 'derech[ao]'),
        ('sinistr[ao]', 'destr[ao]'),
        ('esquerd[ao]', 'direit[ao]'),
        _SIDE_WORDS[9],
        ('좌', '우'),
    )
)
# Single letters for the sides: gauche and droite, izquierda and derecha, lewa and prawa ...
_LETTERS = (('g', 'd'), ('i', 'd'), ('s', 'd'), ('e', 'd'), ('l', 'p'), ('v', 'h'))
_OTHER = {'L': 'R', 'R': 'L'}
# Letters with the marks that belong to them, or digits.
_MARKS = '\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0955-\u0957'
_RUN = re.compile(f'(?:[^\\W\\d_]|[{_MARKS}])+|[0-9]+')
# Limbs of animals in two letters: left front, right hind, front left ...
_LIMBS = re.compile(r'([LR])([FHB])|([FHB])([LR])')

# A name without its sides, and the sides: two names with the same rest and opposite sides pair.
_Reading = tuple[str, str]


def flip_pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    """Find the keypoints that change places when a picture is flipped.

    Known are ``left_x``, ``x_left``, ``l_x``, ``x_l``, ``LeftX``, ``leftX``, ``xLeft``, ``LX``,
    ``xL``, ``left x``, ``leftx``, ``front_left_paw``, ``LF_paw``, the right of each, and the same
    with the words of other languages.

    Returns:
        The left and the right one of each pair, in the order of the names. No name is in two
        pairs; names that could be paired in several ways are in none.
    """
    partner: dict[str, str] = {}
    lefts: set[str] = set()
    for spelling in (*_SPELLINGS, _letters(names)):
        groups: dict[_Reading, list[str]] = {}
        for name in dict.fromkeys(names):
            if name not in partner:
                for reading in spelling(unicodedata.normalize('NFC', name)):
                    groups.setdefault(reading, []).append(name)
        for (rest, sides), mine in groups.items():
            theirs = groups.get((rest, ''.join(_OTHER[s] for s in sides)), [])
            if len(mine) == len(theirs) == 1 and not {*mine, *theirs} & partner.keys():
                partner.update({mine[0]: theirs[0], theirs[0]: mine[0]})
                lefts.add(mine[0] if sides[0] == 'L' else theirs[0])
    ordered = [n if n in lefts else partner[n] for n in names if n in partner]
    return [(left, partner[left]) for left in dict.fromkeys(ordered)]


def unpaired(names: Sequence[str]) -> list[str]:
    """Keypoints that are named after a side, and whose other side is missing, in order.

    Spellings that may well mean something else (``L5``, ``upright``, ``der``) are not among them.
    """
    paired = {name for pair in flip_pairs(names) for name in pair}
    return [n for n in names if n not in paired and _is_sided(unicodedata.normalize('NFC', n))]


def swap_faults(names: Sequence[str], flip: Sequence[int]) -> Iterator[Fault]:
    """Faults of what a flip exchanges: it is one-sided, or leaves a pair of the names.

    Args:
        names: K keypoint names.
        flip: Index of the keypoint that each becomes in a flip, K.
    """
    remedy = "Set 'swap' of both keypoints to each other."
    for i, name in enumerate(names):
        if flip[flip[i]] != i:
            text = f'{name!r} is swapped with {names[flip[i]]!r}, that one '
            back = flip[flip[i]]
            text += 'with none' if back == flip[i] else f'with {names[back]!r}'
            yield Fault('metainfo-swap', '', text, remedy)
    for left, right in flip_pairs(names):
        i, j = names.index(left), names.index(right)
        if flip[i] == i and flip[j] == j:
            text = f'{left!r} and {right!r} are not swapped'
            yield Fault('metainfo-swap', '', text, remedy)


def no_pair_fault(names: Sequence[str], flip: Sequence[int] | None = None) -> Fault | None:
    """The fault that a flip exchanges nothing, though there are several keypoints.

    A flipped picture then teaches the left side as the right one, unless the object has no sides.
    It is a warning for the checks before a run and for ``lfhpe check`` and ``lfhpe metainfo``.

    Args:
        names: K keypoint names.
        flip: Index of the keypoint that each becomes in a flip, K; None: what the names show.
    """
    swapped = bool(flip_pairs(names)) if flip is None else list(flip) != list(range(len(names)))
    if len(names) < 2 or swapped:
        return None
    some = ', '.join(short(name, 20) for name in names[:3])
    text = f'none of the {len(names)} keypoints ({some}{", ..." if names[3:] else ""}) has a pair'
    remedy = 'Give the pairs (lfhpe metainfo --swap LEFT=RIGHT), or train without flips.'
    return Fault('no-flip-pair', '', text, remedy)


def pairs_faults(pairs: object, names: Sequence[str]) -> Iterator[Fault]:
    """Faults of ``flip_pairs`` of a category: pairs of keypoint names, each name once."""
    remedy = 'Give a list of pairs of keypoint names; an empty list if there are no pairs.'
    if not isinstance(pairs, list):
        yield Fault('flip-pairs', '.flip_pairs', f'{short(pairs)} is not a list', remedy)
        return
    seen: set[str] = set()
    for i, pair in enumerate(pairs):
        good = isinstance(pair, list) and len(pair) == 2 and all(n in names for n in pair)
        if not good or pair[0] == pair[1] or seen & set(pair):
            text = f'{short(pair)} is not a pair of keypoints, or one of them is in two pairs'
            yield Fault('flip-pairs', f'.flip_pairs[{i}]', text, remedy)
        else:
            seen |= set(pair)


def stated_pairs(category: Mapping[str, Any]) -> dict[str, str] | None:
    """The valid ``flip_pairs`` of a category, left to right; None if it does not state them."""
    pairs, names = category.get('flip_pairs'), category.get('keypoints')
    if pairs is None or not isinstance(names, list) or any(pairs_faults(pairs, names)):
        return None
    return {left: right for left, right in pairs}


def _is_sided(name: str) -> bool:
    words = [name[a:b].lower() for a, b in _spans(name)]
    for i, word in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else ''
        clear = len(word) > 3 or not word.isascii()
        if _side(word) and clear and word not in ('좌', '우'):
            return True
        # L1 is a vertebra as likely as a left one, and a lone letter may be anything.
        if word in ('l', 'r') and len(words) > 1 and not following.isdigit():
            return True
    return name.lower().startswith(('left', 'right'))


def _side(word: str) -> str:
    """'L', 'R' or '' of a word in lower case."""
    return 'L' if _LEFT.fullmatch(word) else 'R' if _RIGHT.fullmatch(word) else ''


def _spans(name: str) -> Iterator[tuple[int, int]]:
    """Begin and end of each word of a name."""
    for run in _RUN.finditer(name):
        text, start = run.group(), run.start()
        cuts = {0, len(text)}
        for i in range(1, len(text)):
            upper = text[i].isupper()
            begins = text[i - 1].islower() or text[i + 1 : i + 2].islower()
            if upper and text[i - 1].isalpha() and begins:
                cuts.add(i)
        for glued in _GLUED.finditer(text):
            cuts |= {glued.start(), glued.end()}
        edges = sorted(cuts)
        yield from ((start + a, start + b) for a, b in pairwise(edges))


def _sided_words(name: str) -> list[tuple[int, int, str]]:
    """Begin, end and side of the words of a name that are sides."""
    found = ((a, b, _side(name[a:b].lower())) for a, b in _spans(name))
    return [(a, b, side) for a, b, side in found if side]


def _same_spelling(name: str) -> Iterator[_Reading]:
    """``left_wrist`` and ``right_wrist``; all sides of a name are exchanged together."""
    sided = _sided_words(name)
    if sided:
        out = name
        for begin, end, _ in reversed(sided):
            letter = name[begin:end].lower() in ('l', 'r')
            out = f'{out[:begin]}<{"letter" if letter else "word"}>{out[end:]}'
        yield out.lower(), ''.join(side for *_, side in sided)


def _any_spelling(name: str) -> Iterator[_Reading]:
    """``LeftWrist`` and ``right_wrist``, ``left_wrist`` and ``r_wrist``."""
    words = [name[a:b].lower() for a, b in _spans(name)]
    sides = ''.join(_side(word) for word in words)
    if sides:
        yield ' '.join('<side>' if _side(word) else word for word in words), sides


def _one_side(name: str) -> Iterator[_Reading]:
    """``L_R_paw`` and ``R_R_paw``: one of the letters is not a side (here it is rear)."""
    sided = _sided_words(name)
    if len(sided) > 1:
        for begin, end, side in sided:
            yield f'{name[:begin]}<side>{name[end:]}'.lower(), side


def _limb(name: str) -> Iterator[_Reading]:
    """``LF_paw`` and ``RF_paw``, ``HL`` and ``HR``."""
    for begin, end in _spans(name):
        found = _LIMBS.fullmatch(name[begin:end].upper())
        if found:
            side, limb = found[1] or found[4], found[2] or found[3]
            order = 'side first' if found[1] else 'limb first'
            yield f'{name[:begin]}<{limb}, {order}>{name[end:]}'.lower(), side


def _joined(name: str) -> Iterator[_Reading]:
    """``leftwrist`` and ``rightwrist``, ``wristleft`` and ``wristright``."""
    lower = name.lower()
    for sides in _JOINED:
        for side, word in zip('LR', sides):
            begin, end = re.match(f'(?:{word})', lower), re.search(f'(?:{word})$', lower)
            if begin and begin.end() < len(lower):
                yield f'<side>{lower[begin.end() :]}', side
            elif end and end.start():
                yield f'{lower[: end.start()]}<side>', side


def _joined_letter(name: str) -> Iterator[_Reading]:
    """``lsho`` and ``rsho``; the rest is long enough not to be lip and rip."""
    lower = name.lower()
    if lower[:1] in ('l', 'r') and len(lower) > 3:
        yield f'<letter>{lower[1:]}', 'L' if lower[0] == 'l' else 'R'


def _letters(names: Iterable[str]) -> Callable[[str], Iterator[_Reading]]:
    """``poignet_g`` and ``poignet_d``, if these are the only letters that stand alone."""
    alone: set[str] = set()
    for name in names:
        words = [name[a:b].lower() for a, b in _spans(name)]
        alone |= {word for word in words if len(word) == 1 and word.isalpha() and words[1:]}
    pair = next((pair for pair in _LETTERS if alone == set(pair)), None)

    def spelling(name: str) -> Iterator[_Reading]:
        for begin, end in _spans(name) if pair else ():
            if name[begin:end].lower() in (pair or ()):
                side = 'LR'[(pair or ()).index(name[begin:end].lower())]
                yield f'{name[:begin]}<side>{name[end:]}'.lower(), side

    return spelling


# The surest first: names that one has paired are left alone by the next ones.
_SPELLINGS: tuple[Callable[[str], Iterator[_Reading]], ...] = (
    _same_spelling,
    _any_spelling,
    _one_side,
    _limb,
    _joined,
    _joined_letter,
)
