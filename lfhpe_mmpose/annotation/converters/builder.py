"""A tag file made person by person, as a converter comes across them."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile

MAX_PIXELS = 1e9  # what tag_file.parse_box takes for a number of pixels
MAX_SIDE = 1_000_000


class TagFileBuilder:
    """Collects images and persons of one keypoint set.

    Args:
        names (Sequence[str]): Keypoint names, in order.
        path (str): The file they come from, for messages.
        category (str): Name of the category. Defaults to 'person'.
        skeleton (Sequence[Sequence[int]]): Limbs as pairs of 1-based indices.
    """

    def __init__(
        self,
        names: Sequence[str],
        path: str,
        category: str = 'person',
        skeleton: Sequence[Sequence[int]] = (),
    ) -> None:
        self.tags = TagFile.new(names, skeleton, category)
        self.tags.path = path
        self._images: dict[str, dict] = {}

    def image(
        self,
        file_name: str,
        width: int,
        height: int,
        where: str,
        image_id: int | str | None = None,
    ) -> int | str:
        """Add an image, or find it again.

        Args:
            file_name (str): Its path, relative to the image folder.
            width (int): In pixels.
            height (int): In pixels.
            where (str): File and entry, for the message.
            image_id (int | str, optional): Its id. Defaults to None: a running number.

        Returns:
            int | str: Its id.

        Raises:
            UserError: If it has no name or size, or had another before.
        """
        if not file_name:
            raise UserError(f'{where}: the image has no name. Name its file.')
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise UserError(f'{where}: {width} x {height} is no image size in pixels. Correct it.')
        known = self._images.get(file_name)
        if known is None:
            number = len(self.tags.images) + 1 if image_id is None else image_id
            known = dict(id=number, file_name=file_name, width=width, height=height)
            self._images[file_name] = known
            self.tags.images.append(known)
        elif (known['width'], known['height']) != (width, height):
            raise UserError(
                f'{where}: {file_name!r} is {width} x {height} pixels here and {known["width"]} x '
                f'{known["height"]} before. Correct one of them.'
            )
        elif image_id is not None and known['id'] != image_id:
            raise UserError(
                f'{where}: {file_name!r} has the id {image_id!r} here and {known["id"]!r} before. '
                'Correct one of them.'
            )
        return known['id']

    def person(self, image_id: int | str, person_id: int | str | None = None) -> dict[str, Any]:
        """Add a person.

        Args:
            image_id (int | str): Id of the image.
            person_id (int | str, optional): Id of the annotation. Defaults to None: a running
                number.

        Returns:
            dict[str, Any]: The annotation, to be completed.
        """
        number = len(self.tags.annotations) + 1 if person_id is None else person_id
        person = dict(id=number, image_id=image_id, category_id=1)
        self.tags.annotations.append(person)
        return person


def parse_number(text: object, where: str, decimal_comma: bool = False) -> float:
    """Read a number of pixels.

    Args:
        text (object): A number, or the text of one.
        where (str): File and entry, for the message.
        decimal_comma (bool): Whether ``10,5`` is a number too. Defaults to False.

    Returns:
        float: The number.

    Raises:
        UserError: If it is anything else, or too large for pixels.
    """
    plain = str(text).strip()
    if decimal_comma:
        plain = plain.replace(',', '.')
    # float() alone would take 'nan', '1_000' and digits of other scripts.
    if not re.fullmatch(r'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?', plain):
        raise UserError(f'{where} is {text!r}; give a number of pixels.')
    number = float(plain)
    if abs(number) >= MAX_PIXELS:
        raise UserError(f'{where} is {text!r}, too large for pixels. Correct it.')
    return number


def nearest(word: object, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A question for what may have been meant.

    Args:
        word (object): What was given.
        known (Iterable[str]): What there is.
        cutoff (float): How near it must be, in [0, 1]. Defaults to 0.6.

    Returns:
        str: ``" Did you mean 'x'?"``, or nothing.
    """
    near = get_close_matches(str(word).lower().replace(' ', '_'), list(known), 1, cutoff)
    return f' Did you mean {near[0]!r}?' if near else ''


def check_names(names: Sequence[str], path: str) -> list[str]:
    """Refuse keypoint names that cannot be told apart.

    Args:
        names (Sequence[str]): Keypoint names.
        path (str): The file, for the message.

    Returns:
        list[str]: The names.

    Raises:
        UserError: If there is none, one is empty, or two are alike.
    """
    if not names:
        raise UserError(f'{path}: no keypoint is named. Name them with --keypoints a,b,c.')
    for i, name in enumerate(names):
        if not name.strip() or name in names[:i]:
            what = 'has no name' if not name.strip() else f'is called {name!r} like another'
            raise UserError(f'{path}: keypoint {i + 1} {what}. Give each a name of its own.')
    return list(names)
