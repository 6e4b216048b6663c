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
    box_faults,
    keypoints_faults,
    read_tags,
    read_views,
)
from lfhpe_mmpose.tags.persons import has_labels
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
            tags, faults = read_tags(person['keypoint_tags'], names)
            findings.take(faults, lambda: f'{who.name()}.keypoint_tags')
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
        wrong = [n for n, v, t in zip(names, flags, tags) if v > 0 and t == ABSENT]
        if wrong:
            text = f'{", ".join(map(repr, wrong[:5]))}: visibility above 0, tag 0'
            self._findings.add('contradiction', who.name(), text)

    def _read_box(self, person: Mapping[str, Any], who: Who, placed: bool) -> None:
        faults = list(box_faults(person['bbox']))
        # The data sets leave out a person that teaches nothing without a look at its box.
        severity = WARNING if faults and not has_labels(person) else ''
        self._findings.take(faults, lambda: f'{who.name()}.bbox', severity)
        if placed and not faults:
            self._geometry.add_box(person['bbox'])

    def _read_views(self, views: object, names: Names, who: Who, placed: bool) -> list[list[int]]:
        """Tags of the good views."""
        out = []
        for v, (box, tags, faults) in enumerate(read_views(views, names)):
            self._findings.take(faults, lambda: f'{who.name()}.tag_views')
            if placed and box is not None:
                self._geometry.add_view(box, v)
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
        faults = list(keypoints_faults(keypoints, names))
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
