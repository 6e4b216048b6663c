"""The rows of a CSV or Parquet file. Rows are counted as in a spreadsheet: the header is row 1."""

import codecs
import re
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import Any, NamedTuple

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.persons import parse_box

from .builder import nearest, parse_number
from .source import missing_package, open_binary

SEPARATORS = (',', ';', '\t')
# A text that a spreadsheet runs, perhaps already marked as a text by '.
FORMULA = re.compile(r"'*[=+\-@\t\r]")
BOX_COLUMNS = ('x', 'y', 'width', 'height')


class Row(NamedTuple):
    """A row.

    Attributes:
        where: File and row, for messages.
        cells: The cells that are not empty: text, or a value of a Parquet file.
        decimal_comma: Whether ``10,5`` is a number.
    """

    where: str
    cells: dict[str, Any]
    decimal_comma: bool

    def at(self, column: str) -> str:
        """File, row and column, for messages."""
        return f'{self.where}, column {column!r}'

    def text(self, column: str) -> str:
        """A cell as text, '' if it is empty; a whole number has no decimals."""
        value = self.cells.get(column, '')
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)

    def number(self, column: str) -> float:
        """The number of pixels in a cell."""
        return parse_number(self.cells[column], self.at(column), self.decimal_comma)

    def box(self) -> list[float] | None:
        """The box [x, y, width, height] in pixels; None if it is empty.

        Raises:
            UserError: 'box' if it is incomplete or has no area.
        """
        if 'bbox' in self.cells:
            at, value = self.at('bbox'), self.cells['bbox']
            numbers = value.tolist() if hasattr(value, 'tolist') else value
            if not isinstance(numbers, list | tuple):
                plain = str(value).strip('[]()').strip()
                numbers = [v for v in re.split(r'[\s,;]+', plain) if v]
            if len(numbers) != 4:
                remedy = 'Give x, y, width and height in pixels.'
                raise UserError('box', at, f'{str(value)!r} is not a box.', remedy)
            return parse_box([parse_number(v, at) for v in numbers], at)
        empty = [c for c in BOX_COLUMNS if c not in self.cells]
        if len(empty) == 4:
            return None
        if empty:
            fault = 'the cell is empty, but the box has other sides.'
            remedy = 'Fill it, or empty all four if the person fills the image.'
            raise UserError('box', self.at(empty[0]), fault, remedy)
        return parse_box([self.number(c) for c in BOX_COLUMNS], f'{self.where}, the box')


def read_csv(path: str) -> tuple[Any, str]:
    """Read a CSV file.

    Returns:
        A frame of text with the header as its first row, NaN where a row is too short; and the
        separator.

    Raises:
        UserError: 'encoding', or 'damaged' if a row is too long or a quotation mark open.
    """
    import pandas as pd

    try:
        with open_binary(path) as raw:
            utf16 = raw.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            raw.seek(0)
            file = TextIOWrapper(raw, 'utf-16' if utf16 else 'utf-8-sig', newline='')
            first = file.readline()
            separator = max(SEPARATORS, key=first.count)
            file.seek(0)
            # The default engine pads short rows and drops the end of long ones in silence.
            options = dict(header=None, dtype=object, keep_default_na=False, engine='python')
            frame = pd.read_csv(file, sep=separator, skip_blank_lines=False, **options)
    except UnicodeError as error:
        fault = f'the file is not encoded in UTF-8 ({error}).'
        raise UserError('encoding', path, fault, 'Save it as CSV in UTF-8.') from None
    except UserError:
        raise
    except ValueError as error:  # pandas' errors are ValueErrors
        remedy = (
            'Close every quotation mark, and put cells that hold the separator into quotation '
            'marks.'
        )
        raise UserError('damaged', path, f'not a table ({error}).', remedy) from None
    return frame, separator


class Table:
    """A table, CSV or Parquet by its content.

    Raises:
        UserError: If it cannot be read, or the header or a row is malformed.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with open_binary(path) as file:
            head = file.read(4)
        if head[:2] == b'PK' or head == b'\xd0\xcf\x11\xe0':
            remedy = 'Save it as CSV (UTF-8), and give that.'
            raise UserError('spreadsheet', path, 'this is a spreadsheet file.', remedy)
        separator = ''
        if head == b'PAR1':
            self._frame = self._parquet()
        else:
            frame, separator = read_csv(path)
            self._frame = self._checked(frame, separator)
        self._decimal_comma = separator == ';'
        self.columns: list[str] = list(self._frame.columns)
        for i, column in enumerate(self.columns):
            if column in self.columns[:i]:
                first = self.columns.index(column) + 1
                fault = f'columns {first} and {i + 1} are both called {column!r}.'
                raise UserError('columns', f'{path}: row 1', fault, 'Rename or remove one.')

    def rows(self, without: Sequence[str] = ()) -> Iterator[Row]:
        """The rows, without the cells of some columns."""
        kept = [(i, c) for i, c in enumerate(self.columns, 1) if c not in without]
        for row in self._frame.itertuples(name=None):
            cells = {c: row[i].strip() if isinstance(row[i], str) else row[i] for i, c in kept}
            filled = {c: cell for c, cell in cells.items() if not _is_empty(cell)}
            yield Row(f'{self.path}: row {row[0]}', filled, self._decimal_comma)

    def _checked(self, frame: Any, separator: str) -> Any:
        """The frame with its header, without empty rows."""
        frame = frame.map(_unguarded)
        header = [str(cell).strip() for cell in frame.head(1).fillna('').to_numpy().ravel()]
        where = f'{self.path}: row 1'
        if not any(header):
            raise UserError('columns', where, 'the row is empty.', 'Name the columns in it.')
        if len(header) == 1:
            fault = f'the only column is {header[0][:60]!r}.{nearest(header[0], ["image"])}'
            remedy = 'Separate columns by comma, semicolon or tab; name image and the keypoints.'
            raise UserError('columns', where, fault, remedy)
        frame.columns = header
        frame.index = range(1, len(frame) + 1)
        frame = frame.iloc[1:]
        blank = frame.isna() | frame.map(lambda cell: not str(cell).strip())
        frame = frame[~blank.all(axis=1)]
        short = frame.index[frame.isna().any(axis=1)]
        if len(short):
            cells = int(frame.loc[short[0]].notna().sum())
            fault = f'the row has {cells} cells, but there are {len(header)} columns.'
            remedy = f'A cell that holds {separator!r} must stand in quotation marks.'
            raise UserError('damaged', f'{self.path}: row {short[0]}', fault, remedy)
        return frame

    def _parquet(self) -> Any:
        """A frame of objects, None where a value is missing."""
        import pandas as pd

        try:
            frame = pd.read_parquet(self.path, dtype_backend='numpy_nullable')
        except ImportError:
            raise missing_package(self.path, 'pyarrow', 'parquet', 'Or use CSV.') from None
        except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
            fault = f'the Parquet file is damaged ({error}).'
            raise UserError('damaged', self.path, fault, 'Write it again.') from None
        frame = frame.reset_index(drop=True).astype(object)
        frame.columns = [str(name).strip() for name in frame.columns]
        frame.index = range(2, len(frame) + 2)
        return frame.where(frame.notna(), None)


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell)


def _unguarded(cell: Any) -> Any:
    """Take off the ' that marks a text which a spreadsheet would run."""
    marked = isinstance(cell, str) and cell.startswith("'") and FORMULA.match(cell)
    return cell[1:] if marked else cell
