"""CVAT's XML as a stream: the labels, then image by image, so that memory does not grow.

A document type declaration is refused: its entities could fill the memory or name other files,
and CVAT writes none.
"""

from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError

_CHUNK = 1 << 16
_MAX_DEPTH = 50
_MAX_PART = 1 << 23  # bytes of an image with all its shapes
REMEDY = "Export from CVAT as 'CVAT for images 1.1'."


class _Parts:
    """The parser's target: builds each child of the root and keeps it in ``done``."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.depth = 0
        self.root: str | None = None
        self.done: list[Element] = []
        self._builder = TreeBuilder()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.depth == 0:
            self.root = tag
        else:
            self._builder.start(tag, attributes)
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise UserError('nesting', self.path, 'elements are nested too deep.', REMEDY)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if self.depth > 0:
            self._builder.end(tag)
        if self.depth == 1:
            self.done.append(self._builder.close())
            self._builder = TreeBuilder()

    def data(self, text: str) -> None:
        if self.depth > 1:
            self._builder.data(text)

    def doctype(self, *_: object) -> None:
        fault = 'the file has a document type declaration (<!DOCTYPE>), which is not safe to read.'
        raise UserError('doctype', self.path, fault, REMEDY)

    def close(self) -> None:
        pass


def parts(file: IO[bytes], path: str) -> Iterator[Element]:
    """Read the children of ``<annotations>`` one by one: ``meta`` and each ``image``.

    Raises:
        UserError: 'damaged' if it is not whole XML, 'structure' if it is not CVAT's.
    """
    target = _Parts(path)
    parser = XMLParser(target=target)
    pending = 0
    with tqdm(desc=path, unit='B', unit_scale=True, disable=None) as bar:
        while True:
            chunk = file.read(_CHUNK)
            try:
                parser.feed(chunk) if chunk else parser.close()
            except UserError:
                raise
            except (ParseError, LookupError, ValueError) as error:
                fault = f'this is not an XML file, or it is damaged ({error}).'
                raise UserError('damaged', path, fault, REMEDY) from None
            if target.root not in (None, 'annotations'):
                fault = f'the root element is <{target.root}>, not <annotations>.'
                raise UserError('structure', path, fault, REMEDY)
            pending = 0 if target.done else pending + len(chunk)
            if pending > _MAX_PART:
                fault = f'an entry is larger than {_MAX_PART >> 20} MB.'
                raise UserError('too-large', path, fault, REMEDY)
            yield from target.done
            target.done.clear()
            bar.update(len(chunk))
            if not chunk:
                return


class Label(NamedTuple):
    """A label that a task, job or project declares.

    Attributes:
        name: Its name.
        parent: The skeleton that it is a point of; '' for others.
        attributes: Name and kind of input (``select``, ``number`` ...) of its attributes.
    """

    name: str
    parent: str
    attributes: list[tuple[str, str]]


def labels_of(meta: Element) -> list[Label]:
    """The labels that the element ``meta`` declares."""
    return [
        Label(
            _text(label, 'name'),
            _text(label, 'parent'),
            [
                (_text(attribute, 'name'), _text(attribute, 'input_type'))
                for attribute in label.iterfind('attributes/attribute')
            ],
        )
        for label in meta.iter('label')
    ]


def _text(element: Element, tag: str) -> str:
    return (element.findtext(tag) or '').strip()
