"""Paint a posed body: shapes in order of depth, into the picture and into the part map.

To add a shape, see ``limbs``, ``trunk`` and ``head``.
"""

from __future__ import annotations

from random import Random

import numpy as np

from .body import Body
from .head import head_shapes
from .limbs import dress_limbs, limb_shapes
from .shapes import View, paint
from .trunk import trunk_shapes
from .wardrobe import Outfit


def draw_figure(
    image: np.ndarray,
    parts: np.ndarray,
    body: Body,
    outfit: Outfit,
    view: View,
    rng: Random,
) -> None:
    """Paint a person into picture and part map, in place; ``rng`` draws the light."""
    # Light from one side; the limb on the other side is a little darker, front or back alike.
    light = rng.uniform(-0.1, 0.1)
    leftness = float(body.chest[0, 0])
    shade = [1.0 + light * leftness, 1.0 - light * leftness]
    shapes = limb_shapes(body, dress_limbs(body, outfit, shade), view)
    shapes += trunk_shapes(body, outfit, view)
    shapes += head_shapes(body, outfit, view)
    shapes.sort(key=lambda shape: shape.depth)
    for shape in shapes:
        paint(image, parts, shape)
