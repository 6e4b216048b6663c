"""Shapes of one image of CVAT's XML: boxes, skeletons and answers by attribute."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import Element

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import parse_box
from lfhpe_mmpose.tags.values import UNKNOWN

from .answers import AnswerWords, answer
from .builder import nearest, parse_number

VIEW_LABEL = 'view'
SKELETON_MARGIN = 0.1


class Shape(NamedTuple):
    """A box, tag or skeleton of an image.

    Attributes:
        kind (str): ``box``, ``tag`` or ``skeleton``.
        label (str): Its label.
        group (str): Its ``group_id``, '' outside groups.
        element (Element): The element.
        where (str): File and entry, for messages.
    """

    kind: str
    label: str
    group: str
    element: Element
    where: str


def shapes_of(image: Element, where: str) -> tuple[list[Shape], list[str]]:
    """List the shapes of an image.

    Args:
        image (Element): The element ``image``.
        where (str): File and image, for messages.

    Returns:
        tuple[list[Shape], list[str]]: Boxes, tags and skeletons; and kind and label of each
        other shape, which are not read.

    Raises:
        UserError: If a shape has no label.
    """
    shapes, others = [], []
    for i, element in enumerate(image):
        label = element.get('label')
        at = f'{where}: {element.tag} {i + 1}'
        if not label:
            raise UserError(f'{at} has no label. Export from CVAT again.')
        if element.tag in ('box', 'tag', 'skeleton'):
            group = element.get('group_id', '')
            group = '' if group == '0' else group
            shapes.append(Shape(element.tag, label, group, element, f'{at} ({label!r})'))
        else:
            others.append(f'{element.tag} {label!r}')
    return shapes, others


def attributes_of(shape: Shape) -> dict[str, str]:
    """Attributes of a shape by name.

    Args:
        shape (Shape): The shape.

    Returns:
        dict[str, str]: Name and value.

    Raises:
        UserError: If an attribute has no name, or comes twice.
    """
    out: dict[str, str] = {}
    for attribute in shape.element.iterfind('attribute'):
        name = attribute.get('name')
        if not name:
            raise UserError(f'{shape.where}: an attribute has no name. Export from CVAT again.')
        if name in out:
            raise UserError(f'{shape.where}: the attribute {name!r} comes twice. Remove one.')
        out[name] = (attribute.text or '').strip()
    return out


def tags_of(shape: Shape, names: Sequence[str], words: AnswerWords) -> list[int] | None:
    """Answers of a shape.

    Args:
        shape (Shape): The shape.
        names (Sequence[str]): Names of the K keypoints.
        words (AnswerWords): Which answers mean what.

    Returns:
        list[int] | None: K tags, or None where no attribute is a keypoint.

    Raises:
        UserError: If an attribute of a keypoint is no answer.
    """
    attributes = attributes_of(shape)
    if not any(name in attributes for name in names):
        return None
    return [
        answer(attributes[name], f'{shape.where}: attribute {name!r}', words)
        if name in attributes
        else UNKNOWN
        for name in names
    ]


def box_of(shape: Shape) -> list[float]:
    """Box of a shape.

    Args:
        shape (Shape): A ``box``.

    Returns:
        list[float]: [x, y, width, height] in pixels; of a turned box the upright box about it.

    Raises:
        UserError: If a side is missing, is no number, or the box has no area.
    """
    side = {}
    for key in ('xtl', 'ytl', 'xbr', 'ybr'):
        at = f'{shape.where}: {key}'
        text = shape.element.get(key)
        if text is None:
            raise UserError(f'{at} is missing. Export from CVAT again.')
        parse_number(text, at)
        # In decimals, so that 110.37 - 10.21 is 100.16 and not 100.16000000000001.
        side[key] = Decimal(text.strip())
    box = [side['xtl'], side['ytl'], side['xbr'] - side['xtl'], side['ybr'] - side['ytl']]
    out = parse_box([float(v) for v in box], f'{shape.where} as [x, y, width, height]')
    rotation = parse_number(shape.element.get('rotation', '0'), f'{shape.where}: rotation')
    if rotation % 180 == 0:
        return out
    x, y, w, h = out
    cos, sin = abs(math.cos(math.radians(rotation))), abs(math.sin(math.radians(rotation)))
    width, height = w * cos + h * sin, w * sin + h * cos
    return [x + (w - width) / 2, y + (h - height) / 2, width, height]


def keypoints_of(shape: Shape, names: Sequence[str]) -> list[float]:
    """Coordinates of a skeleton.

    Args:
        shape (Shape): A ``skeleton``.
        names (Sequence[str]): Names of the K keypoints.

    Returns:
        list[float]: x, y, v of each keypoint: v 0 where CVAT says outside or has no such
        point, 1 occluded, 2 visible.

    Raises:
        UserError: If a point has another name, comes twice, or is no point.
    """
    out = [0.0] * (3 * len(names))
    taken = set()
    for point in shape.element.iterfind('points'):
        name = point.get('label', '')
        at = f'{shape.where}: point {name!r}'
        if name not in names:
            near = nearest(name, names) or f' The keypoints are {", ".join(names)}.'
            raise UserError(f'{at} is no keypoint.{near}')
        if name in taken:
            raise UserError(f'{at} comes twice. Remove one.')
        taken.add(name)
        if point.get('outside', '0') == '1':
            continue
        place = point.get('points', '').split(',')
        if len(place) != 2:
            raise UserError(f'{at} is at {point.get("points")!r}; give x,y.')
        x, y = (parse_number(v, at) for v in place)
        k = 3 * list(names).index(name)
        out[k : k + 3] = x, y, 1 if point.get('occluded', '0') == '1' else 2
    return out


def box_about(keypoints: Sequence[float], width: int, height: int) -> list[float] | None:
    """A box about the points of a skeleton, which has none of its own.

    Args:
        keypoints (Sequence[float]): x, y, v of each keypoint.
        width (int): Of the image, in pixels.
        height (int): Of the image, in pixels.

    Returns:
        list[float] | None: [x, y, width, height]: the extent of the points, and a tenth of
        its longer side about it, within the image. None where there is no extent.
    """
    triples = zip(keypoints[::3], keypoints[1::3], keypoints[2::3], strict=True)
    at = [(x, y) for x, y, flag in triples if flag]
    if not at:
        return None
    left, right = min(x for x, _ in at), max(x for x, _ in at)
    top, bottom = min(y for _, y in at), max(y for _, y in at)
    margin = SKELETON_MARGIN * max(right - left, bottom - top)
    left, top = max(left - margin, 0), max(top - margin, 0)
    right, bottom = min(right + margin, width), min(bottom + margin, height)
    if right - left <= 0 or bottom - top <= 0:
        return None
    return [left, top, right - left, bottom - top]
