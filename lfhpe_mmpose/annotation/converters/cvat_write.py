"""A tag file as CVAT's XML ('CVAT for images 1.1'): boxes with an attribute for each keypoint.

The labels of the task in CVAT must be those under ``<meta>``.
"""

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_whole
from lfhpe_mmpose.tags.persons import parse_box, person_tags, person_views
from lfhpe_mmpose.tags.tag_file import TagFile
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN

from .coco import check
from .cvat_shapes import VIEW_LABEL

WORD_OF_TAG = {SEEN: 'visible', ABSENT: 'not visible', UNKNOWN: 'cannot tell'}
_EXACT = Context(prec=60)


def write(tags: TagFile, path: str, locations: bool = False) -> None:
    """Write a tag file for CVAT.

    A person is a box (without one, a CVAT ``tag`` of the image); its views are boxes with the
    label ``view`` in its group. Ids are not kept.

    Args:
        tags: The tag file.
        path: The XML file to write.
        locations: Whether coordinates are written too, as a skeleton in the person's group.

    Raises:
        UserError: If an entry is malformed, CVAT cannot hold it, or the file cannot be written.
    """
    check(tags)
    names = tags.names()
    label = _label(tags)
    by_image: dict[Any, list[tuple[dict[str, Any], str]]] = {i['id']: [] for i in tags.images}
    for annotation, where in tags.with_index():
        by_image[annotation['image_id']].append((annotation, where))
    group = 0
    with write_whole(path) as part, open(part, 'w', encoding='utf-8') as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n\n<annotations>\n  ')
        file.write('<version>1.1</version>')
        file.write(_text(_meta(names, label, len(tags.images), locations)))
        for i, image in enumerate(tqdm(tags.images, desc=path, disable=None)):
            size = {k: str(round(image[k])) for k in ('width', 'height')}
            element = Element(
                'image', dict(id=str(i), name=_name(image['file_name'], tags), **size)
            )
            for annotation, where in by_image[image['id']]:
                group += 1
                _person(element, annotation, names, label, str(group), locations, where)
            file.write(_text(element))
        file.write('\n</annotations>')


def _label(tags: TagFile) -> str:
    category = next(c for c in tags.categories if c.get('keypoints'))
    label = str(category.get('name') or 'person')
    if label.lower() == VIEW_LABEL:
        fault = f'the category is called {label!r}, which is the label of views in CVAT.'
        raise UserError('unwritable-name', tags.path, fault, 'Rename it.')
    for name in (label, *tags.names()):
        if _name(name, tags) != name.strip():
            fault = f'the name {name!r} begins or ends with a space, which CVAT drops.'
            raise UserError('unwritable-name', tags.path, fault, 'Rename it.')
    return label


def _name(text: str, tags: TagFile) -> str:
    """Refuse what XML cannot hold."""
    bad = [c for c in text if c < ' ' or '\ud800' <= c <= '\udfff' or c in '\ufffe\uffff']
    if bad:
        fault = f'{text!r} holds the character {bad[0]!r}, which XML cannot hold.'
        raise UserError('unwritable-name', tags.path, fault, 'Rename it.')
    return text


def _add(parent: Element, tag: str, text: str, attributes: Mapping[str, str] = {}) -> None:
    """Add an element with text, perhaps empty."""
    SubElement(parent, tag, dict(attributes)).text = text


def _text(element: Element) -> str:
    """An element as indented text, on a line of its own below ``<annotations>``."""
    _indent(element, '\n  ')
    return '\n  ' + tostring(element, 'unicode', short_empty_elements=False)


def _indent(element: Element, line: str) -> None:
    """Put each element of others, and its end, on a line of its own."""
    if element.text is None:
        element.text = line
    for child in element:
        _indent(child, f'{line}  ')
        element.text = child.tail = f'{line}  '
    if len(element):
        element[-1].tail = line


def _meta(names: list[str], label: str, size: int, locations: bool) -> Element:
    meta = Element('meta')
    task = SubElement(meta, 'task')
    _add(task, 'size', str(size))
    _add(task, 'mode', 'annotation')
    labels = SubElement(task, 'labels')
    for name in (label, VIEW_LABEL):
        entry = SubElement(labels, 'label')
        _add(entry, 'name', name)
        _add(entry, 'type', 'any' if name == label else 'rectangle')
        attributes = SubElement(entry, 'attributes')
        for keypoint in names:
            attribute = SubElement(attributes, 'attribute')
            _add(attribute, 'name', keypoint)
            _add(attribute, 'mutable', 'False')
            _add(attribute, 'input_type', 'radio')
            _add(attribute, 'default_value', WORD_OF_TAG[UNKNOWN])
            _add(attribute, 'values', '\n'.join(WORD_OF_TAG.values()))
    for name in (f'{label} skeleton', *names) if locations else ():
        entry = SubElement(labels, 'label')
        _add(entry, 'name', name)
        _add(entry, 'type', 'points' if name in names else 'skeleton')
        if name in names:
            _add(entry, 'parent', f'{label} skeleton')
    return meta


def _person(
    image: Element,
    annotation: dict[str, Any],
    names: list[str],
    label: str,
    group: str,
    locations: bool,
    where: str,
) -> None:
    views = person_views(annotation, names, where)
    keypoints = annotation.get('keypoints', []) if locations else []
    located = any(flag > 0 for flag in keypoints[2::3])
    grouped = dict(group_id=group) if views or located else {}
    tags = person_tags(annotation, names, where) or []
    if 'bbox' in annotation:
        corners = _corners(parse_box(annotation['bbox'], f'{where}.bbox'))
        _answers(image, 'box', tags, names, dict(label=label, **corners, **grouped))
    else:
        _answers(image, 'tag', tags, names, dict(label=label, source='manual', **grouped))
    for view, view_tags in views:
        attributes = dict(label=VIEW_LABEL, **_corners(view), **grouped)
        _answers(image, 'box', view_tags, names, attributes)
    if located:
        about = dict(label=f'{label} skeleton', source='manual', z_order='0', **grouped)
        skeleton = SubElement(image, 'skeleton', about)
        for k, name in enumerate(names):
            x, y, flag = keypoints[3 * k : 3 * k + 3]
            point = dict(label=name, source='manual', outside=str(int(flag == 0)))
            point |= dict(occluded=str(int(flag == 1)), points=f'{x!r},{y!r}')
            _add(skeleton, 'points', '', point)


def _answers(
    image: Element, kind: str, tags: list[int], names: list[str], attributes: dict[str, str]
) -> None:
    shape = SubElement(image, kind, attributes)
    for name, tag in zip(names, tags):
        _add(shape, 'attribute', WORD_OF_TAG[tag], dict(name=name))


def _corners(box: list[float]) -> dict[str, str]:
    """The sides of a box as exact decimals, so that reading gives the same box back."""
    x, y, w, h = (Decimal(repr(v)) for v in box)
    sides = dict(xtl=x, ytl=y, xbr=_EXACT.add(x, w), ybr=_EXACT.add(y, h))
    return {
        'source': 'manual',
        'occluded': '0',
        **{k: f'{v:f}' for k, v in sides.items()},
        'z_order': '0',
    }
