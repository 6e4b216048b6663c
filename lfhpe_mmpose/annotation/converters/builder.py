"""A tag file that a converter builds image by image and person by person."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.entries import names_faults
from lfhpe_mmpose.tags.faults import raise_fault
from lfhpe_mmpose.tags.fields import is_number
from lfhpe_mmpose.tags.labels import unknown_keypoint
from lfhpe_mmpose.tags.tag_file import TagFile

MAX_SIDE = 1_000_000
MARGIN = 0.1
# float() alone would accept 'nan', '1_000' and digits of other scripts.
_NUMBER = re.compile(r'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?')


class TagFileBuilder:
    """Collects images and persons of one keypoint set in ``tags``; ``left_out`` counts the rest.

    Args:
        names: Keypoint names, in order.
        path: The file they come from, for messages.
        category: Name of the category.
    """

    def __init__(self, names: Sequence[str], path: str, category: str = 'person') -> None:
        self.tags = TagFile.new(names, category=category)
        self.tags.path = path
        self.left_out: Counter[str] = Counter()
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
            own = len(self.tags.images) + 1 if image_id is None else image_id
            known = dict(id=own, file_name=name, width=width, height=height)
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

    def located(
        self,
        image_id: int | str,
        keypoints: list[float],
        size: tuple[int, int],
        box: list[float] | None = None,
    ) -> None:
        """Add a person with coordinates; without a box, the box about its points.

        A person without a visible keypoint, or without a box and an extent, is left out.

        Args:
            image_id: Id of the image.
            keypoints: x, y and visibility of each keypoint.
            size: Width and height of the image in pixels.
            box: [x, y, width, height] in pixels.
        """
        box = box or box_about(keypoints, *size)
        if not any(keypoints[2::3]):
            self.left_out['persons without a keypoint'] += 1
        elif box is None:
            self.left_out['persons without a box or an extent'] += 1
        else:
            person = self.person(image_id)
            person['bbox'] = box
            set_keypoints(person, keypoints)

    def finish(self) -> TagFile:
        """Return the tag file; ``info.left_out`` counts what was not read."""
        if self.left_out:
            self.tags.rest['info']['left_out'] = dict(sorted(self.left_out.items()))
        return self.tags


def set_keypoints(person: dict[str, Any], keypoints: list[float]) -> None:
    """Give a person coordinates: x, y and visibility of each keypoint."""
    person['keypoints'] = keypoints
    person['num_keypoints'] = sum(flag > 0 for flag in keypoints[2::3])


def box_about(keypoints: Sequence[float], width: int, height: int) -> list[float] | None:
    """The extent of the visible points with a margin of a tenth of its longer side.

    Args:
        keypoints: x, y and visibility of each keypoint.
        width: Of the image, in pixels; the box stays inside.
        height: Of the image, in pixels.

    Returns:
        [x, y, width, height], or None if it has no area.
    """
    triples = zip(keypoints[::3], keypoints[1::3], keypoints[2::3], strict=True)
    at = [(x, y) for x, y, flag in triples if flag]
    if not at:
        return None
    left, right = min(x for x, _ in at), max(x for x, _ in at)
    top, bottom = min(y for _, y in at), max(y for _, y in at)
    margin = MARGIN * max(right - left, bottom - top)
    left, top = max(left - margin, 0), max(top - margin, 0)
    right, bottom = min(right + margin, width), min(bottom + margin, height)
    if right - left <= 0 or bottom - top <= 0:
        return None
    return [left, top, right - left, bottom - top]


def parse_number(text: object, where: str, decimal_comma: bool = False) -> float:
    """Read a number of pixels.

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


def choose_names(given: Sequence[str] | None, own: Sequence[str], where: str) -> list[str]:
    """The keypoints of a file, or those of them that the user gave, in this order.

    Raises:
        UserError: 'unknown-keypoint' if the file does not have one.
    """
    for name in given or []:
        if name not in own:
            raise_fault(unknown_keypoint(name, own), where)
    return check_names(list(own if given is None else given), where)


def check_names(names: Sequence[str], where: str) -> list[str]:
    """Return keypoint names as a list; refuse an empty list, empty names and duplicates."""
    if not names:
        remedy = 'Name the keypoints with --keypoints a,b,c.'
        raise UserError('no-keypoints', where, 'no keypoint is named.', remedy)
    for fault in names_faults(list(names)):
        raise UserError(fault.code, where, f'{fault.text}.', fault.remedy)
    return list(names)
