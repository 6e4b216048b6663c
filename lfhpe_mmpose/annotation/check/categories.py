"""The keypoints of a file: categories, names, skeleton, left and right."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from lfhpe_mmpose.fault_codes import WARNING
from lfhpe_mmpose.files.json_stream import JsonFile
from lfhpe_mmpose.tags.entries import category_faults, names_faults
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.fields import is_id
from lfhpe_mmpose.tags.flip_pairs import no_pair_fault, pairs_faults, stated_pairs, unpaired

from .findings import Findings
from .metainfo import Metainfo


class Names:
    """The names of K keypoints in order, ready to be looked up."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.known = frozenset(names)

    def __len__(self) -> int:
        return len(self.names)


class Categories:
    """The categories of a file.

    Attributes:
        by_id: Keypoints by the category's id, None for one without keypoints.
        sets: The different keypoint sets there are.
    """

    def __init__(self) -> None:
        self.by_id: dict[int | str, Names | None] = {}
        self.sets: list[Names] = []

    def names_of(self, category_id: object) -> Names | None:
        """The keypoints of a person: those of its category or, without any, the only ones.

        None where they are not clear.
        """
        own = self.by_id.get(category_id) if is_id(category_id) else None
        return own or (self.sets[0] if len(self.sets) == 1 else None)


def check_categories(
    file: JsonFile, findings: Findings, metainfo: Metainfo | None = None
) -> Categories:
    """Check the categories, against the keypoints of the data set if it is given."""
    out = Categories()
    sets: dict[tuple[str, ...], Names] = {}
    places: dict[tuple[str, ...], str] = {}
    stated: set[tuple[str, ...]] = set()
    for i, category in file.entries('categories'):
        at = f'categories[{i}]'
        if not isinstance(category, Mapping):
            findings.add('malformed', at, f'{short(category)} is not an object')
            continue
        findings.take(category_faults(category), at.__str__)
        given = category.get('keypoints')
        names = tuple(given) if given and not any(names_faults(given)) else None
        if names:
            sets.setdefault(names, Names(names))
            places.setdefault(names, at)
            if category.get('flip_pairs') is not None:
                findings.take(pairs_faults(category['flip_pairs'], names), at.__str__)
                stated |= {names} if stated_pairs(category) is not None else set()
        ident = category.get('id')
        if is_id(ident) and ident in out.by_id:
            findings.add('duplicate-id', at, f'{short(ident)} is the id of another category')
        elif is_id(ident):
            out.by_id[ident] = sets[names] if names else None
    if not sets and metainfo:
        sets[metainfo.names] = Names(metainfo.names)
        places[metainfo.names] = 'metainfo'
    out.sets = list(sets.values())
    if not sets:
        text = f'none of {len(out.by_id)} categories has keypoints'
        findings.add('no-keypoints', 'categories', text)
    if len(sets) > 1:
        findings.add('keypoint-sets', 'categories', f'{", ".join(places.values())} differ')
    for names, at in places.items():
        if metainfo and at != 'metainfo':
            _compare(names, metainfo, f'{at}.keypoints', findings)
        if names not in stated:
            _check_pairs(names, metainfo, f'{at}.keypoints', findings)
    return out


def _check_pairs(
    names: tuple[str, ...], metainfo: Metainfo | None, at: str, findings: Findings
) -> None:
    partnered = metainfo.partnered if metainfo else frozenset()
    for name in unpaired(names):
        if name not in partnered:
            text = f'the other side of {short(name)} is missing'
            findings.add('no-flip-pair', at, text)
    fault = no_pair_fault(names)
    if fault and not (metainfo and metainfo.names == names and partnered):
        findings.add('no-flip-pair', at, fault.text, WARNING)


def _compare(names: Sequence[str], metainfo: Metainfo, at: str, findings: Findings) -> None:
    own, source = metainfo.names, metainfo.source
    if tuple(names) == own:
        return
    strange = [n for n in names if n not in own]
    missing = [n for n in own if n not in names]
    for name in strange:
        near = get_close_matches(name, missing, 1)
        hint = f'Did you mean {near[0]!r}?' if near else ''
        text = f'{short(name)} is not in {source}'
        findings.add('metainfo-names', at, text, remedy=hint)
    for name in missing:
        findings.add('metainfo-names', at, f'{short(name)} of {source} is missing')
    if not strange and not missing:
        k = next(i for i, (a, b) in enumerate(zip(names, own)) if a != b)
        text = f'the order differs: number {k + 1} is {short(names[k])}, in {source} {own[k]!r}'
        findings.add('metainfo-names', at, text)
