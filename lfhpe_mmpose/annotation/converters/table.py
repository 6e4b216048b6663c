"""Tables, CSV or Parquet: a row for each person or view, a column for each keypoint.

``image`` names the picture. ``x, y, width, height`` or ``bbox`` are the box (empty: the person
fills the image), ``image_width, image_height`` the size of the image. Rows with the same ``image``
and ``person`` are one person; a ``view`` above 0 makes the row a tagged view of the person.
``image_id`` is the image's id. Every other column is a keypoint.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile
from lfhpe_mmpose.tags.values import UNKNOWN

from .answers import DEFAULT_WORDS, Answered, AnswerWords, agree, answer
from .builder import TagFileBuilder, check_names, nearest
from .plan_answers import put_back
from .source import size_in
from .table_read import BOX_COLUMNS, Row, Table
from .table_write import write

__all__ = ['COLUMNS', 'read', 'write']

COLUMNS = (
    *('image', 'image_id', 'person', 'view', *BOX_COLUMNS, 'bbox'),
    *('image_width', 'image_height'),
)


def read(
    path: str,
    names: Sequence[str] | None = None,
    plan: TagFile | None = None,
    words: AnswerWords = DEFAULT_WORDS,
    conflicts: str = 'error',
    image_root: str | None = None,
    ignore_columns: Iterable[str] = (),
) -> TagFile:
    """Read a table: CSV (separated by comma, semicolon or tab) or Parquet.

    Args:
        image_root: Folder of the images, to read the sizes that the table does not give.
        ignore_columns: Columns to leave out.
    """
    table = Table(path)
    if names is None and plan is not None:
        names = plan.names()
    ignored = list(ignore_columns)
    keypoints = _keypoint_columns(table, names, ignored)
    rows = tqdm(table.rows(ignored), desc=path, unit=' rows', disable=None)
    if plan is not None:
        answers = ((row.text('image'), _tags(row, keypoints, words), row.where) for row in rows)
        return put_back(plan, answers, conflicts)
    persons = _Persons(TagFileBuilder(keypoints, path), image_root, conflicts)
    for row in rows:
        answered = any(name in row.cells for name in keypoints)
        persons.add(row, _tags(row, keypoints, words) if answered else None)
    return persons.finish()


def _keypoint_columns(
    table: Table, names: Sequence[str] | None, ignored: Sequence[str]
) -> list[str]:
    """The columns that are keypoints, in order."""
    where = f'{table.path}: row 1'
    for fault, remedy in _header_faults(table.columns, names, ignored):
        raise UserError('columns', where, fault, remedy)
    found = [c for c in table.columns if c not in COLUMNS and c not in ignored]
    return check_names(found if names is None else list(names), where)


def _header_faults(
    columns: Sequence[str], names: Sequence[str] | None, ignored: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The faults of the header, each with its remedy."""
    for column in sorted(set(ignored) - set(columns)):
        fault = f'--ignore-columns names {column!r}, which is not a column.'
        yield fault + nearest(column, columns), 'Correct it.'
    kept = [c for c in columns if c not in ignored]
    found = [c for c in kept if c not in COLUMNS]
    if 'image' not in kept:
        fault = f"no column is called 'image'.{nearest('image', found)}"
        yield fault, f'Name the columns in row 1; they are {", ".join(map(repr, columns))}.'
    missing = [c for c in BOX_COLUMNS if c not in kept]
    if 0 < len(missing) < 4:
        fault = f'the column {missing[0]!r} of the box is missing.{nearest(missing[0], found)}'
        yield fault, f'Give {", ".join(BOX_COLUMNS)}, or a column bbox.'
    if not missing and 'bbox' in kept:
        fault = f'the table has bbox and {", ".join(BOX_COLUMNS)}.'
        yield fault, 'Leave one of them out with --ignore-columns.'
    absent = [n for n in names or [] if n not in found]
    for column in found:
        near = nearest(column, COLUMNS, 0.8)
        if not column:
            fault = f'column {columns.index("") + 1} has no name.'
            yield fault, "Name it, remove it, or leave it out with --ignore-columns ''."
        elif names is None and near:
            remedy = 'Rename it; if it is a keypoint, name all of them with --keypoints a,b,c.'
            yield f'the column {column!r} would be a keypoint.{near}', remedy
        elif names is not None and column not in names:
            fault = f'the column {column!r} is neither a keypoint nor has it another meaning.'
            near = nearest(column, [*absent, *COLUMNS])
            yield fault + near, f'Rename it, or add --ignore-columns {column!r}.'
    for name in absent:
        yield f'the keypoint {name!r} has no column.', 'Add one, or correct --keypoints.'


def _tags(row: Row, keypoints: Sequence[str], words: AnswerWords) -> list[int]:
    return [answer(row.cells.get(name), row.at(name), words) for name in keypoints]


