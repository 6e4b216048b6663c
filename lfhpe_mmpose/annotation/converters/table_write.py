"""A tag file as a table, CSV or Parquet: a row for each person and view.

No coordinate is written.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile, parse_box, person_tags, person_views

from .coco import check
from .files import write_whole

_NUMBERS = ('x', 'y', 'width', 'height')
COLUMNS = ('image', 'image_id', 'image_width', 'image_height', 'person', 'view', *_NUMBERS)


def write(tags: TagFile, path: str) -> None:
    """Write a tag file as a table.

    Args:
        tags (TagFile): The tag file.
        path (str): The file; Parquet where it ends in ``.parquet``, otherwise CSV in UTF-8.

    Raises:
        UserError: If an entry is malformed, a keypoint is called like another column, or the
            file cannot be written.
    """
    check(tags)
    names = tags.names()
    for name in names:
        if name in (*COLUMNS, 'bbox') or name != name.strip():
            raise UserError(
                f'{tags.path}: a keypoint is called {name!r}, which a table cannot tell from its '
                'other columns. Rename it.'
            )
    _check_cells(tags)
    rows = tqdm(_rows(tags, names), desc=path, unit=' rows', disable=None)
    with write_whole(path) as part:
        if Path(path).suffix == '.parquet':
            _write_parquet(part, rows, names, path)
        else:
            with open(part, 'w', encoding='utf-8', newline='') as file:
                writer = csv.writer(file)
                writer.writerow([*COLUMNS, *names])
                writer.writerows(rows)


def _check_cells(tags: TagFile) -> None:
    """Refuse ids and file names that would come back as others."""
    for part, entries in (('images', tags.images), ('annotations', tags.annotations)):
        seen: dict[str, int | str] = {}
        for i, entry in enumerate(entries):
            for key in ('id', 'file_name')[: 2 if part == 'images' else 1]:
                text = str(entry[key])
                if not text or text != text.strip():
                    raise UserError(
                        f'{tags.path}: {part}[{i}].{key} is {entry[key]!r}; a table cannot hold '
                        'spaces at its ends. Rename it.'
                    )
            text = str(entry['id'])
            if text in seen:
                raise UserError(
                    f'{tags.path}: {part}[{i}].id is {entry["id"]!r}, and another is '
                    f'{seen[text]!r}; a table cannot tell them apart. Renumber one.'
                )
            seen[text] = entry['id']


def _rows(tags: TagFile, names: list[str]) -> Iterator[list[Any]]:
    images = tags.images_by_id()
    empty: list[Any] = [None] * 4
    no_answers: list[Any] = [None] * len(names)
    for annotation, where in tags.with_index():
        image = images[annotation['image_id']]
        about: list[Any] = [
            image['file_name'],
            image['id'],
            round(image['width']),
            round(image['height']),
            annotation['id'],
        ]
        box = parse_box(annotation['bbox'], f'{where}.bbox') if 'bbox' in annotation else empty
        given = person_tags(annotation, names, where)
        yield [*about, 0, *box, *(given or no_answers)]
        for v, (view, view_tags) in enumerate(person_views(annotation, names, where), 1):
            yield [*about, v, *view, *view_tags]


def _write_parquet(part: Path, rows: Iterator[list[Any]], names: list[str], path: str) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UserError(
            f'{path}: Parquet needs a package that is not installed: pip install '
            'pyarrow. Or write a file that ends in .csv.'
        ) from None
    kinds = dict(
        image=pyarrow.string(),
        image_id=pyarrow.string(),
        image_width=pyarrow.int64(),
        image_height=pyarrow.int64(),
        person=pyarrow.string(),
        view=pyarrow.int64(),
        **{k: pyarrow.float64() for k in _NUMBERS},
    )
    fields = [(c, kinds[c]) for c in COLUMNS] + [(name, pyarrow.int8()) for name in names]
    schema = pyarrow.schema(fields)
    with parquet.ParquetWriter(part, schema) as writer:
        for chunk in _chunks(rows, 10_000):
            columns = [list(column) for column in zip(*chunk)]
            for i in (COLUMNS.index('image_id'), COLUMNS.index('person')):
                columns[i] = [str(v) for v in columns[i]]
            writer.write_table(pyarrow.table(columns, schema=schema))


def _chunks(rows: Iterator[list[Any]], size: int) -> Iterator[list[list[Any]]]:
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
