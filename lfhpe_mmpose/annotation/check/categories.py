"""The keypoints of a file: categories, names, skeleton, left and right."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from lfhpe_mmpose.tags.entries import category_faults, is_id, names_faults, short
from lfhpe_mmpose.tags.flip_pairs import unpaired

from .findings import Findings
from .metainfo import Metainfo
from .reader import Reader
from .scan import Part
from .values import Names, collect


class Categories:
    """The categories of a file.

    Attributes:
        by_id (dict): Keypoints by the category's id, None for one without keypoints.
        sets (list[Names]): The different keypoint sets there are.
    """

    def __init__(self) -> None:
        self.by_id: dict[int | str, Names | None] = {}
        self.sets: list[Names] = []

    def names_of(self, category_id: object) -> Names | None:
        """The keypoints of a person.

        Args:
            category_id (object): The category of the person.

        Returns:
            Names | None: Those of the category; of another one, or none, the file's only
            ones, as the data set takes them; None where it is not clear.
        """
        own = self.by_id.get(category_id) if is_id(category_id) else None
        return own or (self.sets[0] if len(self.sets) == 1 else None)


def check_categories(
    reader: Reader, part: Part, findings: Findings, metainfo: Metainfo | None
) -> Categories:
    """Check the categories.

    Args:
        reader (Reader): The file.
        part (Part): Its list ``categories``.
        findings (Findings): Where faults are told.
        metainfo (Metainfo, optional): The keypoints of the data set.

    Returns:
        Categories: The keypoints of each.
    """
    out = Categories()
    sets: dict[tuple[str, ...], Names] = {}
    entries: dict[tuple[str, ...], str] = {}
    for i, category in reader.entries(part):
        at = f'categories[{i}]'
        if not isinstance(category, Mapping):
            findings.add('malformed', f'{at} is {short(category)}, no object')
            continue
        collect(category_faults(category), at, findings)
        given = category.get('keypoints')
        names = tuple(given) if given and not any(names_faults(given)) else None
        if names:
            sets.setdefault(names, Names(names))
            entries.setdefault(names, at)
        ident = category.get('id')
        if is_id(ident) and ident in out.by_id:
            findings.add('duplicate-id', f'{at} has the id {short(ident)} of another category')
        elif is_id(ident):
            out.by_id[ident] = sets[names] if names else None
    if not sets and metainfo:
        sets[metainfo.names] = Names(metainfo.names)
        entries[metainfo.names] = 'metainfo'
    out.sets = list(sets.values())
    if not sets:
        findings.add('no-keypoints', f'categories: none of {len(out.by_id)} has keypoints')
    if len(sets) > 1:
        findings.add('keypoint-sets', f'{", ".join(entries.values())} have different keypoints')
    for names, at in entries.items():
        if metainfo and at != 'metainfo':
            _compare(names, metainfo, at, findings)
        partnered = metainfo.partnered if metainfo else frozenset()
        for name in unpaired(names):
            if name not in partnered:
                findings.add('no-flip-pair', f'{at}.keypoints: {short(name)} has no other side')
    return out


def _compare(names: Sequence[str], metainfo: Metainfo, at: str, findings: Findings) -> None:
    own = metainfo.names
    if tuple(names) == own:
        return
    strange = [n for n in names if n not in own]
    lost = [n for n in own if n not in names]
    for name in strange:
        near = get_close_matches(name, lost, 1)
        hint = f'; did you mean {near[0]!r}?' if near else ''
        text = f'{short(name)} is not in {metainfo.source}{hint}'
        findings.add('metainfo-names', f'{at}.keypoints: {text}')
    for name in lost:
        findings.add('metainfo-names', f'{at}.keypoints lacks {name!r} of {metainfo.source}')
    if not strange and not lost:
        k = next(i for i, (a, b) in enumerate(zip(names, own)) if a != b)
        text = f'has another order: {short(names[k])} is number {k + 1}, in {metainfo.source} '
        findings.add('metainfo-names', f'{at}.keypoints {text}{own[k]!r} is')
