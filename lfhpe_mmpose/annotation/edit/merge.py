"""Merge tag files: the same image becomes one entry, the same person one person.

Categories and images are matched by name; ``merge_persons.py`` says how two entries of one person
become one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, parse_box, person_tags, person_views, visibility_flags

from .merge_persons import CONFLICT_CHOICES, Policy, merge_person, reorder_person
from .persons import images_by_id, keypoint_names, persons_with_images


@dataclass
class Merged:
    """What became of several files.

    Attributes:
        tags (TagFile): The merged file.
        same_images (int): Entries of images that were there already.
        same_persons (int): Entries of persons that were joined to another.
        renumbered_images (int): Images with a new id.
        renumbered_persons (int): Persons with a new id.
        conflicts (int): Answers that contradicted one another.
    """

    tags: TagFile
    same_images: int = 0
    same_persons: int = 0
    renumbered_images: int = 0
    renumbered_persons: int = 0
    conflicts: int = 0


@dataclass
class _Ids:
    """Ids that are taken; a new one is above every number among them."""

    taken: set = field(default_factory=set)
    greatest: int = 0

    def add(self, wanted: int | str) -> None:
        self.taken.add(wanted)
        if isinstance(wanted, int):
            self.greatest = max(self.greatest, wanted)

    def new(self) -> int:
        self.add(self.greatest + 1)
        return self.greatest


def merge_tag_files(
    files: Sequence[TagFile],
    keep_ids: bool = False,
    conflicts: str = 'error',
    occluded: str = 'positive',
    progress: bool = False,
) -> Merged:
    """Merge tag files of one keypoint set, which may be in another order in each.

    Images are the same if their ``file_name`` is; persons if they have the same image,
    annotation id, category and box. What only one of them has is kept; what both have of any
    entry that this format does not describe is the first one's.

    Args:
        files (Sequence[TagFile]): The files; not changed. The first sets order and ids.
        keep_ids (bool): Raise instead of giving a new id to what clashes. Defaults to False.
        conflicts (str): Where two tags of one person contradict one another: 'error',
            'unknown' (nobody knows) or 'first'. Defaults to 'error'.
        occluded (str): Tag that the visibility flag 1 stands for, where coordinates
            meet tags of another file: 'positive', 'negative' or 'unknown'. Defaults to
            'positive'.
        progress (bool): Show a bar. Defaults to False.

    Returns:
        Merged: The file and what happened.

    Raises:
        UserError: If the files do not fit, ids clash, tags contradict one another, or an
            entry is malformed.
    """
    if not files:
        raise UserError('give the tag files to merge.')
    if conflicts not in CONFLICT_CHOICES:
        raise UserError(f'conflicts {conflicts!r}: give one of {", ".join(CONFLICT_CHOICES)}.')
    names = keypoint_names(files[0])
    policy = Policy(conflicts, occluded, names)
    rest: dict[str, Any] = {}
    for tags in files:
        rest = {**tags.rest, **rest, **_version(rest, tags.rest)}
    result = Merged(TagFile(rest=rest, path='merged file'))
    category_ids, image_ids, person_ids = _Ids(), _Ids(), _Ids()
    categories: dict[str, dict] = {}
    images: dict[str, dict] = {}
    persons: dict[tuple, tuple[int, str]] = {}
    # The first to come keeps his id, so those of all files are known before one is given.
    for tags in files:
        for ids, entries in ((image_ids, tags.images), (person_ids, tags.annotations)):
            ids.greatest = max([ids.greatest, *_numbers(entry['id'] for entry in entries)])
    total = sum(len(tags.annotations) for tags in files)
    hidden = None if progress else True  # None: shown on a terminal alone
    with tqdm(total=total, unit=' persons', leave=False, disable=hidden) as bar:
        for tags in files:
            own = keypoint_names(tags)
            order = _order(own, names, tags.path, files[0].path)
            category_of = _merge_categories(
                tags, categories, category_ids, order, keep_ids, result
            )
            image_of = _merge_images(tags, images, image_ids, keep_ids, result)
            for raw, image, where in persons_with_images(tags):
                bar.update()
                person_tags(raw, own, where)
                person_views(raw, own, where)
                visibility_flags(raw, own, where)
                person = reorder_person(raw, order, where)
                person['category_id'] = _new_category(person, category_of, where)
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
                if raw['id'] in person_ids.taken:
                    if keep_ids:
                        raise UserError(f'{where}: {_clash("annotation", raw["id"])}')
                    person['id'] = person_ids.new()
                    result.renumbered_persons += 1
                person_ids.add(person['id'])
                persons[key] = (len(result.tags.annotations), where)
                result.tags.annotations.append(person)
    return result


def _merge_categories(
    tags: TagFile,
    categories: dict[str, dict],
    ids: _Ids,
    order: list[int],
    keep_ids: bool,
    result: Merged,
) -> dict:
    """Take the categories of a file; its ids and those of the result."""
    out = {}
    for i, category in enumerate(tags.categories):
        name = category.get('name')
        if not isinstance(name, str):
            raise UserError(f'{tags.path}: categories[{i}].name is {name!r}; give a name.')
        if category['id'] in out:
            raise UserError(f'{tags.path}: categories[{i}] has the id of another category.')
        known = categories.get(name)
        if known is None:
            known = _reorder_category(category, order, f'{tags.path}: categories[{i}]')
            if known['id'] in ids.taken:
                if keep_ids:
                    raise UserError(
                        f'{tags.path}: categories[{i}]: {_clash("category", known["id"])}'
                    )
                known['id'] = ids.new()
            ids.add(known['id'])
            categories[name] = known
            result.tags.categories.append(known)
        elif not known.get('keypoints') and category.get('keypoints'):
            known.update(_reorder_category({**category, 'id': known['id']}, order, tags.path))
        if keep_ids and known['id'] != category['id']:
            raise UserError(f'{tags.path}: categories[{i}]: {_other_id(name, known, category)}')
        out[category['id']] = known['id']
    return out


def _merge_images(
    tags: TagFile, images: dict[str, dict], ids: _Ids, keep_ids: bool, result: Merged
) -> dict:
    """Take the images of a file; its ids and those of the result."""
    out = {}
    for image in images_by_id(tags).values():
        name = image['file_name']
        where = f'{tags.path}: image {name!r}'
        known = images.get(name)
        if known is None:
            known = dict(image)
            if known['id'] in ids.taken:
                if keep_ids:
                    raise UserError(f'{where}: {_clash("image", known["id"])}')
                known['id'] = ids.new()
                result.renumbered_images += 1
            ids.add(known['id'])
            images[name] = known
            result.tags.images.append(known)
        else:
            for side in ('width', 'height'):
                if known.get(side) != image.get(side) and None not in (
                    known.get(side),
                    image.get(side),
                ):
                    raise UserError(
                        f'{where} has {side} {image[side]}, an earlier one {known[side]}: two '
                        'pictures of one name. Rename one, or correct the size.'
                    )
            if keep_ids and known['id'] != image['id']:
                raise UserError(f'{where}: {_other_id(name, known, image)}')
            known.update({k: v for k, v in image.items() if known.get(k) is None})
            result.same_images += 1
        out[image['id']] = known['id']
    return out


def _order(own: list[str], names: list[str], path: str, first: str) -> list[int]:
    """Where each keypoint of the result stands in a file."""
    if set(own) != set(names):
        more = ', '.join(sorted(set(own) - set(names))) or 'none'
        less = ', '.join(sorted(set(names) - set(own))) or 'none'
        raise UserError(
            f'{path}: has other keypoints than {first}: only here {more}; only there {less}. '
            'Merge files of one keypoint set.'
        )
    return [own.index(name) for name in names]


def _reorder_category(category: dict, order: list[int], where: str) -> dict:
    out = dict(category)
    if category.get('keypoints'):
        out['keypoints'] = [category['keypoints'][i] for i in order]
        new = {old + 1: i + 1 for i, old in enumerate(order)}
        try:
            limbs = [[new[end] for end in limb] for limb in category.get('skeleton') or []]
        except (KeyError, TypeError):
            raise UserError(
                f'{where}.skeleton: give pairs of 1-based indices of the {len(order)} keypoints.'
            ) from None
        if category.get('skeleton'):
            out['skeleton'] = limbs
    return out


def _version(first: dict, second: dict) -> dict:
    """``info`` of the first, with the format's version if one of them tells it."""
    infos = [r['info'] for r in (first, second) if isinstance(r.get('info'), dict)]
    if not infos:
        return {}
    told = {k: i[k] for i in reversed(infos) for k in ('tag_format',) if k in i}
    return {'info': {**infos[0], **told}}


def _numbers(ids: Iterable) -> list[int]:
    return [i for i in ids if isinstance(i, int)]


def _new_category(person: dict, category_of: dict, where: str) -> int | str:
    wanted = person.get('category_id')
    known = isinstance(wanted, int | str) and not isinstance(wanted, bool)
    if not known or wanted not in category_of:
        raise UserError(
            f'{where}.category_id is {wanted!r}, which no category has. Correct it, or add the '
            'category.'
        )
    return category_of[wanted]


def _box_key(person: dict, where: str) -> tuple | None:
    box = person.get('bbox')
    if box is None:
        return None
    numbers = isinstance(box, list) and all(isinstance(v, int | float) for v in box)
    # COCO's files have a few boxes without an area, which are no fault here.
    return tuple(box) if numbers else tuple(parse_box(box, f'{where}.bbox'))


def _clash(what: str, wanted: int | str) -> str:
    return f'{what} id {wanted!r} is taken by another; leave out --keep-ids to renumber.'


def _other_id(name: str, known: dict, own: dict) -> str:
    return (
        f'{name!r} has the id {own["id"]!r} here and {known["id"]!r} before; leave out '
        '--keep-ids to renumber.'
    )
