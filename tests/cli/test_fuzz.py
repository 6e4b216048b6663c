"""Damaged files and odd values in every command: a message and a status, never a traceback."""

import os
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.cli import COMMANDS, _module, make_parser
from lfhpe_mmpose.tags import load_tag_file
from tests.tiny_model import make_tiny_model

from .calling import status_of, write_tiny_cfg

# A call that works, by command. Words in braces are files of the folder, which are damaged.
CALLS = {
    'plan': 'plan {images} --out round2 --keypoints a,b --boxes {boxes.csv} --views 2',
    'plan again': 'plan {images} --out round3 --like {tags.json} --whole-images --done '
    '{tags.json}',
    'import table': 'import table {table.csv} --out new.json --image-root images',
    'import plan': 'import table {round1/questions.csv} --plan {round1/plan.json} --out new.json',
    'import coco': 'import coco {tags.json} --out new.json --tags-only',
    'import label-studio': 'import label-studio {tasks.json} --out new.json --keypoints a,b',
    'import cvat': 'import cvat {cvat.xml} --out new.json',
    'check': 'check {tags.json} --images {images} --report r.json --metainfo {keypoints.py}',
    'stats': 'stats {tags.json} --json',
    'split': 'split {tags.json} --out parts --lists {list.txt}',
    'merge': 'merge {tags.json} {other.json} --out new.json',
    'subset': 'subset {tags.json} --out new.json --images {list.txt} --max-persons 2',
    'metainfo': 'metainfo {tags.json} --out new.py',
    'export-labels': 'export-labels table {tags.json} --out new.csv',
    'export-predictions': 'export-predictions {few.json} --model {model.py} --weights {model.pth} '
    '--format coco --images {people} --out new.json',
    'prepare': 'prepare lspet --source {source} --out prepared',
    'new-config': 'new-config {tags.json} --images {images} --out my --val {other.json} '
    '--start none',
    'train': 'train {tiny.py} --work-dir run --cfg-options train_cfg.max_epochs=0',
    'test': 'test {tiny.py} {tiny.pth} --work-dir run',
    'publish': 'publish {tiny.pth} published.pth',
    'browse': 'browse {tiny.py} --number 1 --out-dir browse',
    'list-located': 'list-located {tiny.py} --out located.csv',
    'pseudo-locate': 'pseudo-locate {tiny.py} --weights {tiny.pth} --out pseudo.json',
    'cases': 'cases {tiny.py} --weights {tiny.pth} --ranks 0.5',
    'predict': 'predict {model.py} {images} --weights {model.pth} --out found.jsonl --resume',
    'models': 'models',
    'study': 'study {study.py} --list',
}
# Whose options are tried one by one as well: those that end soon.
LIGHT = [
    *('plan', 'import table', 'import coco', 'check', 'stats', 'split', 'merge', 'subset'),
    *('metainfo', 'export-labels', 'new-config', 'publish', 'models', 'study'),
]
DAMAGE = {
    'missing': None,
    'empty': b'',
    'text': b'hello\n',
    'binary': bytes(range(256)) * 8,
    'not UTF-8': b'{"images": ["\xff\xfe"]}',
    'list': b'[1, null, {}]',
    'numbers': b'{"images": 1e400, "annotations": -1, "categories": {"id": 1e30}}',
    'nested': b'{"images": [{"id": {}, "file_name": 7, "width": false}], "annotations": [[]], '
    b'"categories": [{"id": 1, "keypoints": [1, 2], "skeleton": [1, 2]}]}',
}
VALUES = ['', '-1', '0', 'nan', os.fsdecode(b'\xff'), '.', 'x' * 300, 'none.json', 'a=b', ',']


