"""Tests of the sampler that gives located persons a share of every batch."""

import math
from collections import Counter
from types import SimpleNamespace

import pytest
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmpose.registry import DATASETS

from lfhpe_mmpose.datasets.samplers import LocatedShareSampler, located_share_sampler
from tests.refusal import refuses
from tests.test_location_blindness import CHANGES, rewrite

ANN_FILE = 'annotations/person_keypoints_train.json'


def build(people, fraction=0.04, **changes):
    """The 48 synthetic persons, a share of them located."""
    init_default_scope('mmpose')
    cfg = dict(
        type='LspExtendedDataset',
        data_root=str(people),
        ann_file=ANN_FILE,
        data_prefix=dict(img='train/'),
        pipeline=[dict(type='WithholdLocations', fraction=fraction)],
    )
    return DATASETS.build({**cfg, **changes})


@pytest.fixture(scope='module')
def dataset(people):
    """A few located persons among 48."""
    return build(people)


def located_of(dataset) -> set[int]:
    """The located persons, as WithholdLocations marks them."""
    return {i for i in range(len(dataset)) if dataset[i]['located'][0]}


def located_in(order, located, size=8) -> list[int]:
    """Number of located persons in each batch."""
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    return [sum(i in located for i in batch) for batch in batches]


def dealt(dataset, monkeypatch, world_size, share, seed, epoch) -> list[list[int]]:
    """The order of each process."""
    orders = []
    for rank in range(world_size):
        info = (rank, world_size)
        monkeypatch.setattr(located_share_sampler, 'get_dist_info', lambda i=info: i)
        sampler = LocatedShareSampler(dataset, share, seed)
        sampler.set_epoch(epoch)
        orders.append(list(sampler))
    monkeypatch.setattr(located_share_sampler, 'get_dist_info', lambda: (0, 1))
    return orders


class TestShare:
    """How many located persons there are, and where."""

    @pytest.mark.parametrize(
        ('share', 'numbers'), [(0.125, {1}), (0.25, {2}), (0.3, {2, 3}), (0.5, {4})]
    )
    def test_every_batch_has_its_share(self, dataset, share, numbers):
        """Each batch of 8 has it, in every epoch; batches differ by one person at most."""
        located = located_of(dataset)
        assert 0 < len(located) < 6
        for seed in range(5):
            order = list(LocatedShareSampler(dataset, share, seed))
            assert len(order) == 48
            assert set(located_in(order, located)) == numbers
            assert sum(located_in(order, located)) == round(share * 48)

    @pytest.mark.parametrize('fraction', [0.04, 0.3, 1.0])
    def test_default_share(self, people, fraction):
        """By default the share in a batch is the square root of that in the data."""
        dataset = build(people, fraction)
        located = located_of(dataset)
        order = list(LocatedShareSampler(dataset, seed=0))
        number = sum(i in located for i in order)
        assert number == round(math.sqrt(len(located) / 48) * 48)
        assert number > len(located) or fraction == 1

    def test_person_without_coordinates(self, people):
        """A person without coordinates in the file is not located, whatever its ids say."""
        dataset = build(people, 1.0)
        get = dataset.get_data_info
        dataset.get_data_info = lambda i: dict(get(i), has_locations=i >= 40)
        order = list(LocatedShareSampler(dataset, 1.0, 0))
        assert set(order) == set(range(40, 48))

    def test_greater_share_stays(self, people):
        """Where more are located than asked for, every person comes once."""
        dataset = build(people, 0.5)
        for share in (0, 0.125):
            order = list(LocatedShareSampler(dataset, share, 0))
            assert sorted(order) == list(range(48)) and order != sorted(order)
        numbers = located_in(order, located_of(dataset))
        assert max(numbers) - min(numbers) <= 1

    def test_located_only(self, dataset):
        """With a share of 1 there are located persons alone, in an epoch of the same length."""
        sampler = LocatedShareSampler(dataset, 1.0, 0)
        order = list(sampler)
        assert len(order) == len(sampler) == 48
        assert set(order) == located_of(dataset)

    def test_nobody_located(self, people):
        """A share of 0 needs nobody; every person comes once."""
        assert sorted(LocatedShareSampler(build(people, 0.0), 0, 0)) == list(range(48))

    def test_repeats_are_spread_over_persons(self, dataset):
        """A tagged person comes once at most, the located ones equally often."""
        located = located_of(dataset)
        counts = Counter(LocatedShareSampler(dataset, 0.5, 0))
        tagged = [n for i, n in counts.items() if i not in located]
        often = [counts[i] for i in located]
        assert set(tagged) == {1} and len(tagged) == 24
        assert max(often) - min(often) <= 1 and sum(often) == 24

    def test_order_is_random(self, dataset):
        """Neither kind comes in the order of the file."""
        located = located_of(dataset)
        order = list(LocatedShareSampler(dataset, 0.5, 0))
        first = list(dict.fromkeys(i for i in order if i in located))
        tagged = [i for i in order if i not in located]
        assert first != sorted(first) and tagged != sorted(tagged)


