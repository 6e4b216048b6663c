"""A tag file in memory: COCO's lists, read and written without loss.

docs/tag-format.md describes the format; ``tags.schema.json`` beside this file does so for other
programs. Nothing here reads ``keypoints``.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.json_text import AGAIN, check_begin, is_cut_off
from lfhpe_mmpose.files.writing import write_whole

from .entries import answer_error_faults, names_faults
from .faults import raise_first, short
from .fields import id_faults

TAG_FORMAT = '1.0'
SCHEMA = Path(__file__).with_name('tags.schema.json')


@dataclass
class TagFile:
    """The content of a tag file. Its lists hold plain dicts, unknown keys included.

    Attributes:
        images: ``id, file_name, width, height`` each.
        annotations: A person each, see docs/tag-format.md.
        categories: ``id, name, keypoints`` and perhaps ``skeleton``.
        rest: The other entries of the file, in their order.
        path: The file it came from, for messages.
    """

    images: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    categories: list[dict[str, Any]] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)
    path: str = 'new tag file'

    @classmethod
    def new(
        cls,
        names: Sequence[str],
        skeleton: Sequence[Sequence[int]] = (),
        category: str = 'person',
    ) -> 'TagFile':
        """Make a tag file for one keypoint set, without images and persons.

        Args:
            names: Keypoint names, in order.
            skeleton: Limbs as pairs of 1-based indices, as in COCO. Defaults to none.
            category: Name of the category. Defaults to 'person'.
        """
        entry: dict[str, Any] = dict(id=1, name=category, keypoints=list(names))
        if skeleton:
            entry['skeleton'] = [list(limb) for limb in skeleton]
        return cls(categories=[entry], rest=dict(info=dict(tag_format=TAG_FORMAT)))

    def names(self, category_id: int | str | None = None) -> list[str]:
        """Keypoint names of a category, in order.

        Args:
            category_id: Its id. Defaults to None: the only category with keypoints.

        Raises:
            UserError: 'no-keypoints' if no category fits, 'keypoint-sets' if several do, or the
                fault of its names.
        """
        found = [
            c
            for c in self.categories
            if (c.get('id') == category_id if category_id is not None else c.get('keypoints'))
        ]
        if len(found) != 1 or not found[0].get('keypoints'):
            which = 'with keypoints' if category_id is None else f'with id {category_id!r}'
            raise UserError(
                'keypoint-sets' if len(found) > 1 else 'no-keypoints',
                self.path,
                f'categories has {len(found)} entries {which}.',
                "Give one with the list 'keypoints' of names.",
            )
        names = found[0]['keypoints']
        raise_first(names_faults(names), f'{self.path}: category {found[0].get("name")!r}')
        return names

    def answer_error(self) -> float:
        """The share of wrong answers that ``info.answer_error`` states; 0 without it.

        Raises:
            UserError: 'answer-error'.
        """
        info = self.rest.get('info')
        if not isinstance(info, Mapping):
            return 0.0
        raise_first(answer_error_faults(info), f'{self.path}: info')
        return float(info.get('answer_error', 0))

    def with_index(self) -> Iterator[tuple[dict[str, Any], str]]:
        """Iterate over the annotations, each with its place for messages.

        A place is ``'<file>: annotations[<i>] (id <id>)'``.
        """
        for i, annotation in enumerate(self.annotations):
            yield annotation, f'{self.path}: annotations[{i}] (id {annotation.get("id")})'

    def images_by_id(self) -> dict[int | str, dict[str, Any]]:
        """The images by their id."""
        return {image['id']: image for image in self.images}

    def to_dict(self) -> dict[str, Any]:
        """The whole file as one object, in COCO's order of entries."""
        out = dict(self.rest)
        out.update(images=self.images, annotations=self.annotations, categories=self.categories)
        return out

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file, whole or not at all; its folder is made if it is missing.

        Raises:
            UserError: 'not-finite' if it holds NaN or infinity, which JSON does not have;
                'not-writable' or 'disk-full'.
        """
        with write_whole(path) as part:
            self.dump(part)

    def dump(self, part: str | os.PathLike[str]) -> None:
        """Write into a file that ``lfhpe_mmpose.files.writing`` made; see ``save``."""
        try:
            try:
                self._dump(part, ensure_ascii=False)
            except UnicodeEncodeError:  # half a character, which only an escape can hold
                self._dump(part, ensure_ascii=True)
        except ValueError:
            raise UserError(
                'not-finite',
                self.path,
                'it holds NaN or infinity, which JSON does not have, and was not written.',
                'Correct or remove the value; `lfhpe check` reports where it is.',
            ) from None

    def _dump(self, part: str | os.PathLike[str], ensure_ascii: bool) -> None:
        with open(part, 'w', encoding='utf-8') as file:
            json.dump(self.to_dict(), file, ensure_ascii=ensure_ascii, allow_nan=False)
            file.write('\n')


def load_tag_file(path: str | os.PathLike[str]) -> TagFile:
    """Read a tag file, or a plain COCO keypoint file, into memory.

    Raises:
        UserError: 'unreadable-file', 'empty-file', 'encoding' or 'not-json', or as for
            ``tag_file_from``.
    """
    return tag_file_from(read_json(path), str(path))


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read a JSON file.

    Raises:
        UserError: 'unreadable-file', 'empty-file', 'encoding', 'nesting', 'cut-off' or 'not-json'.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        fault = f'the file cannot be read ({error.strerror}).'
        raise UserError('unreadable-file', str(path), fault, 'Correct the path.') from None
    check_begin(content, path)
    try:
        return json.loads(content.decode('utf-8'))
    except UnicodeDecodeError as error:
        fault = f'the file is not UTF-8 text ({error.reason} at byte {error.start}).'
        raise UserError('encoding', str(path), fault, 'Save it as UTF-8.') from None
    except RecursionError:
        fault = 'values are nested too deep.'
        raise UserError('nesting', str(path), fault, 'Write flat lists as COCO does.') from None
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError) and is_cut_off(error):
            fault = f'the file ends in the middle ({error}).'
            raise UserError('cut-off', str(path), fault, AGAIN) from None
        fault = f'the file is not JSON ({error}).'
        raise UserError('not-json', str(path), fault, AGAIN) from None


def tag_file_from(data: object, path: str) -> TagFile:
    """Take the content of a JSON file as a tag file; its lists are not copied.

    Raises:
        UserError: 'structure', 'malformed' or 'version'.
    """
    remedy = "Give an object with the lists 'images', 'annotations' and 'categories'."
    if not isinstance(data, dict):
        raise UserError('structure', path, f'the file holds {short(data)}.', remedy)
    parts: dict[str, list[dict[str, Any]]] = {}
    for part in ('images', 'annotations', 'categories'):
        if not isinstance(data.get(part), list):
            state = 'missing' if part not in data else 'not a list'
            raise UserError('structure', path, f'{part!r} is {state}.', remedy)
        parts[part] = data[part]
        for i, entry in enumerate(data[part]):
            where = f'{path}: {part}[{i}]'
            if not isinstance(entry, dict):
                fault = f'{short(entry)} is not an object.'
                raise UserError('malformed', where, fault, 'Give an object with an id.')
            raise_first(id_faults(entry, 'id'), where)
    check_version(data.get('info'), path)
    rest = {k: v for k, v in data.items() if k not in parts}
    return TagFile(**parts, rest=rest, path=path)


def check_version(info: object, path: str) -> None:
    """Refuse a file that a later version wrote.

    Args:
        info: The entry ``info``; a plain COCO file has no version there.
        path: The file, for the message.

    Raises:
        UserError: 'version'.
    """
    version = info.get('tag_format') if isinstance(info, Mapping) else None
    if version is None:
        return
    try:
        major = int(str(version).split('.')[0])
    except ValueError:
        fault = f'info.tag_format is {short(version)}, which is not a version.'
        raise UserError('version', path, fault, f'Write {TAG_FORMAT!r}.') from None
    if major > int(TAG_FORMAT.split('.')[0]):
        fault = f'info.tag_format is {short(version)}; this version reads {TAG_FORMAT}.'
        raise UserError('version', path, fault, 'Update lfhpe_mmpose.')
