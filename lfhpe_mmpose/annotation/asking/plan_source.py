"""What is asked about: the persons of a plan or a tag file, their images and keypoints.

No tag and no coordinate of the file is read.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lfhpe_mmpose.annotation.metainfo import swap_partners
from lfhpe_mmpose.annotation.plan.pictures import LEAST_PIXELS, dataset_box
from lfhpe_mmpose.annotation.plan.plan_file import PLAN
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_size
from lfhpe_mmpose.files.paths import inside
from lfhpe_mmpose.tags import TagFile, load_tag_file, parse_box
from lfhpe_mmpose.tags.flip_pairs import flip_pairs, stated_pairs

from .grid import Grid
from .questions import Person


@dataclass(frozen=True)
class PersonEntry:
    """A person to ask about; ``bbox`` None is the whole image."""

    id: Person
    image_id: int | str
    file: str
    width: int
    height: int
    bbox: tuple[float, float, float, float] | None

    def grid(self) -> Grid:
        """The cells of the person's window."""
        return Grid(self.bbox, self.width, self.height)


class AskPlan:
    """A plan's persons.

    Args:
        path: A plan's folder, its ``plan.json``, or a tag file.
        images: Folder of the images. None looks in the folder of the file, and in ``images``
            inside and beside it.

    Attributes:
        tags: The file.
        persons: By id, in the order of the file.
        keypoints: Names.
        remarks: What is left out, and why.

    Raises:
        UserError: If the file, a box or the folder is invalid, or nobody is left to ask about.
    """

    def __init__(
        self, path: str | os.PathLike[str], images: str | os.PathLike[str] | None = None
    ) -> None:
        file = Path(path)
        if file.is_dir():
            file = file / PLAN
            if not file.exists():
                fault = f'the folder holds no {PLAN}.'
                raise UserError('plan', str(path), fault, 'Give a plan or a tag file.')
        self.path = file
        self.tags: TagFile = load_tag_file(file)
        self.keypoints = tuple(self.tags.names())
        self.images = _image_folder(file, self.tags, images)
        self.remarks: list[str] = []
        self.persons = self._read_persons()
        if not self.persons:
            reason = f' {self.remarks[0]}.' if self.remarks else ''
            fault = f'nobody to ask about.{reason}'
            raise UserError('nothing-to-ask', str(file), fault, 'Give a file with persons.')

    @cached_property
    def skeleton(self) -> tuple[tuple[int, int], ...]:
        """Limbs as pairs of indices of keypoints, from 0."""
        limbs = self._category.get('skeleton') or []
        return tuple((int(a) - 1, int(b) - 1) for a, b in limbs)

    @cached_property
    def sides(self) -> tuple[str, ...]:
        """'left', 'right' or '' of each keypoint."""
        stated = stated_pairs(self._category)
        pairs = flip_pairs(self.keypoints) if stated is None else list(stated.items())
        partner = swap_partners(self.keypoints, stated)
        left, right = ({pair[i] for pair in pairs} & partner.keys() for i in (0, 1))
        return tuple(
            'left' if n in left else 'right' if n in right else '' for n in self.keypoints
        )

    @cached_property
    def partners(self) -> tuple[int, ...]:
        """Index of each keypoint's mirror image; its own if it has none."""
        partner = swap_partners(self.keypoints, stated_pairs(self._category))
        return tuple(self.keypoints.index(partner.get(n, n)) for n in self.keypoints)

    @property
    def _category(self) -> Mapping[str, Any]:
        return next(c for c in self.tags.categories if c.get('keypoints'))

    @cached_property
    def hash(self) -> str:
        """Hash of keypoints, persons and boxes: journals of other plans are refused."""
        people = [(p.id, p.image_id, p.file, p.bbox) for p in self.persons.values()]
        text = json.dumps([self.keypoints, people]).encode()
        return hashlib.blake2b(text, digest_size=8).hexdigest()

    def grid(self, person: Person) -> Grid:
        """The cells of a person's window."""
        return self.persons[person].grid()

    def image_path(self, person: Person) -> Path:
        """Path of a person's image, inside the folder of the images.

        Raises:
            UserError: 'outside-folder' if the name leads out of it.
        """
        return inside(self.images, self.persons[person].file, f'{self.path}: person {person}')

    def _read_persons(self) -> dict[Person, PersonEntry]:
        images = self.tags.images_by_id()
        out: dict[Person, PersonEntry] = {}
        for annotation, where in self.tags.with_index():
            if annotation.get('iscrowd'):
                continue
            key = annotation.get('image_id')
            if not isinstance(key, int | str) or key not in images:
                fault = f'no image has the id {key!r}.'
                raise UserError('unknown-image', f'{where}.image_id', fault, 'Correct it.')
            if annotation['id'] in out:
                raise UserError(
                    'duplicate-id', where, 'the id occurs twice.', 'Give every person its own id.'
                )
            name, width, height = self._image(images[key])
            bbox = annotation.get('bbox')
            if bbox is not None:
                bbox = tuple(parse_box(bbox, f'{where}.bbox'))
            box = dataset_box(bbox, width, height)
            if (box[2:] - box[:2]).min() < LEAST_PIXELS:
                self.remarks.append(
                    f'{name}, person {annotation["id"]}: left out, the box is smaller than '
                    f'{LEAST_PIXELS} pixels'
                )
                continue
            out[annotation['id']] = PersonEntry(annotation['id'], key, name, width, height, bbox)
        return out

    def _image(self, entry: dict[str, Any]) -> tuple[str, int, int]:
        """Name, width and height of an image."""
        name = str(entry.get('file_name'))
        path = inside(self.images, name, f'{self.path}: image {entry["id"]!r}')
        size = entry.get('width'), entry.get('height')
        if not all(type(v) is int and v > 0 for v in size):
            size = image_size(path)
        return name, size[0], size[1]  # type: ignore[return-value]


def _image_folder(file: Path, tags: TagFile, given: str | os.PathLike[str] | None) -> Path:
    """The folder that holds the first image of the file."""
    if not tags.images:
        raise UserError('nothing-to-ask', str(file), 'the file has no images.')
    name = str(tags.images[0].get('file_name'))
    near = (file.parent, file.parent / 'images', file.parent.parent / 'images')
    for folder in near if given is None else (Path(given),):
        if inside(folder, name, f'{file}: images[0]').exists():
            return folder
    where = ', '.join(map(str, near if given is None else (given,)))
    fault = f'its first image {name!r} is not in {where}.'
    raise UserError('missing-image', str(file), fault, 'Give the folder with --images.')
