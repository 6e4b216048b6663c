"""The list ``annotations``: ids, tags, views, flags of each person."""

from collections import Counter
from collections.abc import Mapping
from functools import partial

from lfhpe_mmpose.tags.entries import (
    box_faults,
    is_id,
    keypoints_faults,
    person_faults,
    short,
    view_box_faults,
    view_faults,
)
from lfhpe_mmpose.tags.values import ABSENT, UNKNOWN
from lfhpe_mmpose.tags.visibility import tags_from_visibility

from .categories import Categories
from .findings import Findings
from .geometry import Geometry, Who
from .ids import IdColumn, id_key, tell_doubles
from .image_entries import Images
from .reader import Reader
from .scan import Part
from .tally import Tally
from .values import Names, collect, read_tags


class Persons:
    """What is known of the persons of a file.

    Args:
        categories (Categories): Their keypoints.
        images (Images): Their images.
        findings (Findings): Where faults are told.
        occluded (str): Tag of flag 1, as for ``WithholdLocations``.

    Attributes:
        counts (Counter): Of annotations, crowds, located, tagged, with views, views ...
        tallies (dict[Names, Tally]): Tags of each keypoint set.
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

    def read(self, reader: Reader, part: Part) -> None:
        """Check all.

        Args:
            reader (Reader): The file.
            part (Part): Its list ``annotations``.
        """
        for i, annotation in reader.entries(part):
            self.counts['annotations'] += 1
            if isinstance(annotation, Mapping):
                self._read_one(i, annotation)
            else:
                text = f'annotations[{i}] is {short(annotation)}, no object'
                self._findings.add('malformed', text)
        self._geometry.flush()
        tell_doubles(self._ids, 'duplicate-id', 'id', reader, part, self._findings)
        learning = self.counts['annotations'] - self.counts['crowds']
        if learning == self.counts['teach_nothing']:
            number = self.counts['annotations']
            text = f'annotations: none of {number} teaches anything' if number else 'it is empty'
            self._findings.add('no-persons', text)
        else:
            for tally in self.tallies.values():
                tally.check(self._findings)

    def _read_one(self, i: int, person: Mapping) -> None:
        findings = self._findings
        before = findings.total
        ident, image = person.get('id'), person.get('image_id')
        who = Who(i, ident, id_key(image) if is_id(image) else 0)
        if is_id(ident):
            self._ids.add(id_key(ident), i)
        collect(person_faults(person), who.at, findings)
        category = person.get('category_id')
        if is_id(category) and category not in self._categories.by_id:
            findings.add('unknown-category', f'{who.at}.category_id is {short(category)}')
        box = self._read_bbox(person, who)
        if is_id(image):
            self._geometry.add_person(who)
            if box is not None:
                self._geometry.add_box(who, box)
        names = self._categories.names_of(category)
        if names is None:
            self.counts['unclear'] += 1
            return
        tags = None
        if person.get('keypoint_tags') is not None:
            tags = read_tags(
                person['keypoint_tags'], names, lambda: f'{who.at}.keypoint_tags', findings
            )
        views = self._read_views(person, names, who)
        flags = self._read_keypoints(person, names, who, is_id(image))
        if person.get('iscrowd'):
            self.counts['crowds'] += 1
            return
        self._count(names, who, tags, views, flags, good=findings.total == before)

    def _count(
        self, names: Names, who: Who, tags: list | None, views: list, flags: list, good: bool
    ) -> None:
        """Count what a person is trained with; ``flags`` is empty without coordinates.

        ``good`` tells that nothing is wrong with the entry, so that it is what it seems.
        """
        tally, counts = self.tallies[names], self.counts
        located = any(v > 0 for v in flags)
        if located:
            counts['located'] += 1
            tally.add_located(flags)
        if tags is not None:
            counts['tagged'] += 1
            if located and any(v > 0 and t == 0 for v, t in zip(flags, tags)):
                self._tell_contradiction(names, who, tags, flags)
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
            self._findings.add('teaches-nothing', f'{who.at}: no coordinate, no known tag')

    def _tell_contradiction(self, names: Names, who: Who, tags: list, flags: list) -> None:
        wrong = [n for n, v, t in zip(names.names, flags, tags) if v > 0 and t == ABSENT]
        text = f'{who.at}: {", ".join(map(repr, wrong[:5]))}: visibility above 0, tag 0'
        self._findings.add('contradiction', text)

    def _read_bbox(self, person: Mapping, who: Who) -> list[float] | None:
        box = person.get('bbox')
        if 'bbox' not in person or not collect(box_faults(box), f'{who.at}.bbox', self._findings):
            return None
        return box

    def _read_views(self, person: Mapping, names: Names, who: Who) -> list[list]:
        """Tags of the good views."""
        views = person.get('tag_views')
        if views is None:
            return []
        if not isinstance(views, list):
            text = f'{who.at}.tag_views is {short(views)}, no list'
            self._findings.add('malformed', text)
            return []
        out = []
        for v, view in enumerate(views):
            at = f'{who.at}.tag_views[{v}]'
            if not isinstance(view, Mapping) or not {'bbox', 'keypoint_tags'} <= view.keys():
                collect(view_faults(view, names.names), at, self._findings)
                continue
            box = view['bbox']
            if collect(view_box_faults(box), at, self._findings) and is_id(person.get('image_id')):
                self._geometry.add_view(who, box, v)
            entry = partial('{}.keypoint_tags'.format, at)
            tags = read_tags(view['keypoint_tags'], names, entry, self._findings)
            if tags is not None:
                out.append(tags)
        return out

    def _read_keypoints(self, person: Mapping, names: Names, who: Who, placed: bool) -> list:
        """Visibility flags, none if there are no good ones."""
        keypoints = person.get('keypoints')
        if keypoints is None:
            return []
        if not collect(keypoints_faults(keypoints, names.names), who.at, self._findings):
            return []
        flags = keypoints[2::3]
        if placed:
            self._geometry.add_points(who, keypoints, names)
        number = sum(v > 0 for v in flags)
        if person.get('num_keypoints', number) != number:
            text = f'{who.at}.num_keypoints is {short(person["num_keypoints"])}, not {number}'
            self._findings.add('num-keypoints', text)
        return flags
