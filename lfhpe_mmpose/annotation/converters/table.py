"""Tables: a row for each person or view, a column for each keypoint; CSV or Parquet.

``image`` names the picture. ``x, y, width, height`` or ``bbox`` are the box (empty: the whole
image), ``image_width, image_height`` the size of the image, ``person`` tells which rows are one
person, ``view`` above 0 makes a row a tagged view of him, ``image_id`` is the image's id. Every
other column is a keypoint. ``table_rows`` reads the file, this module what the rows say.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import image_size
from lfhpe_mmpose.tags.tag_file import TagFile
from lfhpe_mmpose.tags.values import UNKNOWN

from .answers import DEFAULT_WORDS, AnswerWords, answer
from .builder import TagFileBuilder, check_names, nearest
from .plan_answers import CONFLICTS, put_back
from .table_rows import Row, Table, open_table
from .table_write import write

__all__ = ['COLUMNS', 'read', 'write']

BOX_COLUMNS = ('x', 'y', 'width', 'height')
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
    """Read a table.

    Args:
        path (str): CSV (separated by comma, semicolon or tab) or Parquet (``.parquet``).
        names (Sequence[str], optional): Keypoint names. Defaults to None: every column that
            has no other meaning.
        plan (TagFile, optional): Annotation plan; ``image`` is then a picture of it.
            Defaults to None.
        words (AnswerWords): Which answers mean what. Defaults to :data:`DEFAULT_WORDS`.
        conflicts (str): What becomes of two different answers about one person or view:
            ``'error'`` or ``'unknown'``. Defaults to ``'error'``.
        image_root (str, optional): Folder of the images, to read the size of those of which
            the table has none. Defaults to None.
        ignore_columns (Iterable[str]): Columns that mean nothing. Defaults to none.

    Returns:
        TagFile: The persons.

    Raises:
        UserError: If the file is damaged, a column unknown, or a cell malformed.
    """
    if conflicts not in CONFLICTS:
        raise UserError(f'conflicts is {conflicts!r}; give one of {", ".join(CONFLICTS)}.')
    table = open_table(path)
    if names is None and plan is not None:
        names = plan.names()
    keypoints = _keypoint_columns(table, names, set(ignore_columns))
    rows = tqdm(table.rows, desc=path, unit=' rows', disable=None)
    if plan is not None:
        answers = ((row.text('image'), _tags(row, keypoints, words), row.where) for row in rows)
        return put_back(plan, answers, conflicts)
    persons = _Persons(TagFileBuilder(keypoints, path), image_root, conflicts)
    for row in rows:
        tags = _tags(row, keypoints, words) if _is_answered(row, keypoints) else None
        persons.add(row, tags)
    return persons.finish()


def _keypoint_columns(table: Table, names: Sequence[str] | None, ignored: set[str]) -> list[str]:
    """Which columns are keypoints, in order."""
    at = f'{table.path}: row 1'
    absent = sorted(ignored - set(table.columns))
    if absent:
        raise UserError(
            f'{at}: --ignore-columns names {absent[0]!r}, which is no column.'
            f'{nearest(absent[0], table.columns)}'
        )
    found = [c for c in table.columns if c not in COLUMNS and c not in ignored]
    if 'image' not in table.columns or 'image' in ignored:
        raise UserError(
            f"{at}: no column is called 'image'.{nearest('image', found)} The columns are "
            f'{", ".join(map(repr, table.columns))}; the first row must name them.'
        )
    box = [c for c in BOX_COLUMNS if c in table.columns and c not in ignored]
    if box and len(box) < 4:
        missing = next(c for c in BOX_COLUMNS if c not in box)
        raise UserError(
            f'{at}: of {", ".join(BOX_COLUMNS)} the column {missing!r} is missing.'
            f'{nearest(missing, found)} A box needs all four, or a column bbox.'
        )
    if box and 'bbox' in table.columns and 'bbox' not in ignored:
        raise UserError(f'{at}: has bbox and {", ".join(BOX_COLUMNS)}. Ignore one of them.')
    for column in found:
        if not column:
            raise UserError(
                f'{at}: column {table.columns.index("") + 1} has no name. Name it, remove it, or '
                "leave it out by --ignore-columns ''."
            )
        if names is not None and column not in names:
            near = nearest(column, [*(n for n in names if n not in found), *COLUMNS])
            raise UserError(
                f'{at}: the column {column!r} is neither a keypoint nor has it a meaning.{near} '
                f'Rename it, or add --ignore-columns {column!r}.'
            )
        if names is None and nearest(column, COLUMNS, 0.8):
            raise UserError(
                f'{at}: the column {column!r} would be a keypoint.{nearest(column, COLUMNS, 0.8)} '
                'Rename it; or if it is a keypoint, name all of them by --keypoints a,b,c.'
            )
    for name in names or []:
        if name not in found:
            raise UserError(
                f'{at}: the keypoint {name!r} has no column.'
                f'{nearest(name, [c for c in found if c not in (names or [])])} Add one, or '
                'correct --keypoints.'
            )
    for column in ignored:
        table.drop(column)
    return check_names(list(names) if names is not None else found, table.path)


def _is_answered(row: Row, keypoints: Sequence[str]) -> bool:
    return any(not row.is_empty(name) for name in keypoints)


def _tags(row: Row, keypoints: Sequence[str], words: AnswerWords) -> list[int]:
    return [answer(row.cell(name), row.at(name), words) for name in keypoints]


class _Persons:
    """Puts rows together to persons."""

    def __init__(self, builder: TagFileBuilder, image_root: str | None, conflicts: str) -> None:
        self.builder = builder
        self.image_root = image_root
        self.conflicts = conflicts
        self.sizes: dict[str, tuple[int, int]] = {}
        self.persons: dict[object, dict] = {}
        # Person and view -> where its row is, and its place among the views.
        self.rows: dict[tuple[object, int], tuple[str, int]] = {}
        self.numbers: dict[object, str] = {}

    def add(self, row: Row, tags: list[int] | None) -> None:
        """Take a row."""
        image = row.text('image')
        size = self._size(row, image)
        given = None if row.is_empty('image_id') else _identity(row.text('image_id'))
        image_id = self.builder.image(image, *size, row.where, given)
        view = 0 if row.is_empty('view') else self._view(row)
        number = None if row.is_empty('person') else row.text('person')
        if number is None and view:
            raise UserError(
                f"{row.at('view')} is {view}, but column 'person' is empty. Name the person whose "
                'view this is.'
            )
        key: object = (image, number) if number is not None else row.where
        if key not in self.persons:
            self.persons[key] = self.builder.person(image_id)
            if number is not None:
                self.numbers[key] = number
        person = self.persons[key]
        box = row.box()
        if (key, view) in self.rows:
            self._again(row, person, self.rows[key, view], box, tags)
            return
        entry = person
        place = -1
        if view:
            if box is None:
                raise UserError(f'{row.where}: view {view} has no box. Fill x, y, width, height.')
            entry = dict(bbox=box, keypoint_tags=tags or [UNKNOWN] * len(self._names()), view=view)
            person.setdefault('tag_views', []).append(entry)
            place = len(person['tag_views']) - 1
        else:
            if box is not None:
                entry['bbox'] = box
            if tags is not None:
                entry['keypoint_tags'] = tags
        self.rows[key, view] = row.where, place

    def _names(self) -> list[str]:
        return self.builder.tags.categories[0]['keypoints']

    @staticmethod
    def _view(row: Row) -> int:
        number = row.number_in('view')
        if number < 0 or number != int(number):
            raise UserError(f'{row.at("view")} is {number:g}; give 0, 1, 2 and so on.')
        return int(number)

    def _again(
        self,
        row: Row,
        person: dict,
        before: tuple[str, int],
        box: list[float] | None,
        tags: list[int] | None,
    ) -> None:
        """A second row for one person or view: of another annotator, about the same box."""
        entry = person if before[1] < 0 else person['tag_views'][before[1]]
        if box != entry.get('bbox'):
            raise UserError(
                f'{row.where}: the same person and view as {before[0]}, but another box. Give '
                "another number in column 'person' or 'view'."
            )
        if tags is None:
            return
        old = entry.get('keypoint_tags')
        if old is None:
            entry['keypoint_tags'] = tags
            return
        differ = [i for i, (a, b) in enumerate(zip(old, tags, strict=True)) if a != b]
        if differ and self.conflicts == 'error':
            name = self._names()[differ[0]]
            raise UserError(
                f'{row.at(name)}: {tags[differ[0]]} here and {old[differ[0]]} in {before[0]}, the '
                'same person and view. Correct one of them, or make such tags unknown with '
                '--conflicts unknown.'
            )
        entry['keypoint_tags'] = [UNKNOWN if i in differ else t for i, t in enumerate(tags)]

    def _size(self, row: Row, image: str) -> tuple[int, int]:
        """Size of an image in pixels, by the table or the image itself."""
        sides = [k for k in ('image_width', 'image_height') if not row.is_empty(k)]
        if len(sides) == 2:
            size = [row.number_in(k) for k in sides]
            whole = [v == int(v) for v in size]
            if not all(whole):
                raise UserError(f'{row.at(sides[whole.index(False)])} is no whole number.')
            return int(size[0]), int(size[1])
        if image not in self.sizes:
            self.sizes[image] = self._read_size(row, image)
        return self.sizes[image]

    def _read_size(self, row: Row, image: str) -> tuple[int, int]:
        if not image:
            raise UserError(f'{row.at("image")} is empty. Name the image.')
        if self.image_root is None:
            raise UserError(
                f'{row.where}: the size of {image!r} is not known. Give the folder of the images '
                'by --image-root, or fill the columns image_width and image_height.'
            )
        return image_size(Path(self.image_root, image))

    def finish(self) -> TagFile:
        """The tag file, when all rows were taken."""
        numbers = list(self.numbers.values())
        everyone = len(self.numbers) == len(self.persons)
        # Persons numbered afresh in each image have no id of their own; those get running numbers.
        if everyone and len(set(numbers)) == len(numbers):
            ids = [_identity(number) for number in numbers]
            whole = all(isinstance(i, int) for i in ids)
            for key, number in self.numbers.items():
                self.persons[key]['id'] = _identity(number) if whole else number
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
                raise UserError(
                    f'{self.builder.tags.path}: column image_id: {other!r} and '
                    f'{image["file_name"]!r} have the id {image["id"]!r}. Correct it in every '
                    'row, or leave the column out.'
                )


def _identity(text: str) -> int | str:
    """An id as a number where it is written as one."""
    digits = text.removeprefix('-')
    is_number = digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(text) if is_number and str(int(text)) == text else text
