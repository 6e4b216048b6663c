"""Tests of how samples become a batch."""

import torch
from mmengine.registry import FUNCTIONS
from torch.utils.data import DataLoader

from lfhpe_mmpose.datasets import tagged_collate
from lfhpe_mmpose.structures import TaggedBatch

from ..engine.hooks.training import train
from ..structures.test_tagged_batch import sample


class TestTaggedCollate:
    """The collate function."""

    def test_found_by_name(self):
        """A config names it as ``collate_fn=dict(type='tagged_collate')``."""
        assert FUNCTIONS.get('tagged_collate') is tagged_collate

    def test_batch(self):
        """Pictures in one tensor, labels in a batch."""
        items = [
            dict(inputs=torch.full((3, 4, 3), i, dtype=torch.uint8), data_samples=sample(i))
            for i in (1, 2)
        ]
        batch = tagged_collate(items)
        assert batch['inputs'].shape == (2, 3, 4, 3) and batch['inputs'].dtype == torch.uint8
        assert isinstance(batch['data_samples'], TaggedBatch)
        assert (batch['data_samples'].labels['heatmaps'][1] == 2).all()

    def test_from_a_worker(self):
        """A batch made in another process arrives whole."""
        items = [dict(inputs=torch.zeros(3, 4, 3), data_samples=sample(i)) for i in range(4)]
        loader = DataLoader(items, batch_size=2, num_workers=1, collate_fn=tagged_collate)
        numbers = [batch['data_samples'].labels['heatmaps'][:, 0, 0, 0] for batch in loader]
        assert torch.cat(numbers).tolist() == [0, 1, 2, 3]

    def test_training_is_the_same(self, tiny_cfg, tmp_path):
        """Losses and weights are those of MMEngine's list of samples, to the last bit."""
        results = []
        for name in ('pseudo_collate', 'tagged_collate'):
            changes = {'train_dataloader.collate_fn.type': name}
            runner = train(tiny_cfg, tmp_path / name, **changes)
            history = runner.message_hub.get_scalar('train/loss').data[0]
            results.append((history, runner.model.state_dict()))
        (first, weights), (second, others) = results
        assert len(first) > 2 and first.tolist() == second.tolist()
        assert all(torch.equal(value, others[name]) for name, value in weights.items())
