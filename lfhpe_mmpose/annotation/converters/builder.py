"""A tag file that a converter builds image by image and person by person."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.entries import is_number, names_faults
from lfhpe_mmpose.tags.tag_file import TagFile

MAX_SIDE = 1_000_000
# float() alone would accept 'nan', '1_000' and digits of other scripts.
_NUMBER = re.compile(r'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?')


class TagFileBuilder:
    """Collects images and persons of one keypoint set in ``tags``.

    Args:
        names: Keypoint names, in order.
        path: The file they come from, for messages.
        category: Name of the category.
    """

    def __init__(self, names: Sequence[str], path: str, category: str = 'person') -> None:
        self.tags = TagFile.new(names, category=category)
        self.tags.path = path
        self._images: dict[str, dict[str, Any]] = {}

    @property
    def names(self) -> list[str]:
        """The keypoint names."""
        names: list[str] = self.tags.categories[0]['keypoints']
        return names

    def image(
        self, name: str, size: tuple[int, int], where: str, image_id: int | str | None = None
    ) -> int | str:
        """Add an image, or find it again.

        Args:
            name: Its path, relative to the image folder.
            size: Width and height in pixels.
            where: File and entry, for the message.
            image_id: Its id; a running number if None.

        Returns:
            Its id.

        Raises:
            UserError: If the name or the size is invalid, or differs from an earlier entry.
        """
        if not name:
            raise UserError('malformed', where, 'the image has no name.', 'Name its file.')
        width, height = size
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            fault = f'{width} x {height} is not an image size in pixels.'
            raise UserError('image-size', where, fault, 'Correct it.')
        known = self._images.get(name)
        if known is None:
            number = len(self.tags.images) + 1 if image_id is None else image_id
            known = dict(id=number, file_name=name, width=width, height=height)
            self._images[name] = known
            self.tags.images.append(known)
        before = f'{known["width"]} x {known["height"]}'
        if before != f'{width} x {height}':
            fault = f'{name!r} is {width} x {height} pixels here, and {before} before.'
            raise UserError('image-size', where, fault, 'Correct one of them.')
        if image_id is not None and known['id'] != image_id:
            fault = f'{name!r} has the id {image_id!r} here, and {known["id"]!r} before.'
            raise UserError('image-id', where, fault, 'Correct one of them.')
        number: int | str = known['id']
        return number

    def person(self, image_id: int | str) -> dict[str, Any]:
        """Add a person with a running number; the caller completes the annotation."""
        person = dict(id=len(self.tags.annotations) + 1, image_id=image_id, category_id=1)
        self.tags.annotations.append(person)
        return person


def set_keypoints(person: dict[str, Any], keypoints: list[float]) -> None:
    """Give a person coordinates: x, y and visibility of each keypoint."""
    person['keypoints'] = keypoints
    person['num_keypoints'] = sum(flag > 0 for flag in keypoints[2::3])


def parse_number(text: object, where: str, decimal_comma: bool = False) -> float:
    """Read a number of pixels.

    Args:
        text: A number, or the text of one.
        where: File and entry, for the message.
        decimal_comma: Whether ``10,5`` is a number too.

    Raises:
        UserError: 'malformed' if it is anything else, or too large for pixels.
    """
    plain = str(text).strip()
    if decimal_comma:
        plain = plain.replace(',', '.')
    number = float(plain) if _NUMBER.fullmatch(plain) else None
    if number is None or not is_number(number):
        state = 'not a number' if number is None else 'too large for pixels'
        raise UserError('malformed', where, f'{text!r} is {state}.', 'Give a number of pixels.')
    return number


def nearest(word: object, known: Iterable[object], cutoff: float = 0.6) -> str:
    """Ask ``" Did you mean 'x'?"``; '' if no known word is near."""
    plain = str(word).lower().replace(' ', '_')
    near = get_close_matches(plain, list(map(str, known)), 1, cutoff)
    return f' Did you mean {near[0]!r}?' if near else ''


def check_names(names: Sequence[str], where: str) -> list[str]:
    """Return keypoint names as a list; refuse an empty list, empty names and duplicates."""
    if not names:
        remedy = 'Name the keypoints with --keypoints a,b,c.'
        raise UserError('no-keypoints', where, 'no keypoint is named.', remedy)
    for fault in names_faults(list(names)):
        raise UserError(fault.code, where, f'{fault.text}.', fault.remedy)
    return list(names)
