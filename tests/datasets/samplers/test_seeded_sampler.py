"""Tests of augmentation that does not depend on the workers."""

import pickle

import pytest
import torch
from mmengine.runner import Runner

from lfhpe_mmpose.datasets.samplers.seeded_sampler import SeededIndex, SeededSampler

SHARE = dict(type='LocatedShareSampler', share=0.4)


def epochs(cfg, workers: int, sampler: dict) -> list[list]:
    """Pictures and labels of the batches of two epochs."""
    loader_cfg = cfg.train_dataloader.copy()
    loader_cfg.num_workers = workers
    loader_cfg.persistent_workers = workers > 0
    loader_cfg.batch_size = 8
    loader_cfg.sampler = sampler
    loader_cfg.collate_fn = dict(type='tagged_collate')
    loader = Runner.build_dataloader(loader_cfg, seed=5)
    out = []
    for epoch in range(2):
        loader.sampler.set_epoch(epoch)
        out.append([(b['inputs'], b['data_samples'].labels['keypoint_tags']) for b in loader])
    return out


def equal(a: list, b: list) -> bool:
    """Whether two epochs are the same to the last bit."""
    return all(torch.equal(x, y) for one, two in zip(a, b, strict=True) for x, y in zip(one, two))


class TestSeededSampler:
    """Real loaders of synthetic people, with every augmentation of the recipe."""

    @pytest.mark.parametrize('inner', [None, SHARE])
    @pytest.mark.parametrize('unlimited', [False, True])
    def test_workers_change_nothing(self, tiny_cfg, inner, unlimited):
        """0, 1 and 3 workers: the same batches; another epoch: others."""
        door = tiny_cfg.train_dataloader.dataset.pipeline[0]
        door.update(fraction=0.3, views=3, unlimited=unlimited)
        sampler = dict(type='SeededSampler', sampler=inner)
        first, second = epochs(tiny_cfg, 0, sampler)
        assert not equal(first, second)
        for workers in (1, 3):
            again = epochs(tiny_cfg, workers, sampler)
            assert equal(first, again[0]) and equal(second, again[1])

    def test_without_it_they_do(self, tiny_cfg):
        """MMEngine's seeds of workers give other pictures: the test above can fail."""
        sampler = dict(type='DefaultSampler', shuffle=True)
        one, three = (epochs(tiny_cfg, workers, sampler)[0] for workers in (1, 3))
        assert not equal(one, three)

    def test_order_and_repeats(self):
        """The order is the inner sampler's; a person that comes twice is drawn twice."""

        class Inner(list):
            def set_epoch(self, epoch):
                self.epoch = epoch

        sampler = SeededSampler(range(3), dict(type='DefaultSampler', shuffle=False), seed=1)
        assert list(sampler) == [0, 1, 2] and len(sampler) == 3
        sampler.sampler = Inner([0, 1, 0])
        sampler.set_epoch(4)
        assert sampler.sampler.epoch == 4
        seeds = [index.seed for index in sampler]
        assert len(set(seeds)) == 3 and seeds == [index.seed for index in sampler]
        sampler.set_epoch(5)
        assert not set(seeds) & {index.seed for index in sampler}

    @pytest.mark.parametrize(
        'wrapper',
        [
            lambda part: dict(type='mmengine.ConcatDataset', datasets=[part, part]),
            lambda part: dict(type='mmengine.RepeatDataset', dataset=part, times=2),
            lambda part: dict(
                type='CombinedDataset',
                metainfo=dict(from_file='configs/_base_/datasets/coco.py'),
                datasets=[part, part],
                sample_ratio_factor=[0.7, 1.3],
            ),
        ],
        ids=['concat', 'repeat', 'combined'],
    )
    def test_wrapped(self, tiny_cfg, wrapper):
        """The same for data sets in a wrapper, also one that draws which sample it takes."""
        tiny_cfg.train_dataloader.dataset = wrapper(tiny_cfg.train_dataloader.dataset.to_dict())
        one, three = (epochs(tiny_cfg, n, dict(type='SeededSampler'))[0] for n in (0, 3))
        assert equal(one, three)

    def test_pickle(self):
        """The seed survives the way to a worker."""
        index = pickle.loads(pickle.dumps(SeededIndex(3, 7)))
        assert index == 3 and index.seed == 7
