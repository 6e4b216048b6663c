"""Colours (blue, green, red, as in OpenCV) and clothes of one person.

To add a garment, give ``Outfit`` a field, draw it in ``sample_outfit`` and paint it in
``figure``.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from random import Random

from .poses import pick

Colour = tuple[float, float, float]

#: Skin tones, dark to light.
_SKINS: tuple[Colour, ...] = (
    (45, 62, 95),
    (62, 88, 132),
    (84, 122, 175),
    (112, 152, 205),
    (140, 178, 226),
    (160, 195, 238),
)
_HAIRS: tuple[Colour, ...] = (
    (22, 20, 22),
    (30, 45, 70),
    (45, 80, 125),
    (90, 160, 205),
    (40, 70, 160),
    (150, 150, 155),
)


@dataclass
class Outfit:
    """Clothes and colours of one person.

    ``sleeve`` and ``leg`` are how much of arm and leg is covered: 0 none, below 2 that share of
    the upper arm or thigh, 2 the whole limb. ``skirt`` is the share of the thigh that a skirt
    covers, 0 for trousers.
    """

    skin: Colour
    hair: Colour
    shirt: Colour
    second: Colour
    trousers: Colour
    shoes: Colour
    gloves: Colour | None
    stripes: int
    badge: bool
    sleeve: float
    leg: float
    skirt: float
    long_hair: float
    hat: Colour | None
    bald: bool


def scale(colour: Colour, factor: float) -> Colour:
    """Brighten or darken a colour, within 0 and 255."""
    b, g, r = colour
    return (min(255.0, b * factor), min(255.0, g * factor), min(255.0, r * factor))


def sample_cloth(rng: Random) -> Colour:
    """Draw the colour of a cloth."""
    value = rng.uniform(0.22, 1.0)
    r, g, b = colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.0, 0.85), value)
    return (255 * b, 255 * g, 255 * r)


def sample_outfit(rng: Random) -> Outfit:
    """Draw the clothes of one person."""
    skin = scale(_SKINS[int(rng.random() * len(_SKINS))], rng.uniform(0.9, 1.08))
    hair = scale(_HAIRS[int(rng.random() * len(_HAIRS))], rng.uniform(0.8, 1.2))
    shirt = sample_cloth(rng)
    trousers = shirt if rng.random() < 0.08 else sample_cloth(rng)
    sleeve = pick(rng, ((0.22, 0.0), (0.43, 0.6), (0.35, 2.0)))
    leg = pick(rng, ((0.08, 0.3), (0.34, 0.75), (0.58, 2.0)))
    skirt = rng.uniform(0.5, 0.9) if rng.random() < 0.14 else 0.0
    return Outfit(
        skin=skin,
        hair=hair,
        shirt=shirt,
        second=sample_cloth(rng),
        trousers=trousers,
        shoes=scale(sample_cloth(rng), 0.8),
        gloves=sample_cloth(rng) if rng.random() < 0.12 else None,
        stripes=int(rng.uniform(2, 5)) if rng.random() < 0.22 else 0,
        badge=rng.random() < 0.45,
        sleeve=sleeve if sleeve in (0.0, 2.0) else sleeve + rng.uniform(-0.15, 0.35),
        leg=0.35 if skirt else (leg if leg == 2.0 else leg + rng.uniform(-0.1, 0.15)),
        skirt=skirt,
        long_hair=rng.uniform(0.6, 1.6) if rng.random() < 0.3 else 0.0,
        hat=sample_cloth(rng) if rng.random() < 0.12 else None,
        bald=rng.random() < 0.06,
    )
