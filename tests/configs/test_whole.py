"""The two steps of training from one tag set for the whole person."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mmengine.config import Config

from tests.conftest import ROOT

from .recipes import LAYOUTS, WHOLE, lay_out

SCRIPT = Path(__file__).with_name('run_recipe.py')
LOCAL = [path for path in WHOLE if path.stem.endswith('_whole-local')]
FULL = [path for path in WHOLE if path.stem.endswith('_whole-full')]


def names(paths):
    """Ids of the tests."""
    return [path.stem for path in paths]


@pytest.mark.parametrize('path', WHOLE, ids=names(WHOLE))
def test_one_tag_set_and_no_location(path):
    """The first step withholds all locations and gives one view, the whole person."""
    cfg = Config.fromfile(path)
    door = cfg.train_dataloader.dataset.pipeline[0]
    assert door.type == 'WithholdLocations'
    assert door.fraction == cfg.location_fraction == 0
    assert door.views == cfg.views_per_person == 1
    assert door.get('whole_person', True)


@pytest.mark.parametrize('path', FULL, ids=names(FULL))
def test_full_is_the_family_with_pseudo_locations(path):
    """Step 2 has the model, schedule and augmentation of the other recipes."""
    cfg = Config.fromfile(path).to_dict()
    base = Config.fromfile(path.with_stem(path.stem.replace('_whole-full', '_loc0'))).to_dict()
    for each in (cfg, base):
        each.pop('views_per_person')
        each['train_dataloader']['dataset']['pipeline'][0].pop('views')
        each.pop('train_pipeline')
    step = cfg['train_dataloader']['dataset']['pipeline'].pop(1)
    assert step['type'] == 'LoadPseudoLocations' and step['min_score'] == 0
    assert cfg == base


def test_local_recipes_differ_in_the_data_alone():
    """One setting for people and animals; about as many steps."""
    people, animals = (Config.fromfile(path).to_dict() for path in sorted(LOCAL, reverse=True))
    assert people['max_epochs'] == 6 and animals['max_epochs'] == 10
    assert abs(9000 // 32 * 6 - 4823 // 32 * 10) < 200
    for cfg in (people, animals):
        for key in ('data_root', 'dataset_type', 'metainfo', 'max_epochs', 'train_cfg'):
            cfg.pop(key, None)
        cfg['param_scheduler'][1].pop('end')
        cfg['param_scheduler'][1].pop('T_max')
        for evaluator in (*cfg['val_evaluator'], *cfg['test_evaluator']):
            evaluator.pop('group', None)  # people have no species
        for key in ('out_channels', 'metainfo'):
            cfg['model']['head'].pop(key)
        for key in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
            cfg[key]['dataset'] = cfg[key]['dataset']['pipeline']
    assert people == animals


def test_local_training_step(people, tmp_path):
    """Step 1 in a process of its own: the head alone is trained, by tags alone."""
    (path,) = [p for p in LOCAL if 'lspet' in p.stem]
    data = lay_out('lspet', people, tmp_path / 'lspet')
    env = {**os.environ, LAYOUTS['lspet']['variable']: str(data), 'OMP_NUM_THREADS': '1'}
    env['PYTHONPATH'] = os.pathsep.join(filter(None, [str(ROOT), env.get('PYTHONPATH')]))
    command = [sys.executable, str(SCRIPT), str(path), 'result.json']
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-4000:]
    result = json.loads((tmp_path / 'result.json').read_text())
    assert result['finite'] and result['parts'] == ['head']
    assert set(result['losses']) == {'loss', 'tag_loss_local', 'tag_loss_background'}
    assert {sample['inputs'][-1] for sample in result['train']} == {160}
    assert set(result['metrics']) >= LAYOUTS['lspet']['metrics'] | {'category/mAP'}
