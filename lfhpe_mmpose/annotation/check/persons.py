"""The list ``annotations``: ids, tags, views, flags of each person."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from lfhpe_mmpose.fault_codes import WARNING
from lfhpe_mmpose.files.json_stream import JsonFile
from lfhpe_mmpose.tags.entries import person_faults
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.fields import is_id, other_type
from lfhpe_mmpose.tags.labels import (
    are_tags,
    box_faults,
    keypoints_faults,
    tags_faults,
    view_box_faults,
    view_faults,
)
from lfhpe_mmpose.tags.values import ABSENT, UNKNOWN
from lfhpe_mmpose.tags.visibility import tags_from_visibility

from .categories import Categories, Names
from .findings import Findings
from .geometry import Geometry, Who
from .ids import IdColumn, find_doubles, id_key
from .image_entries import Images
from .tally import Tally


class Persons:
    """What is known of the persons of a file.

    Args:
        categories: Their keypoints.
        images: Their images.
        findings: Where faults are reported.
        occluded: Tag of flag 1, as for ``WithholdLocations``.

    Attributes:
        counts: Numbers of annotations, crowds, located, tagged, with_views, views ...
        tallies: Tags of each keypoint set.
    """

    def __init__(
        self, categories: Categories, images: Images, findings: Findings, occluded: str
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.tallies = {names: Tally(names) for names in categories.sets}
        self._categories = categories
        self._findings = findings
        self._geometry = Geometry(images, findings)
        self._ids = IdColumn()
        self._occluded = occluded

    def read(self, file: JsonFile, on_bytes: Callable[[int], Any] = lambda n: None) -> None:
        """Check all."""
        for i, annotation in file.entries('annotations', on_bytes):
            self.counts['annotations'] += 1
            if isinstance(annotation, Mapping):
                self._read_one(i, annotation)
            else:
                text = f'{short(annotation)} is not an object'
                self._findings.add('malformed', f'annotations[{i}]', text)
        self._geometry.finish()
        find_doubles(self._ids, 'duplicate-id', ('annotations', 'id'), file, self._findings)
        number = self.counts['annotations']
        if number - self.counts['crowds'] == self.counts['teach_nothing']:
            text = f'none of {number} persons teaches anything' if number else 'the list is empty'
            self._findings.add('no-persons', 'annotations', text)
        else:
            for tally in self.tallies.values():
                tally.check(self._findings)

    def _read_one(self, i: int, person: Mapping[str, Any]) -> None:
        findings = self._findings
        before = findings.total
        ident, image, category = (person.get(key) for key in ('id', 'image_id', 'category_id'))
        who = Who(i, ident, image)
        if is_id(ident):
            self._ids.add(id_key(ident), i)
        findings.take(person_faults(person), who.name)
        if is_id(category) and category not in self._categories.by_id:
            other = other_type(category)
            guess = f'Did you mean {other!r}?' if other in self._categories.by_id else ''
            text = f'no category has the id {short(category)}'
            findings.add('unknown-category', f'{who.name()}.category_id', text, remedy=guess)
        placed = self._geometry.add_person(who)
        if 'bbox' in person:
            self._read_box(person, who, placed)
        names = self._categories.names_of(category)
        if names is None:
            self.counts['unclear'] += 1
            return
        tags = None
        if person.get('keypoint_tags') is not None:
            tags = self._read_tags(person['keypoint_tags'], names, who, '.keypoint_tags')
        views = self._read_views(person.get('tag_views'), names, who, placed)
        flags = self._read_keypoints(person, names, who, placed)
        if person.get('iscrowd'):
            self.counts['crowds'] += 1
            return
        self._count(names, who, tags, views, flags, good=findings.total == before)

    def _count(
        self,
        names: Names,
        who: Who,
        tags: list[Any] | None,
        views: list[Any],
        flags: list[Any],
        good: bool,
    ) -> None:
        """Count what training takes from a person; ``good``: the entry has no fault.

        ``flags`` is empty without coordinates.
        """
        tally, counts = self.tallies[names], self.counts
        located = any(v > 0 for v in flags)
        if located:
            counts['located'] += 1
            tally.add_located(flags)
        if tags is not None:
            counts['tagged'] += 1
            if located:
                self._compare(names, who, tags, flags)
        elif located and good:
            tags = tags_from_visibility(flags, self._occluded)
        counts['with_views'] += bool(views)
        counts['views'] += len(views)
        known = False
        for row in (*views, *([tags] if tags is not None else [])):
            tally.add(row)
            known = known or any(t != UNKNOWN for t in row)
        if good and not known and not located:
            counts['teach_nothing'] += 1
            text = 'it has neither a coordinate nor a known tag'
            self._findings.add('teaches-nothing', who.name(), text)

    def _compare(self, names: Names, who: Who, tags: list[Any], flags: list[Any]) -> None:
        wrong = [n for n, v, t in zip(names.names, flags, tags) if v > 0 and t == ABSENT]
        if wrong:
            text = f'{", ".join(map(repr, wrong[:5]))}: visibility above 0, tag 0'
            self._findings.add('contradiction', who.name(), text)

    def _read_tags(self, value: Any, names: Names, who: Who, at: str) -> list[Any] | None:
        """K tags, None if there is a fault."""
        # Most entries of a million are good: the quick ways first.
        if isinstance(value, list) and len(value) == len(names) and are_tags(value):
            return value
        by_name = isinstance(value, Mapping) and names.known.issuperset(value)
        if by_name and are_tags(value.values()):
            return [value.get(name, UNKNOWN) for name in names.names]
        self._findings.take(tags_faults(value, names.names), lambda: who.name() + at)
        return None

    def _read_box(self, person: Mapping[str, Any], who: Who, placed: bool) -> None:
        faults = list(box_faults(person['bbox']))
        # The data sets leave out a person that teaches nothing without a look at its box.
        severity = WARNING if faults and not _teaches(person) else ''
        self._findings.take(faults, lambda: f'{who.name()}.bbox', severity)
        if placed and not faults:
            self._geometry.add_box(person['bbox'])

    def _read_views(self, views: object, names: Names, who: Who, placed: bool) -> list[list[Any]]:
        """Tags of the good views."""
        if views is None:
            return []
        if not isinstance(views, list):
            text = f'{short(views)} is not a list'
            self._findings.add('malformed', f'{who.name()}.tag_views', text)
            return []
        out = []
        for v, view in enumerate(views):
            at = f'.tag_views[{v}]'
            if not isinstance(view, Mapping) or not {'bbox', 'keypoint_tags'} <= view.keys():
                self._findings.take(view_faults(view, names.names), (who.name() + at).__str__)
                continue
            faults = list(view_box_faults(view['bbox']))
            self._findings.take(faults, (who.name() + at).__str__)
            if placed and not faults:
                self._geometry.add_view(view['bbox'], v)
            tags = self._read_tags(view['keypoint_tags'], names, who, f'{at}.keypoint_tags')
            if tags is not None:
                out.append(tags)
        return out

    def _read_keypoints(
        self, person: Mapping[str, Any], names: Names, who: Who, placed: bool
    ) -> list[Any]:
        """Visibility flags, none if there are no good ones."""
        keypoints = person.get('keypoints')
        if keypoints is None:
            return []
        faults = list(keypoints_faults(keypoints, names.names))
        self._findings.take(faults, who.name)
        if faults:
            return []
        if placed:
            self._geometry.add_points(keypoints, names)
        flags: list[Any] = keypoints[2::3]
        number = sum(v > 0 for v in flags)
        if person.get('num_keypoints', number) != number:
            text = f'{short(person["num_keypoints"])} is not {number}'
            self._findings.add('num-keypoints', f'{who.name()}.num_keypoints', text)
        return flags


def _teaches(person: Mapping[str, Any]) -> bool:
    """Whether a person is used in training: no crowd, with tags, views or coordinates."""
    keypoints = person.get('keypoints')
    located = isinstance(keypoints, list) and any(keypoints[2::3])
    given = person.get('keypoint_tags') is not None or bool(person.get('tag_views'))
    return not person.get('iscrowd') and (located or given)