class _Persons:
    """Puts rows together to persons."""

    def __init__(self, builder: TagFileBuilder, image_root: str | None, conflicts: str) -> None:
        self.builder = builder
        self.image_root = image_root
        self.conflicts = conflicts
        self.sizes: dict[str, tuple[int, int]] = {}
        self.persons: dict[object, dict[str, Any]] = {}
        self.numbers: dict[object, str] = {}
        # The entry (person or view) and the place of its row, by person and view.
        self.entries: dict[tuple[object, int], tuple[dict[str, Any], str]] = {}

    def add(self, row: Row, tags: list[int] | None) -> None:
        """Take a row and its tags, None if it has no answers."""
        image = row.text('image')
        size = self._size(row, image)
        given = _identity(row.text('image_id')) if 'image_id' in row.cells else None
        image_id = self.builder.image(image, size, row.where, given)
        view = _view_number(row) if 'view' in row.cells else 0
        number = row.text('person') or None
        if number is None and view:
            fault = f"the view is {view}, but column 'person' is empty."
            raise UserError('view', row.at('view'), fault, 'Name the person whose view this is.')
        key: object = (image, number) if number is not None else row.where
        if key not in self.persons:
            self.persons[key] = self.builder.person(image_id)
            if number is not None:
                self.numbers[key] = number
        box = row.box()
        if (key, view) in self.entries:
            self._again(row, *self.entries[key, view], box, tags)
            return
        entry = self.persons[key]
        if view:
            if box is None:
                fault = f'view {view} has no box.'
                raise UserError('view', row.where, fault, 'Fill x, y, width and height.')
            entry = dict(view=view, bbox=box)
            self.persons[key].setdefault('tag_views', []).append(entry)
            tags = tags or [UNKNOWN] * len(self.builder.names)
        if box is not None:
            entry['bbox'] = box
        if tags is not None:
            entry['keypoint_tags'] = tags
        self.entries[key, view] = entry, row.where

    def _again(
        self,
        row: Row,
        entry: dict[str, Any],
        before: str,
        box: list[float] | None,
        tags: list[int] | None,
    ) -> None:
        """A second row for one person or view: another annotator, about the same box."""
        if box != entry.get('bbox'):
            fault = f'this is the same person and view as {before}, but another box.'
            remedy = "Give another number in column 'person' or 'view'."
            raise UserError('box', row.where, fault, remedy)
        old: Any = entry.get('keypoint_tags', tags)
        if tags is not None:
            first, second = Answered(old, before), Answered(tags, row.where)
            what = 'The same person and view'
            merged = agree(first, second, self.builder.names, what, self.conflicts)
            entry['keypoint_tags'] = merged.tags

    def _size(self, row: Row, image: str) -> tuple[int, int]:
        """Width and height of an image in pixels, by the table or the image itself."""
        sides = [k for k in ('image_width', 'image_height') if k in row.cells]
        if len(sides) == 2:
            size = [row.number(k) for k in sides]
            for side, value in zip(sides, size, strict=True):
                if value != int(value):
                    fault = f'{value:g} is not a whole number.'
                    raise UserError('malformed', row.at(side), fault, 'Correct it.')
            return int(size[0]), int(size[1])
        if image not in self.sizes:
            self.sizes[image] = self._read_size(row, image)
        return self.sizes[image]

    def _read_size(self, row: Row, image: str) -> tuple[int, int]:
        if not image:
            raise UserError('malformed', row.at('image'), 'the cell is empty.', 'Name the image.')
        if self.image_root is None:
            fault = f'the size of {image!r} is unknown.'
            remedy = (
                'Give the folder of the images with --image-root, or fill the columns image_width '
                'and image_height.'
            )
            raise UserError('no-size', row.where, fault, remedy)
        return size_in(self.image_root, image, row.at('image'))

    def finish(self) -> TagFile:
        """Return the tag file, after all rows were taken."""
        numbers = list(self.numbers.values())
        everyone = len(self.numbers) == len(self.persons)
        # Persons numbered anew in each image have no id of their own; they get running numbers.
        if everyone and len(set(numbers)) == len(numbers):
            ids = [_identity(number) for number in numbers]
            whole = all(isinstance(i, int) for i in ids)
            for (key, number), own in zip(self.numbers.items(), ids, strict=True):
                self.persons[key]['id'] = own if whole else number
        for person in self.persons.values():
            if 'tag_views' in person:
                person['tag_views'].sort(key=lambda view: view['view'])
                for view in person['tag_views']:
                    del view['view']
        self._check_image_ids()
        return self.builder.tags

    def _check_image_ids(self) -> None:
        seen: dict[int | str, str] = {}
        for image in self.builder.tags.images:
            other = seen.setdefault(image['id'], image['file_name'])
            if other != image['file_name']:
                where = f'{self.builder.tags.path}: column image_id'
                fault = f'{other!r} and {image["file_name"]!r} have the id {image["id"]!r}.'
                remedy = 'Correct it in every row, or leave the column out.'
                raise UserError('duplicate-id', where, fault, remedy)


def _view_number(row: Row) -> int:
    number = row.number('view')
    if number < 0 or number != int(number):
        raise UserError('view', row.at('view'), f'{number:g} is not a view.', 'Give 0, 1, 2 ...')
    return int(number)


def _identity(text: str) -> int | str:
    """An id as a number where it is written as one."""
    digits = text.removeprefix('-')
    is_number = digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(text) if is_number and str(int(text)) == text else text
