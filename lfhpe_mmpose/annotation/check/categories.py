"""The keypoints of a file: categories, names, skeleton, left and right."""

from collections.abc import Mapping

from lfhpe_mmpose.fault_codes import WARNING
from lfhpe_mmpose.files.json_stream import JsonFile
from lfhpe_mmpose.tags.entries import category_faults, names_faults
from lfhpe_mmpose.tags.faults import short
from lfhpe_mmpose.tags.fields import is_id
from lfhpe_mmpose.tags.file_faults import other_names
from lfhpe_mmpose.tags.flip_pairs import no_pair_fault, pairs_faults, stated_pairs, unpaired

from .findings import Findings
from .metainfo import Metainfo

# The names of K keypoints in order.
Names = tuple[str, ...]


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
    places: dict[Names, str] = {}
    stated: set[Names] = set()
    for i, category in file.entries('categories'):
        at = f'categories[{i}]'
        if not isinstance(category, Mapping):
            findings.add('malformed', at, f'{short(category)} is not an object')
            continue
        findings.take(category_faults(category), at.__str__)
        given = category.get('keypoints')
        names = tuple(given) if given and not any(names_faults(given)) else None
        if names:
            places.setdefault(names, at)
            if category.get('flip_pairs') is not None:
                findings.take(pairs_faults(category['flip_pairs'], names), at.__str__)
                stated |= {names} if stated_pairs(category) is not None else set()
        ident = category.get('id')
        if is_id(ident) and ident in out.by_id:
            findings.add('duplicate-id', at, f'{short(ident)} is the id of another category')
        elif is_id(ident):
            out.by_id[ident] = names
    if not places and metainfo:
        places[metainfo.names] = 'metainfo'
    out.sets = list(places)
    if not places:
        text = f'none of {len(out.by_id)} categories has keypoints'
        findings.add('no-keypoints', 'categories', text)
    if len(places) > 1:
        findings.add('keypoint-sets', 'categories', f'{", ".join(places.values())} differ')
    for names, at in places.items():
        if metainfo and at != 'metainfo':
            findings.take(other_names(names, metainfo.names, metainfo.source), at.__str__)
        if names not in stated:
            _check_pairs(names, metainfo, f'{at}.keypoints', findings)
    return out


def _check_pairs(names: Names, metainfo: Metainfo | None, at: str, findings: Findings) -> None:
    partnered = metainfo.partnered if metainfo else frozenset()
    for name in unpaired(names):
        if name not in partnered:
            text = f'the other side of {short(name)} is missing'
            findings.add('no-flip-pair', at, text)
    fault = no_pair_fault(names)
    if fault and not (metainfo and metainfo.names == names and partnered):
        findings.add('no-flip-pair', at, fault.text, WARNING)
