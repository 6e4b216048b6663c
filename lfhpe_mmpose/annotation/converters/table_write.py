"""A tag file as a table, CSV or Parquet: a row for each person and view, without coordinates."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_whole
from lfhpe_mmpose.tags.persons import parse_box, person_tags, person_views
from lfhpe_mmpose.tags.tag_file import TagFile

from .coco import check
from .source import missing_package
from .table_read import BOX_COLUMNS, FORMULA

_ID_COLUMNS = ('image_id', 'person')
COLUMNS = ('image', 'image_id', 'image_width', 'image_height', 'person', 'view', *BOX_COLUMNS)


def write(tags: TagFile, path: str) -> None:
    """Write a tag file as a table.

    Args:
        tags: The tag file.
        path: The file; Parquet if it ends in ``.parquet``, otherwise CSV in UTF-8.

    Raises:
        UserError: If an entry is malformed, a keypoint is called like another column, or the
            file cannot be written.
    """
    import pandas as pd

    check(tags)
    names = tags.names()
    for name in names:
        if name in (*COLUMNS, 'bbox') or not _comes_back(name):
            fault = f'a keypoint is called {name!r}, which would be another column of a table.'
            raise UserError('unwritable-name', tags.path, fault, 'Rename it.')
    _check_cells(tags)
    rows, columns = list(_rows(tags, names)), [*COLUMNS, *names]
    is_parquet = Path(path).suffix == '.parquet'
    if not is_parquet:
        columns, *rows = [[guarded(cell) for cell in row] for row in (columns, *rows)]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    with write_whole(path) as part:
        if is_parquet:
            _write_parquet(frame, names, part, path)
        else:
            frame.to_csv(part, index=False, lineterminator='\r\n', encoding='utf-8')


def guarded(cell: Any) -> Any:
    """Put ' before a text that a spreadsheet would run as a formula; reading takes it off."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def _check_cells(tags: TagFile) -> None:
    """Refuse ids and file names that would come back as others."""
    for part, entries in (('images', tags.images), ('annotations', tags.annotations)):
        seen: dict[str, int | str] = {}
        for i, entry in enumerate(entries):
            where = f'{tags.path}: {part}[{i}]'
            for key in ('id', 'file_name')[: 2 if part == 'images' else 1]:
                text = str(entry[key])
                if not text or not _comes_back(text):
                    fault = f'{entry[key]!r} would not come back the same from a table.'
                    raise UserError('unwritable-name', f'{where}.{key}', fault, 'Rename it.')
            other = seen.setdefault(str(entry['id']), entry['id'])
            if len(seen) <= i:
                fault = f'a table cannot tell {entry["id"]!r} from {other!r}.'
                raise UserError('duplicate-id', f'{where}.id', fault, 'Renumber one of them.')


def _comes_back(text: str) -> bool:
    """Whether a table holds a text as it is: no outer space, no half of a character."""
    return text == text.strip() and text == text.encode('utf-8', 'ignore').decode('utf-8')


def _rows(tags: TagFile, names: Sequence[str]) -> Iterator[list[Any]]:
    images = tags.images_by_id()
    for annotation, where in tags.with_index():
        image = images[annotation['image_id']]
        size = [round(image['width']), round(image['height'])]
        about: list[Any] = [image['file_name'], image['id'], *size, annotation['id']]
        box: Sequence[Any] = [None] * 4
        if 'bbox' in annotation:
            box = parse_box(annotation['bbox'], f'{where}.bbox')
        given: Any = person_tags(annotation, names, where)
        yield [*about, 0, *box, *(given or [None] * len(names))]
        for v, (view, view_tags) in enumerate(person_views(annotation, names, where), 1):
            yield [*about, v, *view, *view_tags]


def _write_parquet(frame: Any, names: Sequence[str], part: Path, path: str) -> None:
    for column in _ID_COLUMNS:
        frame[column] = frame[column].map(str)
    try:
        import pyarrow
    except ImportError:
        raise missing_package(path, 'pyarrow', 'parquet', 'Or use CSV.') from None
    kinds = dict(
        image=pyarrow.string(),
        image_id=pyarrow.string(),
        image_width=pyarrow.int64(),
        image_height=pyarrow.int64(),
        person=pyarrow.string(),
        view=pyarrow.int64(),
        **{column: pyarrow.float64() for column in BOX_COLUMNS},
        **{name: pyarrow.int8() for name in names},
    )
    frame.to_parquet(part, engine='pyarrow', index=False, schema=pyarrow.schema(kinds.items()))
