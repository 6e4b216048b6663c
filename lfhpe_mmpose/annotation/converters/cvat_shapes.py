"""Shapes of one image of CVAT's XML: boxes, skeletons, and answers by attribute."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import Element

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.faults import raise_fault
from lfhpe_mmpose.tags.labels import unknown_keypoint
from lfhpe_mmpose.tags.persons import parse_box
from lfhpe_mmpose.tags.values import UNKNOWN

from .answers import AnswerWords, answer
from .builder import parse_number

VIEW_LABEL = 'view'
_AGAIN = 'Export from CVAT again.'


def is_set(element: Element, key: str, where: str) -> bool:
    """Whether a flag of CVAT is 1 or true; a missing one is not.

    Raises:
        UserError: 'malformed' if it is anything but 0, 1, false or true.
    """
    text = element.get(key, '0').strip().lower()
    if text not in ('0', '1', 'false', 'true'):
        fault = f'{element.get(key)!r} is not a flag.'
        raise UserError('malformed', f'{where}: {key}', fault, 'Write 0 or 1.')
    return text in ('1', 'true')


class Shape(NamedTuple):
    """A shape of an image.

    Attributes:
        kind: ``box``, ``tag``, ``skeleton``, or another kind, which is not read.
        label: Its label.
        group: Its ``group_id``; '' outside groups.
        element: The XML element.
        where: File and entry, for messages.
    """

    kind: str
    label: str
    group: str
    element: Element
    where: str


def shapes_of(image: Element, where: str) -> list[Shape]:
    """List the shapes of the element ``image``.

    Raises:
        UserError: 'unknown-label' if a shape has no label.
    """
    shapes = []
    for i, element in enumerate(image):
        label = element.get('label')
        at = f'{where}: {element.tag} {i + 1}'
        if not label:
            raise UserError('unknown-label', at, 'the shape has no label.', _AGAIN)
        group = element.get('group_id', '0')
        at = f'{at} ({label!r})'
        shapes.append(Shape(element.tag, label, '' if group == '0' else group, element, at))
    return shapes


def tags_of(shape: Shape, names: Sequence[str], words: AnswerWords) -> list[int] | None:
    """Tags of the K ``names`` by the attributes of a shape; None if none is a keypoint.

    Raises:
        UserError: 'answer', or 'malformed' if an attribute has no name or comes twice.
    """
    attributes: dict[str, str] = {}
    for attribute in shape.element.iterfind('attribute'):
        name = attribute.get('name')
        if not name:
            raise UserError('malformed', shape.where, 'an attribute has no name.', _AGAIN)
        if name in attributes:
            fault = f'the attribute {name!r} comes twice.'
            raise UserError('malformed', shape.where, fault, 'Remove one.')
        attributes[name] = (attribute.text or '').strip()
    if not any(name in attributes for name in names):
        return None
    return [
        answer(attributes[name], f'{shape.where}: attribute {name!r}', words)
        if name in attributes
        else UNKNOWN
        for name in names
    ]


def box_of(shape: Shape) -> list[float]:
    """The box [x, y, width, height] in pixels; of a turned box the upright box about it.

    Raises:
        UserError: 'malformed' if a side is missing, 'box' if it has no area.
    """
    side = {}
    for key in ('xtl', 'ytl', 'xbr', 'ybr'):
        at = f'{shape.where}: {key}'
        text = shape.element.get(key)
        if text is None:
            raise UserError('malformed', at, f'{key} is missing.', _AGAIN)
        parse_number(text, at)
        # In decimals, so that 110.37 - 10.21 is 100.16 and not 100.16000000000001.
        side[key] = Decimal(text.strip())
    sides = [side['xtl'], side['ytl'], side['xbr'] - side['xtl'], side['ybr'] - side['ytl']]
    box = parse_box([float(v) for v in sides], f'{shape.where} as [x, y, width, height]')
    rotation = parse_number(shape.element.get('rotation', '0'), f'{shape.where}: rotation')
    if rotation % 180 == 0:
        return box
    x, y, w, h = box
    cos, sin = abs(math.cos(math.radians(rotation))), abs(math.sin(math.radians(rotation)))
    width, height = w * cos + h * sin, w * sin + h * cos
    return [x + (w - width) / 2, y + (h - height) / 2, width, height]


def keypoints_of(shape: Shape, names: Sequence[str]) -> list[float]:
    """x, y and visibility of the K ``names`` of a skeleton.

    The visibility is 0 if the point is missing or CVAT says outside, 1 if occluded, else 2.

    Raises:
        UserError: 'unknown-keypoint', or 'malformed' if a point comes twice or has no place.
    """
    out = [0.0] * (3 * len(names))
    taken = set()
    for point in shape.element.iterfind('points'):
        name = point.get('label', '')
        at = f'{shape.where}: point {name!r}'
        if name not in names:
            raise_fault(unknown_keypoint(name, names), at)
        if name in taken:
            raise UserError('malformed', at, 'the point comes twice.', 'Remove one.')
        taken.add(name)
        if is_set(point, 'outside', at):
            continue
        place = point.get('points', '').split(',')
        if len(place) != 2:
            fault = f'{point.get("points")!r} is not a place.'
            raise UserError('malformed', at, fault, 'Give x,y.')
        x, y = (parse_number(v, at) for v in place)
        k = 3 * list(names).index(name)
        out[k : k + 3] = x, y, 1 if is_set(point, 'occluded', at) else 2
    return out
