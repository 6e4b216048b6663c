"""Merge tag files: the same image becomes one entry, the same person one person.

Categories and images are matched by name; ``merge_persons.py`` joins two entries of one person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, parse_box, person_tags, person_views, visibility_flags
from lfhpe_mmpose.tags.faults import raise_first
from lfhpe_mmpose.tags.fields import id_faults
from lfhpe_mmpose.tags.file_faults import images_by_id, persons_with_images, unknown_id

from .merge_persons import CONFLICT_CHOICES, Policy, merge_person, reorder_person
from .persons import keypoint_names


@dataclass
class Merged:
    """The merged file, and how many entries were joined, renumbered, or contradicted another."""

    tags: TagFile
    same_images: int = 0
    same_persons: int = 0
    renumbered_images: int = 0
    renumbered_persons: int = 0
    conflicts: int = 0


@dataclass
class _Ids:
    """Ids that are taken; a new one is above every number among them."""

    keep: bool
    taken: set[Any] = field(default_factory=set)
    greatest: int = 0

    def raise_to(self, entries: Sequence[dict[str, Any]]) -> None:
        """Keep the ids of entries free, even if their turn is still to come."""
        numbers = [entry['id'] for entry in entries if isinstance(entry['id'], int)]
        self.greatest = max([self.greatest, *numbers])

    def take(self, entry: dict[str, Any], where: str) -> bool:
        """Take the id of an entry, or give it a new one; returns whether it is new."""
        clash = entry['id'] in self.taken
        if clash and self.keep:
            raise _kept_id(where, f'the id {entry["id"]!r} is taken by another entry.')
        if clash:
            entry['id'] = self.greatest + 1
        self.taken.add(entry['id'])
        if isinstance(entry['id'], int):
            self.greatest = max(self.greatest, entry['id'])
        return clash

    def same(self, known: dict[str, Any], own: dict[str, Any], where: str) -> None:
        """Check that two entries of one image or category have the same id."""
        if self.keep and known['id'] != own['id']:
            raise _kept_id(where, f'it has the id {own["id"]!r} here and {known["id"]!r} before.')


def _kept_id(where: str, fault: str) -> UserError:
    return UserError('id-clash', where, fault, 'Leave out --keep-ids to renumber.')


def merge_tag_files(
    files: Sequence[TagFile],
    keep_ids: bool = False,
    conflicts: str = 'error',
    occluded: str = 'positive',
    progress: bool = False,
) -> Merged:
    """Merge tag files of one keypoint set, which may be in another order in each.

    Images are the same if their ``file_name`` is; persons if they have the same image,
    annotation id, category and box. An entry that only one of them has is kept; of an entry that
    both have and this format does not describe, the first one is kept.

    Args:
        files: The files; not changed. The first sets order and ids.
        keep_ids: Raise instead of giving a new id to what clashes.
        conflicts: Where two tags of one person contradict one another: 'error', 'unknown' or
            'first'.
        occluded: Tag that the visibility flag 1 stands for, where coordinates meet tags of
            another file: 'positive', 'negative' or 'unknown'.
        progress: Show a bar.

    Raises:
        UserError: 'option'; 'keypoint-sets', 'image-size', 'id-clash' or 'conflict' if the files
            do not fit; if an entry is malformed.
    """
    if not files:
        raise UserError('option', 'files', 'no file is given.', 'Give the tag files to merge.')
    if conflicts not in CONFLICT_CHOICES:
        remedy = f'Give one of {", ".join(CONFLICT_CHOICES)}.'
        raise UserError('option', f'conflicts {conflicts!r}', 'it is unknown.', remedy)
    names = keypoint_names(files[0])
    policy = Policy(conflicts, occluded, names)
    rest: dict[str, Any] = {}
    for tags in files:
        rest = {**tags.rest, **rest, **_version(rest, tags.rest)}
    errors = {tags.path: tags.answer_error() for tags in files}
    own_errors = len(set(errors.values())) > 1
    if own_errors:
        rest['info'] = {k: v for k, v in rest['info'].items() if k != 'answer_error'}
    result = Merged(TagFile(rest=rest, path='merged file'))
    category_ids, image_ids, person_ids = (_Ids(keep_ids) for _ in range(3))
    categories: dict[str, dict[str, Any]] = {}
    images: dict[str, dict[str, Any]] = {}
    persons: dict[tuple[Any, ...], tuple[int, str]] = {}
    # The first to come keeps its id, so those of all files are known before one is given.
    for tags in files:
        image_ids.raise_to(tags.images)
        person_ids.raise_to(tags.annotations)
    total = sum(len(tags.annotations) for tags in files)
    hidden = None if progress else True  # None: shown on a terminal alone
    with tqdm(total=total, unit=' persons', leave=False, disable=hidden) as bar:
        for tags in files:
            own = keypoint_names(tags)
            order = _order(own, names, tags.path, files[0].path)
            category_of = _merge_categories(tags, categories, category_ids, order, result)
            image_of = _merge_images(tags, images, image_ids, result)
            for raw, image, where in persons_with_images(tags):
                bar.update()
                person_tags(raw, own, where)
                person_views(raw, own, where)
                visibility_flags(raw, own, where)
                person = reorder_person(raw, order)
                if own_errors:
                    person.setdefault('answer_error', errors[tags.path])
                raise_first(id_faults(person, 'category_id'), where)
                raise_first(unknown_id(person, 'category', category_of), where)
                person['category_id'] = category_of[person['category_id']]
                person['image_id'] = image_of[image['id']]
                key = (
                    person['image_id'],
                    raw['id'],
                    person['category_id'],
                    _box_key(person, where),
                )
                if key in persons:
                    index, other = persons[key]
                    first = result.tags.annotations[index]
                    merged, count = merge_person(first, person, other, where, policy)
                    result.tags.annotations[index] = merged
                    result.same_persons += 1
                    result.conflicts += count
                    continue
                result.renumbered_persons += person_ids.take(person, where)
                persons[key] = (len(result.tags.annotations), where)
                result.tags.annotations.append(person)
    return result


def _merge_categories(
    tags: TagFile,
    categories: dict[str, dict[str, Any]],
    ids: _Ids,
    order: list[int],
    result: Merged,
) -> dict[Any, int | str]:
    """Take the categories of a file; its ids and those of the result."""
    out = {}
    for i, category in enumerate(tags.categories):
        name, where = category.get('name'), f'{tags.path}: categories[{i}]'
        if not isinstance(name, str):
            raise UserError('malformed', f'{where}.name', f'{name!r} is not a name.', 'Give one.')
        if category['id'] in out:
            fault = f'{category["id"]!r} is the id of another category.'
            raise UserError('duplicate-id', where, fault, 'Give each its own id.')
        known = categories.get(name)
        if known is None:
            known = _reorder_category(category, order, where)
            ids.take(known, where)
            categories[name] = known
            result.tags.categories.append(known)
        elif not known.get('keypoints') and category.get('keypoints'):
            known.update(_reorder_category({**category, 'id': known['id']}, order, where))
        ids.same(known, category, f'{where} ({name!r})')
        out[category['id']] = known['id']
    return out


def _merge_images(
    tags: TagFile, images: dict[str, dict[str, Any]], ids: _Ids, result: Merged
) -> dict[Any, int | str]:
    """Take the images of a file; its ids and those of the result."""
    out = {}
    for image in images_by_id(tags).values():
        name = image['file_name']
        where = f'{tags.path}: image {name!r}'
        known = images.get(name)
        if known is None:
            known = dict(image)
            result.renumbered_images += ids.take(known, where)
            images[name] = known
            result.tags.images.append(known)
        else:
            for side in ('width', 'height'):
                sizes = known.get(side), image.get(side)
                if None not in sizes and sizes[0] != sizes[1]:
                    fault = f'its {side} is {sizes[1]}, that of an earlier one {sizes[0]}.'
                    remedy = 'Rename one of the two pictures, or correct the size.'
                    raise UserError('image-size', where, fault, remedy)
            ids.same(known, image, where)
            known.update({k: v for k, v in image.items() if known.get(k) is None})
            result.same_images += 1
        out[image['id']] = known['id']
    return out


def _order(own: list[str], names: list[str], path: str, first: str) -> list[int]:
    """Where each keypoint of the result stands in a file."""
    if set(own) != set(names):
        more = ', '.join(sorted(set(own) - set(names))) or 'none'
        less = ', '.join(sorted(set(names) - set(own))) or 'none'
        fault = f'its keypoints are not those of {first}: only here {more}; only there {less}.'
        raise UserError('keypoint-sets', path, fault, 'Merge files of one keypoint set.')
    return [own.index(name) for name in names]


def _reorder_category(category: dict[str, Any], order: list[int], where: str) -> dict[str, Any]:
    out = dict(category)
    if category.get('keypoints'):
        out['keypoints'] = [category['keypoints'][i] for i in order]
        new = {old + 1: i + 1 for i, old in enumerate(order)}
        try:
            limbs = [[new[end] for end in limb] for limb in category.get('skeleton') or []]
        except (KeyError, TypeError):
            remedy = f'Give pairs of numbers from 1 to {len(order)}.'
            fault = 'it is not a list of pairs of keypoints.'
            raise UserError('skeleton', f'{where}.skeleton', fault, remedy) from None
        if category.get('skeleton'):
            out['skeleton'] = limbs
    return out


def _version(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """``info`` of the first, with the version of the format if one of them has it."""
    infos = [r['info'] for r in (first, second) if isinstance(r.get('info'), dict)]
    if not infos:
        return {}
    given = {k: i[k] for i in reversed(infos) for k in ('tag_format',) if k in i}
    return {'info': {**infos[0], **given}}


def _box_key(person: dict[str, Any], where: str) -> tuple[Any, ...] | None:
    box = person.get('bbox')
    if box is None:
        return None
    numbers = isinstance(box, list) and all(isinstance(v, int | float) for v in box)
    # COCO's files have a few boxes without an area, which are no fault here.
    return tuple(box) if numbers else tuple(parse_box(box, f'{where}.bbox'))
