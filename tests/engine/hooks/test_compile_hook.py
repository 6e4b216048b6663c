"""Tests of compiled training."""

import torch
from torch._dynamo.utils import counters

from .training import history, train


class TestCompileHook:
    """Training with torch.compile."""

    def test_one_graph_for_an_epoch(self, tiny_cfg, tmp_path):
        """No break, no second compilation, and the losses of an ordinary training."""
        # 48 persons: four batches of 10 and one of 8.
        options = {'train_dataloader.batch_size': 10, 'train_dataloader.drop_last': False}
        plain = train(tiny_cfg, tmp_path / 'plain', **options)
        torch._dynamo.reset()
        counters.clear()
        hook = dict(type='CompileHook', backend='eager', fullgraph=True)
        runner = train(tiny_cfg, tmp_path / 'compiled', custom_hooks=[hook], **options)
        assert counters['stats']['unique_graphs'] == 1
        assert not counters['graph_break']
        assert len(history(runner)['train/loss']) == 5
        assert history(runner) == history(plain)
        assert runner.model.state_dict().keys() == plain.model.state_dict().keys()
        # Other modes go on as before.
        maps = runner.model(torch.zeros(1, 3, 96, 96), None, mode='tensor')
        assert maps.ndim == 4 and counters['stats']['unique_graphs'] == 1