class TestSeed:
    """What the order depends on."""

    def test_epoch(self, dataset):
        """Each epoch has an order and tagged persons of its own, and has them again."""
        sampler = LocatedShareSampler(dataset, 0.5, 7)
        orders = []
        for epoch in (0, 1, 0):
            sampler.set_epoch(epoch)
            orders.append(list(sampler))
        assert orders[0] == orders[2] != orders[1]
        assert set(orders[0]) != set(orders[1])

    def test_seed(self, dataset, monkeypatch):
        """The seed makes the order; without one all processes share a random one."""
        orders = [list(LocatedShareSampler(dataset, 0.25, seed)) for seed in (3, 3, 4)]
        assert orders[0] == orders[1] != orders[2]
        monkeypatch.setattr(located_share_sampler, 'sync_random_seed', lambda: 4)
        assert list(LocatedShareSampler(dataset, 0.25)) == orders[2]

    @pytest.mark.parametrize('change', ['nan', 'noise'])
    def test_no_coordinate_is_read(self, dataset, people, tmp_path, change):
        """Other withheld coordinates give the same order."""
        path = tmp_path / 'changed.json'
        assert rewrite(people / ANN_FILE, path, 0.04, CHANGES[change]) > 40
        changed = build(people, ann_file=str(path))
        for share in (0.25, 1.0):
            orders = [list(LocatedShareSampler(d, share, 0)) for d in (dataset, changed)]
            assert orders[0] == orders[1]


