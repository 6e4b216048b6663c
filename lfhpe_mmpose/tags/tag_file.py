"""A tag file in memory: COCO's lists as they are, read and written without loss.

The format is described in docs/tag-format.md and, for other programs, in ``tags.schema.json``
beside this file. Nothing here looks into ``keypoints``.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError

from .values import parse_tags

TAG_FORMAT = '1.0'
SCHEMA = Path(__file__).with_name('tags.schema.json')


@dataclass
class TagFile:
    """The content of a tag file. Its lists hold plain dicts, unknown keys included.

    Attributes:
        images (list[dict]): ``id, file_name, width, height`` each.
        annotations (list[dict]): A person each, see docs/tag-format.md.
        categories (list[dict]): ``id, name, keypoints`` and perhaps ``skeleton``.
        rest (dict): The other entries of the file, in their order.
        path (str): The file it came from, for messages.
    """

    images: list[dict] = field(default_factory=list)
    annotations: list[dict] = field(default_factory=list)
    categories: list[dict] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)
    path: str = 'new tag file'

    @classmethod
    def new(
        cls,
        names: Sequence[str],
        skeleton: Sequence[Sequence[int]] = (),
        category: str = 'person',
    ) -> 'TagFile':
        """Begin a tag file for one keypoint set.

        Args:
            names (Sequence[str]): Keypoint names, in order.
            skeleton (Sequence[Sequence[int]]): Limbs as pairs of 1-based indices, as COCO
                has them. Defaults to none.
            category (str): Name of the category. Defaults to 'person'.

        Returns:
            TagFile: Without images and persons.
        """
        entry: dict[str, Any] = dict(id=1, name=category, keypoints=list(names))
        if skeleton:
            entry['skeleton'] = [list(limb) for limb in skeleton]
        return cls(categories=[entry], rest=dict(info=dict(tag_format=TAG_FORMAT)))

    def names(self, category_id: int | str | None = None) -> list[str]:
        """Keypoint names of a category.

        Args:
            category_id (int | str, optional): Its id. Defaults to None: the only category
                with keypoints.

        Returns:
            list[str]: The names, in order.

        Raises:
            UserError: If there is no such category, or several to choose from.
        """
        found = [
            c
            for c in self.categories
            if (c.get('id') == category_id if category_id is not None else c.get('keypoints'))
        ]
        if len(found) != 1 or not isinstance(found[0].get('keypoints'), list):
            which = 'with keypoints' if category_id is None else f'with id {category_id!r}'
            raise UserError(
                f'{self.path}: categories has {len(found)} entries {which}; one with a list '
                "'keypoints' of names is needed."
            )
        names = found[0]['keypoints']
        for i, name in enumerate(names):
            if not isinstance(name, str) or not name or name in names[:i]:
                raise UserError(
                    f'{self.path}: keypoints[{i}] of the category {found[0].get("name")!r} is '
                    f'{name!r}; give each keypoint a name of its own.'
                )
        return names

    def with_index(self) -> Iterator[tuple[dict, str]]:
        """Iterate over the annotations.

        Yields:
            tuple[dict, str]: Annotation, and ``'<file>: annotations[<i>] (id <id>)'`` for
            messages.
        """
        for i, annotation in enumerate(self.annotations):
            yield annotation, f'{self.path}: annotations[{i}] (id {annotation.get("id")})'

    def images_by_id(self) -> dict[int | str, dict]:
        """The images by their id."""
        return {image['id']: image for image in self.images}

    def to_dict(self) -> dict:
        """The whole file as one object, in COCO's order of entries."""
        out = dict(self.rest)
        out.update(images=self.images, annotations=self.annotations, categories=self.categories)
        return out

    def save(self, path: str | os.PathLike) -> None:
        """Write the file: whole or not at all.

        Args:
            path (str | os.PathLike): The file; its folder is made if missing.

        Raises:
            UserError: If the content is no JSON: NaN or infinity.
        """
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f'.{target.name}.part')
        try:
            try:
                self._dump(part, ensure_ascii=False)
            except UnicodeEncodeError:  # half a character, which only an escape can hold
                self._dump(part, ensure_ascii=True)
        except ValueError:
            part.unlink()
            raise UserError(
                f'{self.path}: holds NaN or infinity, which is no JSON, so {target} was not '
                'written. Correct or remove it; tools/check_tags.py tells where.'
            ) from None
        os.replace(part, target)

    def _dump(self, path: Path, ensure_ascii: bool) -> None:
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(self.to_dict(), file, ensure_ascii=ensure_ascii, allow_nan=False)
            file.write('\n')


def load_tag_file(path: str | os.PathLike) -> TagFile:
    """Read a tag file, or a plain COCO keypoint file, into memory.

    Args:
        path (str | os.PathLike): The file.

    Returns:
        TagFile: Its content; ``save`` writes the same JSON again.

    Raises:
        UserError: If it cannot be read, is not COCO-style, or is of a newer version.
    """
    try:
        with open(path, encoding='utf-8') as file:
            data = json.load(file)
    except OSError as error:
        raise UserError(f'{path}: cannot be read ({error.strerror}). Correct the path.') from None
    except (ValueError, RecursionError) as error:
        raise UserError(
            f'{path}: not a JSON file ({error}). Give a COCO-style JSON file; if it is one, it '
            'was cut off: copy it again.'
        ) from None
    return tag_file_from(data, str(path))


