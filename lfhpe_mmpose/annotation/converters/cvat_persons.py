"""Persons and their views of CVAT's XML, image by image."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile
from lfhpe_mmpose.tags.values import UNKNOWN

from .answers import AnswerWords
from .builder import TagFileBuilder, box_about, check_names, parse_number, set_keypoints
from .cvat_labels import person_labels
from .cvat_shapes import (
    VIEW_LABEL,
    Shape,
    box_of,
    is_set,
    keypoints_of,
    shapes_of,
    tags_of,
)
from .cvat_xml import REMEDY

_KINDS = ('box', 'tag', 'skeleton')


@dataclass
class _Group:
    """The shapes of a group of an image.

    Attributes:
        wholes: Boxes of persons, and tags of the whole image.
        plain: Boxes of other labels; a single one is the box of a single skeleton.
        skeletons: Skeletons of persons.
        persons: The persons that were made of them.
        left_out: Whether another shape of the group was left out.
    """

    wholes: list[Shape] = field(default_factory=list)
    plain: list[Shape] = field(default_factory=list)
    skeletons: list[Shape] = field(default_factory=list)
    persons: list[dict[str, Any]] = field(default_factory=list)
    left_out: bool = False


class PersonReader:
    """Makes persons of the children of ``<annotations>``.

    Args:
        path: The file, for messages.
        names: Keypoint names of the user.
        words: Which answers mean what.
        label: Label of the persons, if the user gave it.
        for_plan: Whether the images are pictures of a plan, whose ``answers`` are collected.
    """

    def __init__(
        self,
        path: str,
        names: Sequence[str] | None,
        words: AnswerWords,
        label: str | None,
        for_plan: bool = False,
    ) -> None:
        self.path = path
        self.given = None if names is None else check_names(list(names), path)
        self.words = words
        self.label = label
        self.for_plan = for_plan
        self.answers: list[tuple[str, list[int], str]] = []
        self._labels: list[str] | None = None
        self._builder: TagFileBuilder | None = None
        self._left_out: Counter[str] = Counter()
        self._origins: dict[str, str] = {}

    def take(self, part: Element) -> None:
        """Read a child of the root: ``meta``, ``image`` or another.

        Raises:
            UserError: If it is malformed, or a track of a video ('tracks').
        """
        if part.tag == 'meta':
            if self._builder is not None:
                fault = 'a second <meta>, or one behind an image.'
                raise UserError('structure', self.path, fault, REMEDY)
            names, self._labels = person_labels(part, self.given, self.label, self.path)
            category = self._labels[0] if self._labels else 'person'
            self._builder = TagFileBuilder(names, self.path, category)
        elif part.tag == 'image':
            self._image(part)
        elif part.tag == 'track':
            fault = "the file holds tracks ('CVAT for video')."
            raise UserError('tracks', self.path, fault, REMEDY)

    def finish(self) -> TagFile:
        """Return the tag file; ``info.left_out`` counts the shapes that were not read."""
        if self._builder is None:
            fault = 'the file has no <meta> and no <image>.'
            raise UserError('structure', self.path, fault, REMEDY)
        self._builder.left_out = self._left_out
        return self._builder.finish()

    def _begun(self) -> TagFileBuilder:
        """The builder; without <meta> the user must name the keypoints."""
        if self._builder is None:
            if self.given is None:
                fault = 'the file has no <meta>, which names the labels.'
                remedy = f'{REMEDY} Otherwise name the keypoints with --keypoints a,b,c.'
                raise UserError('no-keypoints', self.path, fault, remedy)
            self._builder = TagFileBuilder(self.given, self.path, self.label or 'person')
        return self._builder

    def _image(self, image: Element) -> None:
        """Read an image and its persons."""
        builder = self._begun()
        name = image.get('name', '')
        where = f'{self.path}: image {name!r}'
        origin = image.get('subset') or image.get('task_id') or ''
        # Two annotators may each have a task about the pictures of a plan.
        if not self.for_plan and name in self._origins:
            fault = (
                f'the name comes twice (subset or task {self._origins[name]!r} and {origin!r}).'
            )
            remedy = 'Export each task by itself, or rename the images in CVAT.'
            raise UserError('duplicate-image', where, fault, remedy)
        self._origins[name] = origin
        width, height = (
            round(parse_number(image.get(k, 'missing'), f'{where}: {k}'))
            for k in ('width', 'height')
        )
        image_id = builder.image(name, (width, height), where)
        views, persons, groups = self._sorted(shapes_of(image, where))
        for shape in persons:
            if self.for_plan:
                self._answer(name, shape, builder.names)
            group = groups[shape.group] if shape.group else _Group()
            if shape.kind == 'skeleton' and group.wholes:
                _check_pair(shape, group)
                continue  # read with the whole
            skeletons = [shape] if shape.kind == 'skeleton' else group.skeletons
            found = self._read(shape, skeletons, group.plain, builder.names, (width, height))
            if found is None:
                group.left_out = True
                self._left_out[f'{shape.kind} {shape.label!r} without a box or an extent'] += 1
                continue
            person = builder.person(image_id)
            person.update(found)
            group.persons.append(person)
        for shape in views:
            self._view(shape, groups[shape.group] if shape.group else _Group(), builder.names)

    def _sorted(
        self, shapes: Sequence[Shape]
    ) -> tuple[list[Shape], list[Shape], dict[str, _Group]]:
        """Views, persons, and the content of each group."""
        views, persons = [], []
        groups: dict[str, _Group] = defaultdict(_Group)
        for shape in shapes:
            group = groups[shape.group] if shape.group else _Group()
            if is_set(shape.element, 'outside', shape.where):
                group.left_out = True
                self._left_out[f'{shape.kind} {shape.label!r} outside'] += 1
            elif shape.kind == 'box' and shape.label.lower() == VIEW_LABEL:
                views.append(shape)
            elif shape.kind in _KINDS and self._is_person(shape):
                persons.append(shape)
                (group.skeletons if shape.kind == 'skeleton' else group.wholes).append(shape)
            elif shape.kind == 'box' and shape.group:
                group.plain.append(shape)
            else:
                group.left_out = group.left_out or shape.kind in _KINDS
                self._left_out[f'{shape.kind} {shape.label!r}'] += 1
        for group in groups.values():
            if group.wholes or len(group.skeletons) != 1 or len(group.plain) != 1:
                group.left_out = group.left_out or bool(group.plain)
                self._left_out.update(f'box {shape.label!r}' for shape in group.plain)
                group.plain = []
        return views, persons, groups

    def _is_person(self, shape: Shape) -> bool:
        if self.label is not None:
            return shape.label == self.label
        return self._labels is None or shape.label in self._labels

    def _answer(self, name: str, shape: Shape, names: Sequence[str]) -> None:
        """Take the answer to a picture of a plan."""
        if shape.kind != 'tag':
            fault = f'{name} is a picture of a plan, which is answered as a whole.'
            remedy = f'Answer by a CVAT tag in place of a {shape.kind}, or leave --plan out.'
            raise UserError('region', shape.where, fault, remedy)
        tags = tags_of(shape, names, self.words) or [UNKNOWN] * len(names)
        self.answers.append((name, tags, shape.where))

    def _read(
        self,
        shape: Shape,
        skeletons: Sequence[Shape],
        plain: Sequence[Shape],
        names: Sequence[str],
        size: tuple[int, int],
    ) -> dict[str, Any] | None:
        """Box, tags and coordinates of a person; None for a skeleton without any extent."""
        found: dict[str, Any] = {}
        if shape.kind == 'box' or plain:
            found['bbox'] = box_of(plain[0] if plain else shape)
        tags = tags_of(shape, names, self.words)
        if tags is not None:
            found['keypoint_tags'] = tags
        for skeleton in skeletons:
            set_keypoints(found, keypoints_of(skeleton, names))
        if shape.kind == 'skeleton' and not plain:
            about = box_about(found['keypoints'], *size)
            if about is None:
                return None
            found['bbox'] = about
        return found

    def _view(self, shape: Shape, group: _Group, names: Sequence[str]) -> None:
        """Give a tagged view to its person."""
        if group.left_out and not group.persons:
            self._left_out[f'box {shape.label!r}'] += 1
            return
        if len(group.persons) != 1:
            state = f'group {shape.group} holds {len(group.persons)} persons'
            fault = 'a view belongs to one person, but ' + (
                f'{state}.' if shape.group else 'it is in no group.'
            )
            remedy = 'Group it with the box of its person in CVAT (key G).'
            raise UserError('group', shape.where, fault, remedy)
        tags = tags_of(shape, names, self.words)
        if tags is None:
            fault = 'the view has no attribute that is a keypoint.'
            remedy = f'Give the label {VIEW_LABEL!r} the attributes of the persons.'
            raise UserError('view', shape.where, fault, remedy)
        entry = dict(bbox=box_of(shape), keypoint_tags=tags)
        group.persons[0].setdefault('tag_views', []).append(entry)


def _check_pair(skeleton: Shape, group: _Group) -> None:
    if len(group.wholes) > 1 or len(group.skeletons) > 1:
        fault = (
            f'group {skeleton.group} holds several persons: the box of this skeleton is unclear.'
        )
        remedy = 'Group one box with one skeleton in CVAT.'
        raise UserError('group', skeleton.where, fault, remedy)
