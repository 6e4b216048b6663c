"""Speed of loaders."""

import itertools

import pytest

from lfhpe_mmpose.benchmark import loader
from lfhpe_mmpose.benchmark.loader import LoaderRun, loader_config, rate
from lfhpe_mmpose.errors import UserError


def test_rate():
    """Batches read over the time it took, by a clock of a second a batch."""
    clock = itertools.count()
    stream = itertools.repeat(0)
    # Looked at: start 0, from the second batch on 1, 2, 3, and the end 4.
    assert rate(stream, 8, 3.0, 10**9, lambda: float(next(clock))) == 4 * 8 / 4
    assert rate(stream, 8, 0.0, 10**9, lambda: float(next(clock))) == 2 * 8 / 2


@pytest.mark.parametrize('workers', [0, 1])
def test_real_pipeline(configs, coco_people, workers, monkeypatch):
    """Pictures are loaded, also past the end of the data set."""
    cfg = loader_config(configs[0], str(coco_people))
    cfg['dataset'].update(ann_file='annotations/person_keypoints_train.json', indices=6)
    cfg['dataset']['data_prefix'] = dict(img='train/')
    run = LoaderRun(cfg)
    assert len(run.dataset) == 6
    assert run.measure(workers, 10.0, batches=2) > 0
    monkeypatch.setattr(loader, 'rate', lambda stream, *_: len(list(itertools.islice(stream, 9))))
    assert run.measure(workers, 1.0) == 9
    assert cfg['sampler']['type'] == 'DefaultSampler'


def test_mistakes(configs, tmp_path):
    """No data, no loader."""
    with pytest.raises(UserError, match='--data-root'):
        LoaderRun(loader_config(configs[0], str(tmp_path)))
    (tmp_path / 'none.py').write_text('a = 1')
    with pytest.raises(UserError, match='train_dataloader'):
        loader_config(str(tmp_path / 'none.py'), None)
