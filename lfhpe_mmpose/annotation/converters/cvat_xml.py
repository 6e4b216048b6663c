"""CVAT's XML as a stream: the labels, then image by image.

Only what the root holds directly is ever in memory as a whole, so that the number of images does
not matter. A document type declaration is refused: entities could blow up a small file, or name
other files, and CVAT writes none.
"""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError

_CHUNK = 1 << 16
_MAX_DEPTH = 50
REMEDY = "Export from CVAT as 'CVAT for images 1.1'."


class _Parts:
    """What the parser calls: builds each child of the root, and hands it over when complete."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.depth = 0
        self.root: str | None = None
        self.done: list[Element] = []
        self._builder = TreeBuilder()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self.depth == 0:
            self.root = tag
        else:
            self._builder.start(tag, attributes)
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise UserError(f'{self.path}: elements are nested too deep for CVAT. {REMEDY}')

    def end(self, tag: str) -> None:
        """An element ends."""
        self.depth -= 1
        if self.depth > 0:
            self._builder.end(tag)
        if self.depth == 1:
            self.done.append(self._builder.close())
            self._builder = TreeBuilder()

    def data(self, text: str) -> None:
        """Text between elements."""
        if self.depth > 1:
            self._builder.data(text)

    def doctype(self, *_: object) -> None:
        """A document type declaration."""
        raise UserError(
            f'{self.path}: has a document type declaration (<!DOCTYPE>), which CVAT never writes '
            f'and which is not read for safety. {REMEDY}'
        )

    def close(self) -> None:
        """The document ends."""


def parts(file: BinaryIO, path: str) -> Iterator[Element]:
    """Read the children of ``<annotations>`` one by one.

    Args:
        file (BinaryIO): The open XML file.
        path (str): The file, for messages.

    Yields:
        Element: ``version``, ``meta``, and each ``image``.

    Raises:
        UserError: If it is not XML, cut off, or not CVAT's.
    """
    target = _Parts(path)
    parser = XMLParser(target=target)
    with tqdm(desc=path, unit='B', unit_scale=True, disable=None) as bar:
        while True:
            chunk = file.read(_CHUNK)
            try:
                parser.feed(chunk) if chunk else parser.close()
            except (ParseError, LookupError, ValueError) as error:
                if isinstance(error, UserError):
                    raise
                raise UserError(
                    f'{path}: not an XML file, or damaged ({error}). {REMEDY}'
                ) from None
            if target.root not in (None, 'annotations'):
                raise UserError(
                    f'{path}: the root element is <{target.root}>, not <annotations>. {REMEDY}'
                )
            yield from target.done
            target.done.clear()
            bar.update(len(chunk))
            if not chunk:
                return


def labels_of(meta: Element) -> list[dict]:
    """The labels that a task, job or project declares.

    Args:
        meta (Element): The element ``meta``.

    Returns:
        list[dict]: ``name``, ``parent`` (the skeleton that a label is a point of, or None),
        and ``attributes`` with name and kind of input (``select``, ``radio``, ``checkbox``,
        ``number`` or ``text``), of each.
    """
    out = []
    for label in meta.iter('label'):
        attributes = [
            (_text(attribute, 'name'), _text(attribute, 'input_type'))
            for attribute in label.iterfind('attributes/attribute')
        ]
        parent = _text(label, 'parent') or None
        out.append(dict(name=_text(label, 'name'), parent=parent, attributes=attributes))
    return out


def _text(element: Element, tag: str) -> str:
    return (element.findtext(tag) or '').strip()