class TestProcesses:
    """Several processes share an epoch."""

    @pytest.mark.parametrize(('world_size', 'share'), [(2, 0.25), (2, 0.5), (6, 0.125)])
    def test_partition(self, dataset, monkeypatch, world_size, share):
        """Together they have the epoch of one process, and each has its share."""
        located = located_of(dataset)
        whole = Counter(LocatedShareSampler(dataset, share, 0))
        parts = dealt(dataset, monkeypatch, world_size, share, 0, 0)
        for part in parts:
            assert len(part) == 48 // world_size
            assert set(located_in(part, located)) == {8 * share}
        assert Counter(i for part in parts for i in part) == whole

    @pytest.mark.parametrize('world_size', [2, 4])
    @pytest.mark.parametrize('share', [0.125, 0.3, 0.5, 1.0])
    def test_batches_together(self, dataset, monkeypatch, world_size, share):
        """All processes' batches together hold what one process's larger batch holds."""
        located, size = located_of(dataset), 12 // world_size
        orders = []
        for epoch in (0, 1, 0):
            whole = LocatedShareSampler(dataset, share, 5)
            whole.set_epoch(epoch)
            whole = list(whole)
            parts = dealt(dataset, monkeypatch, world_size, share, 5, epoch)
            for i in range(4):
                together = [p for part in parts for p in part[i * size : (i + 1) * size]]
                assert sorted(together) == sorted(whole[12 * i : 12 * (i + 1)])
            for part in parts:
                for number in located_in(part, located, size):
                    assert math.floor(share * size) <= number <= math.ceil(share * size)
            orders.append(parts)
        assert orders[0] == orders[2] != orders[1]

    @pytest.mark.parametrize('share', [0.25, 1.0])
    def test_accumulated_batches(self, dataset, monkeypatch, share):
        """Two batches of 4 of a process, accumulated, have the share of one of 8."""
        located = located_of(dataset)
        for part in dealt(dataset, monkeypatch, 2, share, 0, 0):
            halves = located_in(part, located, 4)
            assert set(halves) == {4 * share}
            assert [a + b for a, b in zip(halves[::2], halves[1::2])] == [8 * share] * 3

    @pytest.mark.parametrize(('indices', 'world_size'), [(47, 2), (46, 4), (45, 4)])
    def test_padding(self, people, monkeypatch, indices, world_size):
        """Where persons do not divide evenly, nobody is left out, and the first come twice."""
        dataset = build(people, indices=indices)
        whole = list(LocatedShareSampler(dataset, 0.25, 0))
        parts = dealt(dataset, monkeypatch, world_size, 0.25, 0, 0)
        assert {len(part) for part in parts} == {math.ceil(indices / world_size)}
        more = Counter(i for part in parts for i in part)
        more.subtract(whole)
        assert min(more.values()) == 0 and sum(more.values()) == -indices % world_size
        located = located_of(dataset)
        for kind in (True, False):
            order = [i for i in whole if (i in located) == kind]
            padded = sum(n for i, n in more.items() if (i in located) == kind)
            assert {i for i, n in more.items() if n and (i in located) == kind} == set(
                order[:padded]
            )


class TestMistakes:
    """Each has a code."""

    @pytest.mark.parametrize('share', [-0.1, 1.5, float('nan')])
    def test_options(self, dataset, share):
        """An invalid share, and a fixed order."""
        with refuses('option', 'share'):
            LocatedShareSampler(dataset, share)
        with refuses('option', 'shuffle'):
            LocatedShareSampler(dataset, shuffle=False)
        LocatedShareSampler(dataset, shuffle=True)

    def test_nobody_located(self, people):
        """A share of nobody."""
        with refuses('none-located'):
            LocatedShareSampler(build(people, 0.0))

    def test_no_withholding_step(self, people):
        """A pipeline without it, with something before it, and no data set."""
        steps = [dict(type='LoadImage'), dict(type='WithholdLocations', fraction=0.5)]
        others = ([1, 2], SimpleNamespace(pipeline=None))
        for data in (build(people, pipeline=steps), build(people, pipeline=[]), *others):
            with refuses('pipeline', 'LocatedShareSampler'):
                LocatedShareSampler(data)


class TestTraining:
    """In MMEngine's runner."""

    def test_every_step_has_located_persons(self, tiny_cfg, monkeypatch):
        """Each step of two epochs has a location loss, and the second has another order."""
        cfg = tiny_cfg
        cfg.train_dataloader.dataset.pipeline[0].fraction = 0.1
        cfg.train_dataloader.sampler = dict(type='LocatedShareSampler', share=0.25)
        cfg.train_cfg = dict(by_epoch=True, max_epochs=2)
        for key in ('val_cfg', 'val_dataloader', 'val_evaluator'):
            cfg[key] = None
        cfg.custom_hooks = []
        cfg.experiment_name = f'share-{cfg.work_dir}'
        runner = Runner.from_cfg(cfg)
        losses = []
        step = runner.model.parse_losses

        def record(values):
            losses.append(values['loc_loss_heatmap'].item())
            return step(values)

        monkeypatch.setattr(runner.model, 'parse_losses', record)
        runner.train()
        assert len(losses) == 12 and min(losses) > 0
        assert runner.train_dataloader.sampler.epoch == 1
