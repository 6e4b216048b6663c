"""Pairs of left and right keypoints, found by their names.

A name is split into words at blanks, punctuation, digits and capitals; ``left``, ``right``, ``l``
and ``r`` among them are sides. Two names are a pair if they differ in their sides alone. To
support another spelling, add a function to :data:`_SPELLINGS`.
"""

import re
from collections.abc import Callable, Iterator, Sequence

_SIDES = {'left': 'L', 'l': 'L', 'right': 'R', 'r': 'R'}
_OTHER = {'L': 'R', 'R': 'L'}
_WORD = re.compile(r'[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+')
# Limbs of animals in two letters: left front, right hind, front left ...
_LIMBS = re.compile(r'([LR])([FHB])|([FHB])([LR])')

# A name without its sides, and the sides. Two names with equal rests and opposite sides pair.
_Reading = tuple[str, str]


def flip_pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    """Find the keypoints that swap when an image is flipped.

    Recognised spellings: ``left_x``, ``x_left``, ``l_x``, ``x_l``, ``LeftX``, ``leftX``,
    ``xLeft``, ``LX``, ``xL``, ``left x``, ``leftx``, ``front_left_paw``, ``LF_paw``, and the right
    of each.

    Returns:
        list[tuple[str, str]]: The left and the right one of each pair, in the order of the names.
        No name is in two pairs. A name that could be paired in several ways is in none.
    """
    partner: dict[str, str] = {}
    lefts: set[str] = set()
    for spelling in _SPELLINGS:
        groups: dict[_Reading, list[str]] = {}
        for name in dict.fromkeys(names):
            if name not in partner:
                for reading in spelling(name):
                    groups.setdefault(reading, []).append(name)
        for (rest, sides), mine in groups.items():
            theirs = groups.get((rest, ''.join(_OTHER[s] for s in sides)), [])
            if len(mine) == len(theirs) == 1 and not {*mine, *theirs} & partner.keys():
                partner.update({mine[0]: theirs[0], theirs[0]: mine[0]})
                lefts.add(mine[0] if sides[0] == 'L' else theirs[0])
    ordered = [n if n in lefts else partner[n] for n in names if n in partner]
    return [(left, partner[left]) for left in dict.fromkeys(ordered)]


def unpaired(names: Sequence[str]) -> list[str]:
    """The keypoints that are named after a side whose other side is missing, in order.

    Spellings that may mean something else (``L5``, ``upright``) are left out.
    """
    paired = {name for pair in flip_pairs(names) for name in pair}
    return [n for n in names if n not in paired and _is_sided(n)]


def _is_sided(name: str) -> bool:
    words = _words(name)
    for i, word in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else ''
        if len(word) > 1 and word.lower() in _SIDES:
            return True
        # L1 may be a vertebra, and a single letter may mean anything.
        if word.lower() in _SIDES and len(words) > 1 and not following.isdigit():
            return True
    return name.lower().startswith(('left', 'right'))


def _words(name: str) -> list[str]:
    return _WORD.findall(name)


def _sided_words(name: str) -> list[tuple[int, int, str]]:
    """Begin, end and side of each word of a name that is a side."""
    found = ((m.start(), m.end(), m.group().lower()) for m in _WORD.finditer(name))
    return [(a, b, _SIDES[word]) for a, b, word in found if word in _SIDES]


def _same_spelling(name: str) -> Iterator[_Reading]:
    """``left_wrist`` and ``right_wrist``; all sides of a name are exchanged together."""
    sided = _sided_words(name)
    if sided:
        out = name
        for begin, end, _ in reversed(sided):
            out = f'{out[:begin]}<{"word" if end - begin > 1 else "letter"}>{out[end:]}'
        yield out.lower(), ''.join(side for *_, side in sided)


def _any_spelling(name: str) -> Iterator[_Reading]:
    """``LeftWrist`` and ``right_wrist``, ``left_wrist`` and ``r_wrist``."""
    words = [w.lower() for w in _words(name)]
    sides = ''.join(_SIDES[w] for w in words if w in _SIDES)
    if sides:
        yield ' '.join('<side>' if w in _SIDES else w for w in words), sides


def _one_side(name: str) -> Iterator[_Reading]:
    """``L_R_paw`` and ``R_R_paw``: one of the letters is not a side (here it means rear)."""
    sided = _sided_words(name)
    if len(sided) > 1:
        for begin, end, side in sided:
            yield f'{name[:begin]}<side>{name[end:]}'.lower(), side


def _limb(name: str) -> Iterator[_Reading]:
    """``LF_paw`` and ``RF_paw``, ``HL`` and ``HR``."""
    for word in _WORD.finditer(name):
        found = _LIMBS.fullmatch(word.group().upper())
        if found:
            side, limb = found[1] or found[4], found[2] or found[3]
            order = 'side first' if found[1] else 'limb first'
            rest = f'{name[: word.start()]}<{limb}, {order}>{name[word.end() :]}'
            yield rest.lower(), side


def _joined(name: str) -> Iterator[_Reading]:
    """``leftwrist`` and ``rightwrist``, ``wristleft`` and ``wristright``."""
    lower = name.lower()
    for word in ('left', 'right'):
        if lower.startswith(word) and len(lower) > len(word):
            yield f'<side>{lower[len(word) :]}', _SIDES[word]
        elif lower.endswith(word) and len(lower) > len(word):
            yield f'{lower[: -len(word)]}<side>', _SIDES[word]


def _joined_letter(name: str) -> Iterator[_Reading]:
    """``lsho`` and ``rsho``, but not the short ``lip`` and ``rip``."""
    lower = name.lower()
    if lower[:1] in ('l', 'r') and len(lower) > 3:
        yield f'<letter>{lower[1:]}', _SIDES[lower[0]]


# The most certain first: names that one has paired are not paired again.
_SPELLINGS: tuple[Callable[[str], Iterator[_Reading]], ...] = (
    _same_spelling,
    _any_spelling,
    _one_side,
    _limb,
    _joined,
    _joined_letter,
)