def tag_file_from(data: object, path: str) -> TagFile:
    """Take the content of a JSON file as a tag file.

    Args:
        data (object): The content.
        path (str): The file, for messages.

    Returns:
        TagFile: The same lists, not copied.

    Raises:
        UserError: If it is not COCO-style, or of a newer version.
    """
    remedy = "a tag file is an object with the lists 'images', 'annotations' and 'categories'"
    if not isinstance(data, dict):
        raise UserError(f'{path}: holds a {type(data).__name__}; {remedy}.')
    parts: dict[str, list[dict]] = {}
    for part in ('images', 'annotations', 'categories'):
        if not isinstance(data.get(part), list):
            state = 'missing' if part not in data else 'no list'
            raise UserError(f'{path}: {part!r} is {state}; {remedy}.')
        parts[part] = data[part]
        for i, entry in enumerate(data[part]):
            if not isinstance(entry, dict) or 'id' not in entry:
                raise UserError(f'{path}: {part}[{i}] is no object with an id.')
            if isinstance(entry['id'], bool) or not isinstance(entry['id'], int | str):
                raise UserError(
                    f'{path}: {part}[{i}].id is {entry["id"]!r}; give a number or a string.'
                )
    check_version(data.get('info'), path)
    rest = {k: v for k, v in data.items() if k not in parts}
    return TagFile(**parts, rest=rest, path=path)


def check_version(info: object, path: str) -> None:
    """Refuse a file that a later version wrote.

    Args:
        info (object): The entry ``info``; a plain COCO file has no version there.
        path (str): The file, for the message.

    Raises:
        UserError: If the major version is above ours, or is no version.
    """
    version = info.get('tag_format') if isinstance(info, Mapping) else None
    if version is None:
        return
    try:
        major = int(str(version).split('.')[0])
    except ValueError:
        raise UserError(
            f'{path}: info.tag_format is {version!r}, no version; write {TAG_FORMAT!r}.'
        ) from None
    if major > int(TAG_FORMAT.split('.')[0]):
        raise UserError(
            f'{path}: info.tag_format is {version}, this version reads {TAG_FORMAT}. Update '
            'lfhpe_mmpose.'
        )


def person_tags(annotation: Mapping, names: Sequence[str], where: str) -> list[int] | None:
    """Tags of the whole person.

    Args:
        annotation (Mapping): A person.
        names (Sequence[str]): Names of the K keypoints.
        where (str): File and entry, for messages.

    Returns:
        list[int] | None: K tags, or None where the person has no ``keypoint_tags``.

    Raises:
        UserError: If they are malformed.
    """
    if annotation.get('keypoint_tags') is None:
        return None
    return parse_tags(annotation['keypoint_tags'], names, f'{where}.keypoint_tags')


def person_views(
    annotation: Mapping, names: Sequence[str], where: str
) -> list[tuple[list[float], list[int]]]:
    """Tagged views of a person.

    Args:
        annotation (Mapping): A person.
        names (Sequence[str]): Names of the K keypoints.
        where (str): File and entry, for messages.

    Returns:
        list[tuple[list[float], list[int]]]: Window [x, y, width, height] in pixels of the
        image, and K tags, of each view. Empty without ``tag_views``.

    Raises:
        UserError: If they are malformed.
    """
    views = annotation.get('tag_views')
    if views is None:
        return []
    if not isinstance(views, list):
        raise UserError(f'{where}.tag_views is no list; give objects with bbox and keypoint_tags.')
    out = []
    for v, view in enumerate(views):
        at = f'{where}.tag_views[{v}]'
        if not isinstance(view, Mapping) or 'bbox' not in view or 'keypoint_tags' not in view:
            raise UserError(f'{at} must be an object with bbox and keypoint_tags.')
        out.append(
            (
                parse_box(view['bbox'], f'{at}.bbox'),
                parse_tags(view['keypoint_tags'], names, f'{at}.keypoint_tags'),
            )
        )
    return out


def parse_box(value: object, where: str) -> list[float]:
    """Read a box.

    Args:
        value (object): Should be [x, y, width, height] in pixels.
        where (str): File and entry, for the message.

    Returns:
        list[float]: The four numbers.

    Raises:
        UserError: If it is anything else, or has no area.
    """
    numbers = isinstance(value, list | tuple) and len(value) == 4
    if not numbers or not all(
        isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e9
        for v in value  # type: ignore[attr-defined]
    ):
        raise UserError(f'{where} is {value!r}; give [x, y, width, height] in pixels.')
    box = [float(v) for v in value]  # type: ignore[attr-defined]
    if box[2] <= 0 or box[3] <= 0:
        raise UserError(f'{where} is {value!r}; width and height must be above 0.')
    return box
