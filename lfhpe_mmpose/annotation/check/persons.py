"""The list ``annotations``: ids, tags, views, flags of each person."""

from collections import Counter
from collections.abc import Mapping
from functools import partial

from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN
from .categories import Categories
from .findings import Findings, short
from .geometry import Geometry, Who
from .ids import IdColumn, id_key, is_id, tell_doubles
from .image_entries import Images
from .reader import Reader
from .scan import Part
from .tally import Tally
from .values import Names, are_numbers, is_number, not_number, read_box, read_tags

OCCLUDED_TAGS = {'positive': SEEN, 'negative': ABSENT, 'unknown': UNKNOWN}
_FLAGS = frozenset((0, 1, 2))


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
        self._flag_tags = {0: ABSENT, 1: OCCLUDED_TAGS[occluded], 2: SEEN}

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
        for key in ('id', 'image_id', 'category_id'):
            if not is_id(person.get(key)):
                state = f'is {short(person[key])}' if key in person else 'is missing'
                text = f'{who.at}.{key} {state}, no whole number or text'
                findings.add('malformed', text)
        category = person.get('category_id')
        if is_id(category) and category not in self._categories.by_id:
            findings.add('unknown-category', f'{who.at}.category_id is {short(category)}')
        self._check_flags_of_coco(person, who)
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
            tags = [self._flag_tags[v] for v in flags]
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

    def _check_flags_of_coco(self, person: Mapping, who: Who) -> None:
        for key in ('iscrowd', 'num_keypoints', 'area'):
            value = person.get(key, 0)
            if key == 'iscrowd' and (isinstance(value, bool) or value not in (0, 1)):
                text = f'{who.at}.iscrowd is {short(value)}; write 0 or 1'
                self._findings.add('malformed', text)
            elif key != 'iscrowd' and not is_number(value):
                not_number(self._findings, value, f'{who.at}.{key}')
            elif key == 'num_keypoints' and value % 1:
                text = f'{who.at}.num_keypoints is {short(value)}, no whole number'
                self._findings.add('malformed', text)

    def _read_bbox(self, person: Mapping, who: Who) -> list[float] | None:
        if 'bbox' not in person:
            return None
        box, code, fault = read_box(person['bbox'])
        if box is None:
            self._findings.add(code, f'{who.at}.bbox {fault}')
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
                text = f'{at} is {short(view)}, no object with bbox and keypoint_tags'
                self._findings.add('view', text)
                continue
            box, code, fault = read_box(view['bbox'])
            if box is None:
                code = 'view' if code == 'box' else code
                self._findings.add(code, f'{at}.bbox {fault}')
            elif is_id(person.get('image_id')):
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
        at = f'{who.at}.keypoints'
        if not isinstance(keypoints, list) or len(keypoints) != 3 * len(names):
            state = (
                f'{len(keypoints)} numbers' if isinstance(keypoints, list) else short(keypoints)
            )
            text = f'{at} is {state}; {len(names)} keypoints have {3 * len(names)}'
            self._findings.add('keypoint-count', text)
            return []
        if not are_numbers(keypoints):
            for k, value in enumerate(keypoints):
                if not is_number(value):
                    where = f'{at}[{k}] ({names.names[k // 3]}, {"xyv"[k % 3]})'
                    not_number(self._findings, value, where)
            return []
        flags = keypoints[2::3]
        if not _FLAGS.issuperset(flags):
            for name, flag in zip(names.names, flags):
                if flag not in _FLAGS:
                    text = f'{at}: visibility of {short(name)} is {short(flag)}'
                    self._findings.add('visibility', text)
            return []
        if placed:
            self._geometry.add_points(who, keypoints, names)
        number = sum(v > 0 for v in flags)
        if person.get('num_keypoints', number) != number:
            text = f'{who.at}.num_keypoints is {short(person["num_keypoints"])}, not {number}'
            self._findings.add('num-keypoints', text)
        return flags
