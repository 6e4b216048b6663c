"""DeepLabCut's labels (``CollectedData_*.csv`` and ``.h5``) as located persons.

Rows are images and columns are bodyparts. The header has three rows (scorer, bodyparts, coords),
or four with several animals (individuals). Lightning Pose writes the same form. HDF5 is read
without pandas' reader, which unpickles what a file holds.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile

from .answers import DEFAULT_WORDS, AnswerWords
from .builder import TagFileBuilder, choose_names, parse_number
from .plan_answers import refuse_plan
from .source import missing_package, size_in
from .table_read import read_csv

_LEVELS = ('scorer', 'individuals', 'bodyparts', 'coords')
_UNIQUE = 'single'  # DeepLabCut's individual of bodyparts that belong to no animal
_GIVE_CSV = 'Give the CollectedData CSV file beside it.'


class _Labels(NamedTuple):
    """Labels of one file: place, image, and x, y by individual and bodypart of each row."""

    rows: list[tuple[str, str, dict[tuple[str, str], tuple[Any, Any]]]]
    parts: list[tuple[str, str]]


def read(
    path: str,
    names: Sequence[str] | None = None,
    plan: TagFile | None = None,
    words: AnswerWords = DEFAULT_WORDS,
    conflicts: str = 'error',
    image_root: str | None = None,
) -> TagFile:
    """Read one CollectedData file, or all CSV files of a project folder.

    ``image_root`` is the project folder; by default it is found from the place of the file
    (``labeled-data/<video>/CollectedData_<scorer>.csv``).
    """
    del words, conflicts  # coordinates in place of answers
    refuse_plan(plan, path)
    files = sorted(map(str, Path(path).rglob('CollectedData_*.csv'))) or [path]
    found = [(file, _load(file)) for file in files]
    own = dict.fromkeys(b for _, labels in found for i, b in labels.parts if i != _UNIQUE)
    builder = TagFileBuilder(choose_names(names, list(own), path), path, 'animal')
    for file, labels in found:
        root = image_root or str(Path(os.path.abspath(file)).parents[2])
        for where, image, cells in labels.rows:
            size = size_in(root, image, where)
            _add(builder, builder.image(image, size, where), cells, size, where)
    return builder.finish()


def _add(
    builder: TagFileBuilder,
    image_id: int | str,
    cells: dict[tuple[str, str], tuple[Any, Any]],
    size: tuple[int, int],
    where: str,
) -> None:
    """Add the animals of one image."""
    for individual in dict.fromkeys(individual for individual, _ in cells):
        if individual == _UNIQUE:
            builder.left_out['bodyparts that belong to no animal'] += 1
            continue
        keypoints: list[float] = []
        for name in builder.names:
            x, y = cells.get((individual, name), ('', ''))
            if (x == '') != (y == ''):
                fault = 'one of x and y is missing.'
                raise UserError('malformed', f'{where}: {name!r}', fault, 'Complete or empty it.')
            at = f'{where}: {name!r}'
            point = (0.0, 0.0, 0) if x == '' else (parse_number(x, at), parse_number(y, at), 2)
            keypoints += point
        if any(keypoints[2::3]):  # an animal that is not in this image has no row of its own
            builder.located(image_id, keypoints, size)


def _load(file: str) -> _Labels:
    head, columns, images, values = _from_h5(file) if file.endswith('.h5') else _from_csv(file)
    levels = [str(level).lower() for level in head]
    if levels not in (['scorer', 'bodyparts', 'coords'], list(_LEVELS)):
        fault = f'the header has the rows {", ".join(levels)}, not {", ".join(_LEVELS)}.'
        raise UserError('structure', file, fault, 'Give a CollectedData file of DeepLabCut.')
    about = [dict(zip(levels, column, strict=True)) for column in columns]
    if {column['coords'] for column in about} - {'x', 'y'}:
        fault = 'the file has a likelihood: it holds predictions, not labels.'
        raise UserError('structure', file, fault, 'Give a CollectedData file of DeepLabCut.')
    scorers = list(dict.fromkeys(column['scorer'] for column in about))
    if len(scorers) > 1:
        fault = f'the file has several scorers: {", ".join(scorers)}.'
        raise UserError('several-labels', file, fault, 'Keep one of them.')
    keys = [(column.get('individuals', ''), column['bodyparts']) for column in about]
    rows = []
    for number, (image, row) in enumerate(zip(images, values, strict=True), len(levels) + 1):
        where = f'{file}: row {number}'
        cells: dict[tuple[str, str], dict[str, Any]] = {}
        for key, column, value in zip(keys, about, row, strict=True):
            plain = '' if str(value).strip().lower() in ('', 'nan') else value
            if cells.setdefault(key, {}).setdefault(column['coords'], plain) is not plain:
                fault = f'the bodypart {key[1]!r} comes twice.'
                raise UserError('columns', file, fault, 'Remove one.')
        rows.append(
            (where, image, {k: (c.get('x', ''), c.get('y', '')) for k, c in cells.items()})
        )
    return _Labels(rows, list(dict.fromkeys(keys)))


_Parts = tuple[list[str], list[tuple[str, ...]], list[str], list[list[Any]]]


def _from_csv(file: str) -> _Parts:
    """Names of the header rows, columns, images and cells of a CSV file."""
    frame, _ = read_csv(file)
    if frame.isna().any(axis=None):
        row = int(frame.index[frame.isna().any(axis=1)][0]) + 1
        remedy = 'Export it from DeepLabCut again.'
        raise UserError('damaged', f'{file}: row {row}', 'the row is too short.', remedy)
    rows = frame.to_numpy().tolist()
    high = next((i for i, row in enumerate(rows) if str(row[0]).lower() == 'coords'), 0) + 1
    head, body = rows[:high], rows[high:]
    # The name of the image has one column, or three: labeled-data, video, image.
    wide = next((i for i, cell in enumerate(head[-1]) if i and cell), 1)
    columns = list(zip(*(row[wide:] for row in head), strict=True))
    images = ['/'.join(map(str, row[:wide])).replace('\\', '/') for row in body]
    return [row[0] for row in head], columns, images, [row[wide:] for row in body]


def _from_h5(file: str) -> _Parts:
    """The same of pandas' HDF5 file in its 'fixed' format."""
    try:
        import h5py
    except ImportError:
        raise missing_package(file, 'h5py', 'deeplabcut', _GIVE_CSV) from None
    try:
        with h5py.File(file) as content:
            groups = [group for group in content.values() if 'block0_values' in group]
            if len(groups) != 1:
                fault = 'the HDF5 file holds no table in a form that can be read safely.'
                raise UserError('structure', file, fault, _GIVE_CSV)
            group = groups[0]
            head, columns = _axis(group, 'axis0')
            _, index = _axis(group, 'axis1')
            cells: dict[tuple[str, ...], list[Any]] = {}
            for i in range(len(columns)):  # a block for each type of number
                if f'block{i}_values' in group:
                    _, items = _axis(group, f'block{i}_items')
                    values = group[f'block{i}_values'][()].T.tolist()
                    cells.update(zip(items, values, strict=True))
            rows = list(map(list, zip(*(cells[column] for column in columns), strict=True)))
    except (OSError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, UserError):
            raise
        fault = f'the HDF5 file is damaged, or of another form ({error}).'
        raise UserError('damaged', file, fault, _GIVE_CSV) from None
    images = ['/'.join(entry).replace('\\', '/') for entry in index]
    return head, columns, images, rows


def _axis(group: Any, name: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """Names of the levels of an axis, and its entries."""
    if name in group:
        return [''], [(text,) for text in _texts(group[name])]
    levels = list(_levels(group, name))
    return [level for level, _ in levels], list(zip(*(texts for _, texts in levels), strict=True))


def _levels(group: Any, name: str) -> Iterator[tuple[str, list[str]]]:
    for i in range(len(_LEVELS)):
        if f'{name}_level{i}' in group:
            level = group[f'{name}_level{i}']
            texts = _texts(level)
            title = level.attrs.get('name', b'')
            codes = group[f'{name}_label{i}'][()].tolist()
            plain = title.decode() if isinstance(title, bytes) else str(title)
            yield plain, [texts[code] for code in codes]


def _texts(dataset: Any) -> list[str]:
    if dataset.dtype.kind != 'S':  # anything else may be a pickle
        raise ValueError(f'{dataset.name} does not hold text')
    return [text.decode('utf-8') for text in dataset[()].tolist()]
