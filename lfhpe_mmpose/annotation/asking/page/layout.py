"""How the page shows the keypoints: groups by side, a key each, and a drawing of the set."""

from collections.abc import Sequence
from typing import Any

# Keys under the left hand, under the right hand, and above both. Right keypoints of a person who
# faces the annotator appear on the left.
_KEYS = {'right': 'qwertasdfgzxcvb', 'left': 'yuiophjklnm', '': '123456789'}
# Height of a part in the drawing, from 0 (top) to 1, and its distance from the middle. The first
# word that occurs in a name counts; a front leg of an animal is nearer to its head.
_PARTS = {
    'ear': (0.06, 0.2),
    'eye': (0.1, 0.1),
    'nose': (0.15, 0.0),
    'mouth': (0.19, 0.05),
    'head': (0.02, 0.0),
    'chin': (0.21, 0.0),
    'throat': (0.25, 0.0),
    'neck': (0.23, 0.0),
    'withers': (0.33, 0.0),
    'shoulder': (0.28, 0.3),
    'elbow': (0.42, 0.42),
    'wrist': (0.55, 0.5),
    'hand': (0.58, 0.52),
    'tail': (0.55, 0.0),
    'hip': (0.55, 0.2),
    'knee': (0.75, 0.22),
    'ankle': (0.95, 0.24),
    'foot': (0.98, 0.28),
    'paw': (0.95, 0.24),
}
_FRONT, _BACK = ('front', '_f_'), ('back', 'hind', '_b_')


def order(names: Sequence[str], sides: Sequence[str]) -> list[int]:
    """Indices of the keypoints by limb, each from the body outwards: the order of the buttons."""
    places = drawing(names, sides)
    return sorted(range(len(names)), key=lambda k: (_limb(names[k]), places[k][1], k))


def keys(names: Sequence[str], sides: Sequence[str]) -> list[str]:
    """A key for each keypoint, or '' if there are more keypoints than keys."""
    free = {side: list(row) for side, row in _KEYS.items()}
    out = [''] * len(names)
    for k in order(names, sides):
        row = next((r for r in (free[sides[k]], *free.values()) if r), None)
        out[k] = row.pop(0) if row else ''
    return out


def drawing(names: Sequence[str], sides: Sequence[str]) -> list[tuple[float, float]]:
    """Places of the keypoints in a drawing of a person who faces the annotator, in [0, 1]."""
    out: list[tuple[float, float]] = []
    unknown = 0
    for name, side in zip(names, sides):
        text = name.lower()
        part = next((place for word, place in _PARTS.items() if word in text), None)
        if part is None:
            part = (0.1 + 0.09 * (unknown % 10), 0.45)
            unknown += 1
        y, away = part
        if any(word in text for word in _FRONT):
            away *= 0.7
        elif any(word in text for word in _BACK):
            away *= 2
        x = 0.5 + away * {'left': 1, 'right': -1}.get(side, 0)
        while (round(x, 3), round(y, 3)) in out:
            x, y = min(x + 0.07, 1.0), min(y + 0.03, 1.0)
            if x == 1.0 and y == 1.0:
                break
        out.append((round(min(max(x, 0.0), 1.0), 3), round(y, 3)))
    return out


def _limb(name: str) -> int:
    """Head 0, arm or front leg 1, trunk 2, leg or back leg 3."""
    text = name.lower()
    if any(word in text for word in _FRONT):
        return 1
    if any(word in text for word in _BACK):
        return 3
    limbs = (('shoulder', 'elbow', 'wrist', 'hand'), 1), (('hip', 'knee', 'ankle', 'foot'), 3)
    found = [limb for words, limb in limbs if any(word in text for word in words)]
    return found[0] if found else 2 if 'tail' in text or 'withers' in text else 0


def describe(
    names: Sequence[str], sides: Sequence[str], skeleton: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    """All that the page needs to know of the keypoint set."""
    return dict(
        order=order(names, sides),
        names=list(names),
        sides=list(sides),
        skeleton=[list(limb) for limb in skeleton],
        keys=keys(names, sides),
        drawing=[list(place) for place in drawing(names, sides)],
    )
