"""One call of every command, and the files for it."""

import os
import shutil
from pathlib import Path

import cv2
import numpy as np

from lfhpe_mmpose.annotation.asking import AskSession
from lfhpe_mmpose.tags import load_tag_file
from tests.tiny_model import make_tiny_model

from .calling import status_of, write_tiny_cfg

# A call that works, by command. Words in braces are files that it reads, and % stands before what
# it writes.
CALLS = {
    'plan': 'plan {images} --out %round2 --keypoints a,b --boxes {boxes.csv} --views 2',
    'plan again': 'plan {images} --out %round3 --like {tags.json} --whole-images --done '
    '{tags.json}',
    'ask': 'ask {tags.json} --images {images} --journal {answers.jsonl} --export %new.json',
    'import table': 'import table {table.csv} --out %new.json --image-root images',
    'import plan': 'import table {round1/questions.csv} --plan {round1/plan.json} --out %new.json',
    'import coco': 'import coco {tags.json} --out %new.json --tags-only',
    'import label-studio': 'import label-studio {tasks.json} --out %new.json --keypoints a,b',
    'import cvat': 'import cvat {cvat.xml} --out %new.json',
    'check': 'check {tags.json} --images {images} --report %r.json --metainfo {keypoints.py}',
    'audit': 'audit lfhpe_res18_lspet-128x128_loc0 {few.json} --images {people} --out %audit',
    'stats': 'stats {tags.json} --json',
    'split': 'split {tags.json} --out %parts --lists {list.txt}',
    'merge': 'merge {tags.json} {other.json} --out %new.json',
    'subset': 'subset {tags.json} --out %new.json --images {list.txt} --max-persons 2',
    'metainfo': 'metainfo {tags.json} --out %new.py',
    'export-labels': 'export-labels table {tags.json} --out %new.csv',
    'export-predictions': 'export-predictions {few.json} --model {model.py} --weights {model.pth} '
    '--format coco --images {people} --out %new.json',
    'prepare': 'prepare lspet --source {source} --out %prepared',
    'new-config': 'new-config {tags.json} --images {images} --out %my --val {other.json} '
    '--start none',
    'train': 'train {tiny.py} --work-dir %run --cfg-options train_cfg.max_epochs=0',
    'test': 'test {tiny.py} {tiny.pth} --work-dir %run',
    'calibrate': 'calibrate {tiny.py} {few.json} --images {people} --weights {tiny.pth} '
    '--out %calibrated.pth',
    'publish': 'publish {tiny.pth} %published.pth',
    'browse': 'browse {tiny.py} --number 1 --out-dir %browse',
    'list-located': 'list-located {tiny.py} --out %located.csv',
    'pseudo-locate': 'pseudo-locate {tiny.py} --weights {tiny.pth} --out %pseudo.json',
    'cases': 'cases {tiny.py} --weights {tiny.pth} --ranks 0.5 --out %cases.png',
    'predict': 'predict {model.py} {images} --weights {model.pth} --out %found.jsonl --resume',
    'models': 'models',
    'curves': 'curves {trained} --out %curves.png',
    'study': 'study {study.py} --list',
}


def words_of(call: str, out: str = '') -> list[str]:
    """The words of a call, with a folder before what it writes."""
    return call.replace('{', '').replace('}', '').replace('%', out).split()


def files_of(call: str) -> list[str]:
    """The files in braces, once."""
    return list(dict.fromkeys(w.strip('{}') for w in call.split() if w.startswith('{')))


def write_inputs(folder: Path, people: Path, checkpoint: Path) -> None:
    """Write everything that the calls read.

    Args:
        people: Synthetic people of LSP's keypoints.
        checkpoint: Of a run of ``write_tiny_cfg``.
    """
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
        with AskSession('tags.json', 'answers.jsonl', images='images') as session:
            question = session.next('a')
            session.answer('a', question.id, [1] * len(question.keypoints), 1.0)
        for kind, name in [('table', 'table.csv'), ('label-studio', 'tasks.json')]:
            assert status_of('export-labels', kind, 'tags.json', '--out', name) == 0
        assert status_of('export-labels', 'cvat', 'tags.json', '--out', 'cvat.xml') == 0
        assert status_of('metainfo', 'tags.json', '--out', 'keypoints.py') == 0
    finally:
        os.chdir(before)
    write_tiny_cfg(folder, people)
    shutil.copy(checkpoint, folder / 'tiny.pth')
    (folder / 'people').symlink_to(people / 'val')
    few = load_tag_file(people / 'annotations' / 'person_keypoints_val.json')
    few.annotations = few.annotations[:3]
    few.save(folder / 'few.json')
    model = make_tiny_model(folder, 14)
    shutil.copy(model.config, folder / 'model.py')
    shutil.copy(model.weights, folder / 'model.pth')
    (folder / 'trained' / 'now' / 'vis_data').mkdir(parents=True)
    log = folder / 'trained' / 'now' / 'vis_data' / 'scalars.json'
    log.write_text(
        '{"loss": 2.0, "iter": 10, "step": 10}\n{"loss": 1.5, "iter": 20, "step": 20}\n'
    )
    (folder / 'study.py').write_text(
        "base = 'tiny.py'\nsplit = 'x'\nrecipes = dict(ours=dict(note='x'))\n"
        "runs = [dict(recipes=['ours'], fractions=[0], views=[2], seeds=[0])]\n"
    )
