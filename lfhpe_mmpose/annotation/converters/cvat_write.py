"""A tag file as CVAT's XML ('CVAT for images 1.1'): boxes with an attribute for each keypoint.

The labels of the task in CVAT must be those under ``<meta>``: their 'Raw' form can be made of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Decimal
from xml.sax.saxutils import XMLGenerator

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, parse_box, person_tags, person_views

from .coco import check
from .cvat_shapes import VIEW_LABEL
from .files import write_whole

WORD_OF_TAG = {1: 'visible', 0: 'not visible', -1: 'cannot tell'}
_EXACT = Context(prec=60)


def write(tags: TagFile, path: str, locations: bool = False) -> None:
    """Write a tag file for CVAT.

    A person is a box (without one, a CVAT ``tag`` of the image), his views are boxes with the
    label ``view`` in his group. Ids are not kept; CVAT gives its own.

    Args:
        tags (TagFile): The tag file.
        path (str): The XML file to write.
        locations (bool): Whether coordinates are written as well, as a skeleton in the
            person's group. Defaults to False: no coordinate leaves.

    Raises:
        UserError: If an entry is malformed, CVAT cannot hold it, or the file cannot be
            written.
    """
    check(tags)
    names = tags.names()
    label = _label(tags)
    by_image: dict[int | str, list[tuple[dict, str]]] = {image['id']: [] for image in tags.images}
    for annotation, where in tags.with_index():
        by_image[annotation['image_id']].append((annotation, where))
    with write_whole(path) as part, open(part, 'w', encoding='utf-8') as file:
        xml = _Writer(file)
        xml.generator.startDocument()
        with xml.inside('annotations'):
            xml.text('version', '1.1')
            _meta(xml, names, label, len(tags.images), locations)
            group = 0
            for i, image in enumerate(tqdm(tags.images, desc=path, disable=None)):
                size = {k: str(round(image[k])) for k in ('width', 'height')}
                with xml.inside('image', id=str(i), name=_text(image['file_name'], tags), **size):
                    for annotation, where in by_image[image['id']]:
                        group += 1
                        _person(xml, annotation, names, label, group, locations, where)
        xml.generator.endDocument()


def _label(tags: TagFile) -> str:
    category = next(c for c in tags.categories if c.get('keypoints'))
    label = str(category.get('name') or 'person')
    if label.lower() == VIEW_LABEL:
        raise UserError(
            f'{tags.path}: the category is called {label!r}, which is the label of views in CVAT. '
            'Rename it.'
        )
    for name in (label, *tags.names()):
        _text(name, tags)
        if name != name.strip():
            raise UserError(
                f'{tags.path}: the name {name!r} begins or ends with a space, which CVAT drops. '
                'Rename it.'
            )
    return label


def _text(text: str, tags: TagFile) -> str:
    """Refuse what XML cannot hold."""
    bad = [c for c in text if c < ' ' or '\ud800' <= c <= '\udfff' or c in '\ufffe\uffff']
    if bad:
        raise UserError(
            f'{tags.path}: {text!r} holds the character {bad[0]!r}, which XML cannot hold. '
            'Rename it.'
        )
    return text


class _Writer:
    """Indented XML."""

    def __init__(self, file) -> None:
        self.generator = XMLGenerator(file, 'utf-8', short_empty_elements=False)
        self.level = 0

    def _line(self) -> None:
        self.generator.ignorableWhitespace('\n' + '  ' * self.level)

    @contextmanager
    def inside(self, tag: str, **attributes: str) -> Iterator[None]:
        """An element with others in it."""
        self._line()
        self.generator.startElement(tag, attributes)  # type: ignore[arg-type]
        self.level += 1
        yield
        self.level -= 1
        self._line()
        self.generator.endElement(tag)

    def text(self, tag: str, text: str, **attributes: str) -> None:
        """An element with text in it."""
        self._line()
        self.generator.startElement(tag, attributes)  # type: ignore[arg-type]
        self.generator.characters(text)
        self.generator.endElement(tag)


def _meta(xml: _Writer, names: list[str], label: str, size: int, locations: bool) -> None:
    with xml.inside('meta'), xml.inside('task'):
        xml.text('size', str(size))
        xml.text('mode', 'annotation')
        with xml.inside('labels'):
            for name in (label, VIEW_LABEL):
                with xml.inside('label'):
                    xml.text('name', name)
                    xml.text('type', 'any' if name == label else 'rectangle')
                    with xml.inside('attributes'):
                        for keypoint in names:
                            _declare(xml, keypoint)
            if locations:
                with xml.inside('label'):
                    xml.text('name', f'{label} skeleton')
                    xml.text('type', 'skeleton')
                for keypoint in names:
                    with xml.inside('label'):
                        xml.text('name', keypoint)
                        xml.text('type', 'points')
                        xml.text('parent', f'{label} skeleton')


def _declare(xml: _Writer, keypoint: str) -> None:
    with xml.inside('attribute'):
        xml.text('name', keypoint)
        xml.text('mutable', 'False')
        xml.text('input_type', 'radio')
        xml.text('default_value', WORD_OF_TAG[-1])
        xml.text('values', '\n'.join(WORD_OF_TAG.values()))


def _person(
    xml: _Writer,
    annotation: dict,
    names: list[str],
    label: str,
    group: int,
    locations: bool,
    where: str,
) -> None:
    views = person_views(annotation, names, where)
    keypoints = annotation.get('keypoints') if locations else None
    located = keypoints is not None and any(flag > 0 for flag in keypoints[2::3])
    grouped = {'group_id': str(group)} if views or located else {}
    tags = person_tags(annotation, names, where)
    if 'bbox' in annotation:
        box = parse_box(annotation['bbox'], f'{where}.bbox')
        _answers(xml, 'box', tags, names, label=label, **_corners(box), **grouped)
    else:
        _answers(xml, 'tag', tags, names, label=label, source='manual', **grouped)
    for view, view_tags in views:
        _answers(xml, 'box', view_tags, names, label=VIEW_LABEL, **_corners(view), **grouped)
    if located and keypoints is not None:
        about = dict(label=f'{label} skeleton', source='manual', z_order='0', **grouped)
        with xml.inside('skeleton', **about):
            for k, name in enumerate(names):
                x, y, flag = keypoints[3 * k : 3 * k + 3]
                xml.text(
                    'points',
                    '',
                    label=name,
                    source='manual',
                    outside=str(int(flag == 0)),
                    occluded=str(int(flag == 1)),
                    points=f'{x!r},{y!r}',
                )


def _answers(
    xml: _Writer, tag: str, tags: list[int] | None, names: list[str], **attributes: str
) -> None:
    with xml.inside(tag, **attributes):
        for name, value in zip(names, tags or []):
            xml.text('attribute', WORD_OF_TAG[value], name=name)


def _corners(box: list[float]) -> dict[str, str]:
    """Sides of a box, in decimals, so that reading gives the same box back."""
    x, y, w, h = (Decimal(repr(v)) for v in box)
    sides = dict(xtl=x, ytl=y, xbr=_EXACT.add(x, w), ybr=_EXACT.add(y, h))
    return {
        'source': 'manual',
        'occluded': '0',
        **{k: f'{v:f}' for k, v in sides.items()},
        'z_order': '0',
    }
