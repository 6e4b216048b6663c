"""Rows of a CSV or Parquet file, each cell with its place for messages.

Rows are counted as a spreadsheet counts them: the header is row 1.
"""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import parse_box

from .builder import nearest, parse_number
from .files import open_binary

SEPARATORS = (',', ';', '\t')


class Row:
    """A row.

    Args:
        table (Table): Its table.
        number (int): Its number in a spreadsheet.
        cells (Sequence[Any]): Its cells: text, or a value of a Parquet file, None if empty.
    """

    __slots__ = ('cells', 'number', 'table')

    def __init__(self, table: 'Table', number: int, cells: Sequence[Any]) -> None:
        self.table = table
        self.number = number
        self.cells = cells

    @property
    def where(self) -> str:
        """File and row, for messages."""
        return f'{self.table.path}: row {self.number}'

    def at(self, column: str) -> str:
        """File, row and column, for messages."""
        return f'{self.where}, column {column!r}'

    def cell(self, column: str) -> Any:
        """What a cell holds, None where the table has no such column."""
        place = self.table.places.get(column)
        return None if place is None else self.cells[place]

    def is_empty(self, column: str) -> bool:
        """Whether a cell is empty or its column missing."""
        value = self.cell(column)
        return value is None or (isinstance(value, str) and not value.strip())

    def text(self, column: str) -> str:
        """A cell as text; a number that is whole has no decimals."""
        value = self.cell(column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return '' if value is None else str(value).strip()

    def number_of(self, value: object, column: str) -> float:
        """Read a number of pixels."""
        return parse_number(value, self.at(column), self.table.separator == ';')

    def number_in(self, column: str) -> float:
        """Number that a cell holds."""
        return self.number_of(self.cell(column), column)

    def box(self) -> list[float] | None:
        """Box of the row.

        Returns:
            list[float] | None: [x, y, width, height] in pixels, None where it is empty.

        Raises:
            UserError: If it is half empty, malformed, or has no area.
        """
        if not self.is_empty('bbox'):
            value = self.cell('bbox')
            numbers = self._list(value)
            if len(numbers) != 4:
                raise UserError(
                    f'{self.at("bbox")} is {str(value)!r}; give x, y, width and height in pixels.'
                )
            box = [parse_number(v, self.at('bbox')) for v in numbers]
            return parse_box(box, self.at('bbox'))
        columns = ('x', 'y', 'width', 'height')
        empty = [c for c in columns if self.is_empty(c)]
        if len(empty) == 4:
            return None
        if empty:
            raise UserError(
                f'{self.at(empty[0])} is empty, but the box has other sides. Fill it, or empty '
                'all four where the whole image is the person.'
            )
        return parse_box([self.number_in(c) for c in columns], f'{self.where}, the box')

    @staticmethod
    def _list(value: Any) -> list:
        if hasattr(value, 'tolist'):
            value = value.tolist()
        if isinstance(value, list | tuple):
            return list(value)
        return [v for v in re.split(r'[\s,;]+', str(value).strip().strip('[]()').strip()) if v]


class Table:
    """A table.

    Args:
        path (str): The file.
        columns (Sequence[str]): Names of the columns.
        separator (str): What separates cells; '' in Parquet.

    Raises:
        UserError: If two columns have one name.
    """

    def __init__(self, path: str, columns: Sequence[str], separator: str = '') -> None:
        self.path = path
        self.columns = list(columns)
        self.separator = separator
        self.rows: Iterator[Row] = iter(())
        for i, column in enumerate(self.columns):
            if column in self.columns[:i]:
                raise UserError(
                    f'{path}: row 1: the columns {self.columns.index(column) + 1} and {i + 1} are '
                    f'both called {column!r}. Rename or remove one.'
                )
        self.places = {column: i for i, column in enumerate(self.columns)}

    def drop(self, column: str) -> None:
        """Treat a column as if it were not there."""
        self.places.pop(column, None)


def open_table(path: str) -> Table:
    """Open a table.

    Args:
        path (str): CSV, or Parquet (told by its content).

    Returns:
        Table: Its ``rows`` are read one by one.

    Raises:
        UserError: If it cannot be read; while rows are read, if one is malformed.
    """
    with open_binary(path) as file:
        head = file.read(4)
    if head == b'PAR1':
        return _parquet(path)
    if head[:2] == b'PK' or head == b'\xd0\xcf\x11\xe0':
        raise UserError(f'{path}: a spreadsheet file. Save it as CSV (UTF-8) and give that.')
    return _csv(path, head)


def _csv(path: str, head: bytes) -> Table:
    encoding = 'utf-8-sig'
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        encoding = 'utf-16'  # what spreadsheets call Unicode text
    lines = _lines(path, encoding)
    first = next(lines, '')
    separator = max(SEPARATORS, key=first.count)
    # A name in the header may hold the end of a line, so that the reader joins lines itself.
    reader = csv.reader(itertools.chain([first], lines), delimiter=separator, strict=True)
    table = Table(path, _header(path, reader), separator)
    table.rows = _csv_rows(table, reader)
    return table


def _lines(path: str, encoding: str) -> Iterator[str]:
    with open_binary(path) as file, io.TextIOWrapper(file, encoding, newline='') as text:
        try:
            yield from text
        except UnicodeError as error:
            raise UserError(
                f'{path}: not encoded in UTF-8 ({error}). Save it as CSV in UTF-8.'
            ) from None


def _header(path: str, reader: Iterator[list[str]]) -> list[str]:
    try:
        cells = next(reader, [])
    except csv.Error as error:
        raise UserError(
            f'{path}: row 1 is malformed ({error}). The first row must name the columns.'
        ) from None
    columns = [cell.strip() for cell in cells]
    if not any(columns):
        raise UserError(f'{path}: row 1 is empty. The first row must name the columns.')
    if len(columns) == 1:
        raise UserError(
            f'{path}: row 1 has one column, {columns[0][:60]!r}.{nearest(columns[0], ["image"])} '
            'Separate columns by comma, semicolon or tab, and name image and the keypoints.'
        )
    return columns


def _csv_rows(table: Table, reader: Iterator[list[str]]) -> Iterator[Row]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UserError(
                f'{table.path}: row {number} is malformed ({error}). Look for a quotation mark '
                'that is not closed.'
            ) from None
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(table.columns):
            raise UserError(
                f'{table.path}: row {number} has {len(cells)} cells, but there are '
                f'{len(table.columns)} columns. A cell that holds {table.separator!r} must stand '
                'in quotation marks.'
            )
        yield Row(table, number, cells)


def _parquet(path: str) -> Table:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise UserError(
            f'{path}: Parquet needs a package that is not installed: pip install pyarrow. Or give '
            'the table as CSV.'
        ) from None
    try:
        file = parquet.ParquetFile(path)
        columns = [str(name).strip() for name in file.schema_arrow.names]
    except (ArrowException, OSError, ValueError) as error:
        raise UserError(f'{path}: a damaged Parquet file ({error}). Write it again.') from None
    table = Table(path, columns)
    table.rows = _parquet_rows(table, file)
    return table


def _parquet_rows(table: Table, file: Any) -> Iterator[Row]:
    from pyarrow import ArrowException

    number = 1
    try:
        for batch in file.iter_batches(10_000):
            columns = [column.to_pylist() for column in batch.columns]
            for cells in zip(*columns, strict=True):
                number += 1
                # NaN is how pandas says that a number is missing.
                yield Row(table, number, [None if c != c else c for c in cells])
    except (ArrowException, OSError) as error:
        raise UserError(
            f'{table.path}: damaged after row {number} ({error}). Write it again.'
        ) from None
