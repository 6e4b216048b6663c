"""tools/test.py as a user calls it."""

import copy
import json

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS, MODELS

from lfhpe_mmpose.engine.hooks.plain_checkpoint_hook import to_plain

from .conftest import run


@pytest.fixture(scope='module')
def checkpoint(tiny):
    """A checkpoint as the training writes it, of random weights."""
    init_default_scope('mmpose')
    cfg = Config.fromfile(tiny)
    meta = DATASETS.build(cfg.test_dataloader.dataset).metainfo
    path = tiny.parent / 'epoch_1.pth'
    content = dict(
        state_dict=MODELS.build(copy.deepcopy(cfg.model)).state_dict(),
        meta=dict(dataset_meta=to_plain(meta)),
    )
    torch.save(content, path)
    return path


class TestTest:
    """A test of a checkpoint."""

    def test_metrics(self, tiny, checkpoint):
        """Metrics, predictions and pictures are written, from the short options of `mim`."""
        result = run(
            'test.py', tiny, checkpoint, '--launcher', 'none', '--work-dir', 'test',
            '--out', 'metrics.json', '--dump', 'predictions.pkl', '--show-dir', 'pictures',
            cwd=tiny.parent,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr[-3000:]
        assert 'guessing' in result.stdout and 'lie within 0.2 of' in result.stdout
        metrics = json.loads((tiny.parent / 'metrics.json').read_text())
        assert 0 <= metrics['pck@0.2/PCK'] <= 1
        assert 0 <= metrics['category/mAP'] <= 1
        assert (tiny.parent / 'predictions.pkl').is_file()
        assert len(list((tiny.parent / 'test').rglob('pictures/*'))) == 16
