"""What makes a whole tag file valid for a data set, whose keypoints are known.

The checks before a run list all faults, and the data set raises the first one, so that a file
that passes the checks is read. ``lfhpe check`` reads a file as a stream, by the same rules for
each entry.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from .entries import category_faults, file_name_faults, image_faults, person_faults
from .faults import Fault, raise_fault, raise_first, short
from .fields import id_faults, is_id
from .persons import Labels, read_labels
from .tag_file import TagFile


class ReadPerson(NamedTuple):
    """An entry of ``annotations`` as it was read: the entry, its labels and all its faults."""

    entry: dict[str, Any]
    labels: Labels
    faults: list[Fault]


def header_faults(tags: TagFile, names: Sequence[str]) -> Iterator[tuple[str, Fault]]:
    """Faults of categories, images and ids that occur twice, each with the place of its entry."""
    for i, category in enumerate(tags.categories):
        at = f'categories[{i}]'
        faults = (fault for fault in category_faults(category) if fault.code == 'malformed')
        yield from ((at, fault) for fault in faults)
        theirs = category.get('keypoints')
        if theirs and isinstance(theirs, list):
            yield from ((at, fault) for fault in other_names(theirs, names))
    for i, image in enumerate(tags.images):
        yield from ((entry_place('images', i, image), fault) for fault in image_faults(image))
    yield from doubles(tags, 'images', 'annotations')


def read_persons(tags: TagFile, names: Sequence[str]) -> Iterator[ReadPerson]:
    """Read all annotations, faulty ones included."""
    images = {image['id'] for image in tags.images}
    categories = {category['id'] for category in tags.categories}
    for person in tags.annotations:
        labels = read_labels(person, names)
        faults = [
            *person_faults(person),
            *unknown_id(person, 'image', images),
            *unknown_id(person, 'category', categories),
            *labels.faults,
        ]
        yield ReadPerson(person, labels, faults)


def file_faults(tags: TagFile, names: Sequence[str]) -> Iterator[tuple[str, Fault]]:
    """All faults of a file, each with the place of its entry."""
    yield from header_faults(tags, names)
    for i, person in enumerate(read_persons(tags, names)):
        at = entry_place('annotations', i, person.entry)
        yield from ((at, fault) for fault in person.faults)


def images_by_id(tags: TagFile) -> dict[int | str, dict[str, Any]]:
    """The images of a file by their id, each with a file name.

    Raises:
        UserError: 'duplicate-id', or 'malformed' if a ``file_name`` is missing.
    """
    for at, fault in doubles(tags, 'images'):
        raise_fault(fault, f'{tags.path}: {at}')
    for i, image in enumerate(tags.images):
        raise_first(file_name_faults(image), f'{tags.path}: {entry_place("images", i, image)}')
    return tags.images_by_id()


def persons_with_images(tags: TagFile) -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
    """Iterate over the annotations: annotation, its image, and where it is, for messages.

    Raises:
        UserError: 'unknown-image', 'malformed', or as for ``images_by_id``.
    """
    images = images_by_id(tags)
    for person, where in tags.with_index():
        raise_first(id_faults(person, 'image_id'), where)
        raise_first(unknown_id(person, 'image', images), where)
        yield person, images[person['image_id']], where


def entry_place(part: str, index: int, entry: Mapping[str, Any]) -> str:
    """The place of an entry, ``'<part>[<index>] (id <id>)'``."""
    return f'{part}[{index}] (id {entry.get("id")})'


def doubles(tags: TagFile, *parts: str) -> Iterator[tuple[str, Fault]]:
    """Faults of ids that occur twice in a list: one entry would be taken for the other."""
    for part in parts:
        seen = set()
        for i, entry in enumerate(getattr(tags, part)):
            if entry['id'] in seen:
                text = f'{short(entry["id"])} is the id of another entry'
                fault = Fault('duplicate-id', '', text, 'Give every entry an id of its own.')
                yield entry_place(part, i, entry), fault
            seen.add(entry['id'])


def unknown_id(person: Mapping[str, Any], what: str, known: Collection[Any]) -> Iterator[Fault]:
    """The fault of a person whose image or category is not in the file."""
    ident = person.get(f'{what}_id')
    if is_id(ident) and ident not in known:
        text, remedy = f'no {what} has the id {ident!r}', f'Add the {what}, or remove the person.'
        yield Fault(f'unknown-{what}', f'.{what}_id', text, remedy)


def other_names(
    theirs: Sequence[str], own: Sequence[str], source: str = 'the data set'
) -> Iterator[Fault]:
    """Faults of the keypoint names of a category that are not those of a data set.

    Args:
        theirs: Names of the category.
        own: Names of the data set.
        source: What to call the data set.
    """
    strange = [name for name in theirs if name not in own]
    missing = [name for name in own if name not in theirs]
    remedy = (
        f'Give {source} the names and the order of the file; `lfhpe metainfo` writes its metainfo.'
    )
    for name in strange:
        near = get_close_matches(str(name), missing, 1)
        hint = f'Did you mean {near[0]!r}?' if near else remedy
        yield Fault('metainfo-names', '.keypoints', f'{short(name)} is not in {source}', hint)
    for name in missing:
        text = f'{short(name)} of {source} is missing'
        yield Fault('metainfo-names', '.keypoints', text, remedy)
    if not strange and not missing and list(theirs) != list(own):
        text = f'{len(theirs)} names are given for {len(own)} keypoints'
        for k, (a, b) in enumerate(zip(theirs, own), 1):
            if a != b:
                text = f'the order differs: number {k} is {short(a)}, in {source} {b!r}'
                break
        yield Fault('metainfo-names', '.keypoints', text, remedy)
