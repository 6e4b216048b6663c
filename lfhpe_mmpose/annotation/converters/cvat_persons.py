"""Persons and their views of CVAT's XML, image by image."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile
from lfhpe_mmpose.tags.values import UNKNOWN

from .answers import AnswerWords
from .builder import TagFileBuilder, check_names, parse_number
from .cvat_labels import person_labels
from .cvat_shapes import (
    VIEW_LABEL,
    Shape,
    box_about,
    box_of,
    keypoints_of,
    shapes_of,
    tags_of,
)
from .cvat_xml import REMEDY


@dataclass
class _Group:
    """What is in a group of an image; a whole is a box, or a tag of the whole image."""

    wholes: list[Shape] = field(default_factory=list)
    skeletons: list[Shape] = field(default_factory=list)
    persons: list[dict] = field(default_factory=list)
    left_out: bool = False


class PersonReader:
    """Makes persons of the children of ``<annotations>``.

    Args:
        path (str): The file, for messages.
        names (Sequence[str], optional): Keypoint names that the user gave.
        words (AnswerWords): Which answers mean what.
        label (str, optional): Label of the persons that the user gave.
        for_plan (bool): Whether the images are pictures of a plan; ``answers`` are then
            collected. Defaults to False.
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
        self._names: list[str] = []
        self._labels: list[str] | None = None
        self._builder: TagFileBuilder | None = None
        self._left_out: Counter[str] = Counter()

    def take(self, part: Element) -> None:
        """Read a child of the root.

        Args:
            part (Element): ``meta``, ``image`` or another.

        Raises:
            UserError: If something in it is malformed, or it is a track of a video.
        """
        if part.tag == 'meta':
            self._names, self._labels = person_labels(part, self.given, self.label, self.path)
            category = self._labels[0] if self._labels else 'person'
            self._builder = TagFileBuilder(self._names, self.path, category)
        elif part.tag == 'image':
            self._image(part)
        elif part.tag == 'track':
            raise UserError(f"{self.path}: holds tracks, 'CVAT for video'. {REMEDY}")

    def finish(self) -> TagFile:
        """The tag file, when all parts were read.

        Returns:
            TagFile: ``info.left_out`` counts the shapes that were not read.

        Raises:
            UserError: If there was nothing.
        """
        if self._builder is None:
            raise UserError(f'{self.path}: has no <meta> and no <image>. {REMEDY}')
        tags = self._builder.tags
        if self._left_out:
            tags.rest['info']['left_out'] = dict(sorted(self._left_out.items()))
        return tags

    def _begun(self) -> TagFileBuilder:
        """The builder; without <meta> only where the user named the keypoints."""
        if self._builder is None:
            if self.given is None:
                raise UserError(
                    f'{self.path}: has no <meta>, which names the labels. {REMEDY} Otherwise name '
                    'the keypoints by --keypoints a,b,c.'
                )
            self._names = self.given
            self._builder = TagFileBuilder(self._names, self.path, self.label or 'person')
        return self._builder

    def _image(self, image: Element) -> None:
        """Read an image and its persons."""
        builder = self._begun()
        name = image.get('name', '')
        where = f'{self.path}: image {name!r}'
        width, height = (
            round(parse_number(image.get(k, 'missing'), f'{where}: {k}'))
            for k in ('width', 'height')
        )
        image_id = builder.image(name, width, height, where)
        shapes, others = shapes_of(image, where)
        self._left_out.update(others)
        views, persons, groups = self._sorted(shapes)
        for shape in persons:
            if self.for_plan:
                self._answer(name, shape)
            group = groups.get(shape.group, _Group())
            if shape.kind == 'skeleton' and group.wholes:
                self._check_pair(shape, group)
                continue  # read with the whole
            person = builder.person(image_id)
            group.persons.append(person)
            self._fill(person, shape, group, width, height)
        self._views(views, groups)

    def _sorted(self, shapes: list[Shape]) -> tuple[list[Shape], list[Shape], dict[str, _Group]]:
        """Views, persons, and what is in which group."""
        views, persons = [], []
        groups: dict[str, _Group] = {}
        for shape in shapes:
            group = groups.setdefault(shape.group, _Group()) if shape.group else _Group()
            if shape.kind == 'box' and shape.label.lower() == VIEW_LABEL:
                views.append(shape)
            elif self._is_person(shape):
                persons.append(shape)
                of_kind = {'box': group.wholes, 'tag': group.wholes, 'skeleton': group.skeletons}
                of_kind[shape.kind].append(shape)
            else:
                group.left_out = True
                self._left_out[f'{shape.kind} {shape.label!r}'] += 1
        return views, persons, groups

    def _is_person(self, shape: Shape) -> bool:
        if self.label is not None:
            return shape.label == self.label
        return self._labels is None or shape.label in self._labels

    def _answer(self, name: str, shape: Shape) -> None:
        """Take the answer to a picture of a plan."""
        if shape.kind != 'tag':
            raise UserError(
                f'{shape.where}: {name} is a picture of a plan, which is answered as a whole. '
                f'Answer by a CVAT tag in place of a {shape.kind}, or leave --plan out.'
            )
        tags = tags_of(shape, self._names, self.words) or [UNKNOWN] * len(self._names)
        self.answers.append((name, tags, shape.where))

    @staticmethod
    def _check_pair(skeleton: Shape, group: _Group) -> None:
        if len(group.wholes) > 1 or len(group.skeletons) > 1:
            raise UserError(
                f'{skeleton.where}: group {skeleton.group} holds several persons, so that it is '
                'not clear which box is this skeleton. Group one box with one skeleton in CVAT.'
            )

    def _fill(self, person: dict, shape: Shape, group: _Group, width: int, height: int) -> None:
        """Write box, tags and coordinates of a person."""
        skeletons = [shape] if shape.kind == 'skeleton' else group.skeletons
        if shape.kind == 'box':
            person['bbox'] = box_of(shape)
        tags = tags_of(shape, self._names, self.words)
        if tags is not None:
            person['keypoint_tags'] = tags
        for skeleton in skeletons:
            keypoints = keypoints_of(skeleton, self._names)
            person['keypoints'] = keypoints
            person['num_keypoints'] = sum(v > 0 for v in keypoints[2::3])
            about = box_about(keypoints, width, height)
            if shape.kind == 'skeleton' and about is not None:
                person['bbox'] = about

    def _views(self, views: list[Shape], groups: dict[str, _Group]) -> None:
        """Give the tagged views to their persons."""
        for shape in views:
            group = groups.get(shape.group, _Group())
            if group.left_out and not group.persons:
                self._left_out[f'box {shape.label!r}'] += 1
                continue
            if len(group.persons) != 1:
                state = f'group {shape.group} holds {len(group.persons)} persons'
                raise UserError(
                    f'{shape.where}: a view belongs to one person, but '
                    f'{state if shape.group else "it is in no group"}. Group it with the box of '
                    'its person in CVAT (key G).'
                )
            tags = tags_of(shape, self._names, self.words)
            if tags is None:
                raise UserError(
                    f'{shape.where}: the view has no attribute that is a keypoint. Give the label '
                    f'{VIEW_LABEL!r} the attributes of the persons.'
                )
            entry = dict(bbox=box_of(shape), keypoint_tags=tags)
            group.persons[0].setdefault('tag_views', []).append(entry)