@pytest.fixture(scope='module')
def inputs(tmp_path_factory, people, trained) -> Path:
    """A folder with everything that the calls read."""
    folder = tmp_path_factory.mktemp('inputs')
    rng = np.random.default_rng(0)
    (folder / 'images').mkdir()
    for name in 'abc':
        image = rng.integers(0, 255, (60, 50, 3), np.uint8)
        cv2.imwrite(str(folder / 'images' / f'{name}.png'), image)
    (folder / 'source').mkdir()
    (folder / 'boxes.csv').write_text('image,x,y,width,height\na.png,1,1,40,50\nb.png,0,0,9,9\n')
    (folder / 'list.txt').write_text('a.png\n')
    before = Path.cwd()
    os.chdir(folder)
    try:
        plan = 'plan images --out round1 --keypoints a,b --whole-images --views 2'
        assert status_of(*plan.split()) == 0
        path = folder / 'round1' / 'questions.csv'
        lines = path.read_text().splitlines()
        # Commas at the end of a row are its empty answers.
        answered = [row.replace(',,', (',1,0', ',0,1')[i % 2]) for i, row in enumerate(lines)]
        path.write_text('\n'.join(answered))
        answers = 'import table round1/questions.csv --plan round1/plan.json --out tags.json'
        assert status_of(*answers.split()) == 0
        shutil.copy('tags.json', 'other.json')
        for kind, name in [('table', 'table.csv'), ('label-studio', 'tasks.json')]:
            assert status_of('export-labels', kind, 'tags.json', '--out', name) == 0
        assert status_of('export-labels', 'cvat', 'tags.json', '--out', 'cvat.xml') == 0
        assert status_of('metainfo', 'tags.json', '--out', 'keypoints.py') == 0
    finally:
        os.chdir(before)
    write_tiny_cfg(folder, people)
    shutil.copy(trained[1], folder / 'tiny.pth')
    (folder / 'people').symlink_to(people / 'val')
    few = load_tag_file(people / 'annotations' / 'person_keypoints_val.json')
    few.annotations = few.annotations[:3]
    few.save(folder / 'few.json')
    model = make_tiny_model(folder, 14)
    shutil.copy(model.config, folder / 'model.py')
    shutil.copy(model.weights, folder / 'model.pth')
    (folder / 'study.py').write_text(
        "base = 'tiny.py'\nsplit = 'x'\nrecipes = dict(ours=dict(note='x'))\n"
        "runs = [dict(recipes=['ours'], fractions=[0], views=[2], seeds=[0])]\n"
    )
    return folder


@contextmanager
def at_most(seconds: int):
    """Fail instead of hanging."""

    def stop(*_):
        raise TimeoutError(f'no end after {seconds} s')

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def words_of(call: str) -> list[str]:
    """The words of a call without braces."""
    return call.replace('{', '').replace('}', '').split()


def files_of(call: str) -> list[str]:
    """The files in braces, once."""
    return list(dict.fromkeys(w.strip('{}') for w in call.split() if w.startswith('{')))


@pytest.fixture
def folder(inputs, tmp_path, monkeypatch) -> Path:
    """A copy of the inputs, as the working directory."""
    work = tmp_path / 'work'
    shutil.copytree(inputs, work, symlinks=True)
    monkeypatch.chdir(work)
    return work


def test_every_command_has_a_call():
    """But for those that need minutes."""
    minutes = {'demo', 'benchmark', 'measure-predict'}
    assert {call.split()[0] for call in CALLS.values()} == {*COMMANDS} - minutes


@pytest.mark.parametrize('name', [n for n in CALLS if n not in ('prepare', 'train')])
def test_the_calls_work(folder, name):
    """What is damaged below is what makes the difference."""
    if name == 'import label-studio':
        pytest.skip('the exported tasks hold no answers')
    with at_most(120):
        assert status_of(*words_of(CALLS[name])) == 0


@pytest.mark.parametrize('name', CALLS)
def test_damaged_files(folder, name, capfd):
    """One file after the other is damaged in each way."""
    call = CALLS[name]
    for file in files_of(call):
        path = folder / file
        whole = folder / 'whole'
        for kind, content in DAMAGE.items():
            shutil.move(path, whole)
            if content is not None:
                path.write_bytes(content)
            with at_most(120):
                status = status_of(*words_of(call))
            assert status in (0, 1, 2), (file, kind)
            err = capfd.readouterr().err
            assert 'Traceback' not in err, (file, kind, err)
            assert status or err or kind in ('empty', 'text', 'list'), (file, kind)
            if path.exists():
                path.unlink() if path.is_file() else shutil.rmtree(path)
            shutil.move(whole, path)
        assert not list(folder.rglob('*.part*')), file


@pytest.mark.parametrize('name', LIGHT)
def test_odd_values(folder, name, capfd):
    """Each option gets each odd value, and each argument."""
    command, *rest = words_of(CALLS[name])
    parser = make_parser(command, _module(command))
    options = [
        a.option_strings[-1]
        for a in parser._actions
        if a.option_strings and a.nargs != 0 and a.dest not in ('help', 'device')
    ]
    calls = [[*rest, f'{option}={value}'] for option in options for value in VALUES]
    places = [i for i, word in enumerate(rest) if not word.startswith('--')]
    calls += [[*rest[:i], value, *rest[i + 1 :]] for i in places for value in VALUES]
    for words in calls:
        with at_most(120):
            status = status_of(command, *words)
        err = capfd.readouterr().err
        assert status in (0, 1, 2) and 'Traceback' not in err, (words, err)
        for made in ('my', 'round2', 'parts'):
            shutil.rmtree(folder / made, ignore_errors=True)
