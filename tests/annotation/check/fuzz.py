"""Damaged tag files, and whether the checker and the data set agree about them.

``python -m tests.annotation.check.fuzz 20000`` tries that many files and prints what differs.
"""

import copy
import json
import random
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.annotation.check import CheckOptions, Report, check_tag_file
from lfhpe_mmpose.annotation.metainfo import make_metainfo
from lfhpe_mmpose.datasets.tagged_coco_dataset import TaggedCocoDataset
from lfhpe_mmpose.errors import UserError

from .files import NAMES, good

VALUES = [None, True, False, 0, 1, -1, 7, 0.5, 1e300, 10**30, float('nan'), '', 'text', '1']
VALUES += [[], [1], [[]], {}, {'a': 1}, {'nose': 1}]
# More values for random places.
MORE = [2, 3, -0.0, 1.0, 1e9, 2e6, float('inf'), 'nose', 'second', '\ud800', 'a\0b', '../x.jpg']
MORE += [
    [1, 0, 1],
    [0, 0, 5, 5],
    [10, 20, 30, 40],
    [1, 0, -1, 0],
    [1, 2, 2] * 3,
    [0] * 9,
    10**4000,
]
# Errors of the checker in files that the data set reads: the tags teach nothing, the numbers do
# not fit, or the data set does not need the value.
READABLE = {
    *('never-present', 'never-absent', 'never-tagged', 'no-persons', 'no-flip-pair'),
    *('box-outside', 'view-outside', 'point-outside', 'box-fraction', 'point-fraction'),
    *('box-corners', 'duplicate-key', 'skeleton', 'flip-pairs', 'no-keypoints'),
}


def places(value, path=()):
    """Paths to everything in a value."""
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from places(inner, (*path, key))


def replaced(data, path, value):
    """A value with something else in one place; `places` removes it."""
    if not path:
        return value
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    if value is places:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return data


def damaged(rng: random.Random) -> bytes:
    """A file with one to three faults: other values, lost and doubled entries, other bytes."""
    data: Any = good()
    for _ in range(rng.randint(1, 3)):
        every = [path for path in places(data) if path]
        if not every:
            break
        path = rng.choice(every)
        what = rng.randrange(6)
        if what == 0:
            data = replaced(data, path, places)
        elif what == 1:
            source: Any = data
            for key in rng.choice(every):
                source = source[key]
            data = replaced(data, path, copy.deepcopy(source))
        else:
            data = replaced(data, path, copy.deepcopy(rng.choice([*VALUES, *MORE])))
    text = bytearray(json.dumps(data, indent=rng.choice([None, 1])).encode())
    if rng.random() < 0.2:
        for _ in range(rng.randint(1, 3)):
            damage_bytes(text, rng)
    return bytes(text)


def damage_bytes(data: bytearray, rng: random.Random) -> None:
    """Turn a bit, take bytes out, or put some in."""
    k = rng.randrange(len(data))
    what = rng.randrange(4)
    if what == 0:
        data[k] ^= 1 << rng.randrange(8)
    elif what == 1 and len(data) > 40:
        del data[k : k + rng.randint(1, 30)]
    elif what == 2:
        data[k:k] = rng.choice([b'"', b'[', b'}', b',', b'\\', b'NaN', b'\0', b'1e999'])
    else:
        j = rng.randrange(len(data))
        data[k:k] = data[j : j + rng.randint(1, 60)]


def reading(path) -> str:
    """How the data set reads a file: '' or the code of its error, or a traceback's last line."""
    try:
        dataset = TaggedCocoDataset(
            ann_file=str(path),
            metainfo=make_metainfo(NAMES),
            lazy_init=False,
            serialize_data=False,
        )
        for i in range(len(dataset)):
            if not np.isfinite(dataset.get_data_info(i)['bbox']).all():
                return 'a box is not finite'
    except UserError as error:
        return error.code
    except Exception as error:
        return f'{type(error).__name__}: {error}'
    return ''


def disagreement(path) -> tuple[str, Report]:
    """What the checker and the data set do not agree about; '' if they do."""
    report = check_tag_file(path, CheckOptions(max_shown=2))
    report.text().encode('utf-8')
    json.dumps(report.to_dict()).encode('utf-8')
    codes = {found.kind.code for found in report.findings.of('error')}
    read = reading(path)
    if ': ' in read or ' ' in read:
        return f'the data set fails with {read}', report
    if read and not codes:
        return f'the data set refuses what the checker passes: {read}', report
    if not read and codes - READABLE:
        return f'the data set reads what the checker refuses: {sorted(codes - READABLE)}', report
    return '', report


def main(number: int) -> int:
    """Try files, print what differs, and return how many did."""
    warnings.simplefilter('ignore')
    rng = random.Random(0)
    found: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'tags.json')
        for i in range(number):
            data = damaged(rng)
            path.write_bytes(data)
            text, report = disagreement(path)
            codes.update(report.findings.codes() or {'valid'})
            if text and not found[text]:
                print(f'file {i}: {text}\n{data.decode(errors="replace")}\n', flush=True)
            found[text] += bool(text)
    print(', '.join(f'{code} {n}' for code, n in codes.most_common()))
    print(f'tag files: {number} files tried, {sum(found.values())} lost')
    return sum(found.values())


if __name__ == '__main__':
    sys.exit(bool(main(int(sys.argv[1]))))
